"""Element types: what NumPy calls them, what the C API calls them, and how they combine.

Tenon computes in float16, bfloat16, float32, float64, complex64, complex128, bool, int8 … int64 and
uint8 … uint64. NumPy has no bfloat16 of its own; where such values travel through NumPy they do so as a
view of type uint16 (the *carrier*), and only the outermost layer gives them the name that the caller's
library uses.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

__all__ = ["ALL", "BFLOAT16", "BOOL", "DType", "Conversion", "accumulation", "as_dtype", "conversion", "promote"]


Casting = Literal["no", "equiv", "safe", "same_kind", "unsafe"]


@dataclass(frozen=True, eq=False)
class DType:
    """One element type. Instances are unique: compare them with ``is``."""

    name: str
    code: int  #: tenon_dtype of tenon-c/Runtime.h
    kind: str  #: NumPy's kind: b, i, u, f, c
    carrier: np.dtype  #: the NumPy type whose bytes hold the values

    @property
    def itemsize(self) -> int:
        """Bytes of one element."""
        return self.carrier.itemsize

    @property
    def unsigned(self) -> bool:
        """True for uint8 … uint64."""
        return self.kind == "u"

    def __repr__(self) -> str:
        return self.name


def _make(name: str, code: int, kind: str) -> DType:
    return DType(name, code, kind, np.dtype(np.uint16 if name == "bfloat16" else name))


ALL = [
    _make("float16", 1, "f"),
    _make("bfloat16", 2, "f"),
    _make("float32", 3, "f"),
    _make("float64", 4, "f"),
    _make("complex64", 5, "c"),
    _make("complex128", 6, "c"),
    _make("bool", 7, "b"),
    *(_make(f"{u}int{8 << k}", 8 + k, u or "i") for u in ("", "u") for k in range(4)),
]
_BY_NAME = {d.name: d for d in ALL}
_BY_KIND = {(d.kind, d.itemsize): d for d in ALL if d.name != "bfloat16"}

BOOL = _BY_NAME["bool"]
BFLOAT16 = _BY_NAME["bfloat16"]
FLOAT32 = _BY_NAME["float32"]

SUPPORTED = ", ".join(d.name for d in ALL)


def from_numpy(dtype: np.dtype) -> DType:
    """The element type of a NumPy array, of either byte order.

    Raises TypeError for a type that Tenon does not compute in (longdouble, object, strings, …).
    """
    found = _BY_KIND.get((dtype.kind, dtype.itemsize))
    if found is None and dtype.name == "bfloat16":
        found = BFLOAT16
    if found is None:
        raise TypeError(f"dtype {dtype} is not supported; Tenon computes in {SUPPORTED}: convert with astype")
    return found


def as_dtype(dtype: Any) -> DType:
    """The element type that a user names: a DType, a name, a NumPy, torch or JAX dtype.

    Raises TypeError for one that Tenon does not compute in.
    """
    if isinstance(dtype, DType):
        return dtype
    name = dtype if isinstance(dtype, str) else str(dtype).removeprefix("torch.")
    if name in _BY_NAME:
        return _BY_NAME[name]
    try:
        return from_numpy(np.dtype(dtype))
    except TypeError as error:
        if "not supported" in str(error):
            raise
        raise TypeError(f"{dtype!r} names no dtype; Tenon computes in {SUPPORTED}") from None


def to_numpy(dtype: DType) -> np.dtype:
    """The type that NumPy users know `dtype` by: ml_dtypes' for bfloat16.

    Raises TypeError for bfloat16 while ml_dtypes is not imported.
    """
    if dtype is not BFLOAT16:
        return dtype.carrier
    ml_dtypes = sys.modules.get("ml_dtypes")
    if ml_dtypes is None:
        raise TypeError("a NumPy array of bfloat16 needs the package ml_dtypes: import it first")
    return np.dtype(ml_dtypes.bfloat16)


_BFLOAT16_WITH = {
    name: _BY_NAME[result]
    for name, result in {
        "bfloat16": "bfloat16",
        "bool": "bfloat16",
        "int8": "bfloat16",
        "uint8": "bfloat16",
        "float32": "float32",
        "float64": "float64",
        "complex64": "complex64",
        "complex128": "complex128",
    }.items()
}


def promote(dtypes: list[DType]) -> DType:
    """The type that values of all `dtypes` promote to, by np.result_type's rules: the order does not matter.

    bfloat16 promotes as ml_dtypes has it, whether or not it is installed, and every other type must have a
    common one with it. Raises TypeError where there is none.
    """
    if all(dtype is dtypes[0] for dtype in dtypes):
        return dtypes[0]
    if BFLOAT16 in dtypes:
        for dtype in dtypes:
            if dtype.name not in _BFLOAT16_WITH:
                raise TypeError(f"bfloat16 and {dtype.name} have no common type: convert one of them, or pass dtype=")
        dtypes = [common for dtype in dtypes if (common := _BFLOAT16_WITH[dtype.name]) is not BFLOAT16]
        if not dtypes:
            return BFLOAT16
    # Not pairwise: int16 and uint16 alone promote to int32, but beside a float32 all of them do to float32.
    return from_numpy(np.result_type(*(dtype.carrier for dtype in dtypes)))


def accumulation(dtype: DType) -> DType:
    """The type in which a contraction with result type `dtype` multiplies and adds."""
    return FLOAT32 if dtype.kind == "f" and dtype.itemsize == 2 else dtype


def can_cast(source: DType, target: DType, casting: Casting) -> bool:
    """np.can_cast, for bfloat16 too."""
    if source is target:
        return True
    if BFLOAT16 not in (source, target):
        return np.can_cast(source.carrier, target.carrier, casting)
    if casting == "unsafe":
        return True
    if casting in ("no", "equiv"):
        return False
    if source is BFLOAT16:
        safe = target.name in ("float32", "float64", "complex64", "complex128")
        return safe or (casting == "same_kind" and target.kind in "fc")
    safe = source.name in ("bool", "int8", "uint8")
    return safe or (casting == "same_kind" and source.kind in "biuf")


def _widens(source: DType, target: DType) -> bool:
    """Whether compiled code reads `source` as `target` (docs/spec.md, Widening)."""
    if source is target or source.kind == "b" and target.kind in "iu":
        return True
    if source.kind == target.kind and source.kind in "iufc":
        return source.itemsize < target.itemsize
    return source.kind == "f" and target.kind == "c" and source.itemsize <= target.itemsize // 2


@dataclass(frozen=True)
class Conversion:
    """How operands of some types become operands of one contraction."""

    operands: tuple[DType, ...]  #: what each operand is handed over as
    accumulate: DType
    result: DType


def conversion(dtypes: list[DType], dtype: DType | None, casting: Casting) -> Conversion:
    """Decides the types of a contraction.

    `dtype` asks for a type of the computation; without it, it is the operands' common one. Every operand must
    cast to it under `casting`, as in numpy.einsum. An operand that compiled code can widen is handed over as it
    is; another is converted once, before the contraction. Raises TypeError where a cast is not allowed.
    """
    result = dtype or promote(dtypes)
    accumulate = accumulation(result)
    operands = []
    for position, source in enumerate(dtypes):
        if source is result:
            operands.append(source)
            continue
        if not can_cast(source, result, casting):
            if dtype is None:
                target, advice = f"the operands' common dtype {result}", "convert it, or pass casting='safe'"
            else:
                target, advice = f"dtype={dtype}", "pass a wider dtype, or casting='same_kind' or 'unsafe'"
            raise TypeError(
                f"operand {position} has dtype {source}, which does not cast to {target} under "
                f"casting={casting!r}: {advice}"
            )
        if can_cast(source, result, "safe") and _widens(source, accumulate):
            operands.append(source)
        elif can_cast(source, result, "safe") and accumulate is not result:
            operands.append(accumulate)
        else:
            operands.append(result)
    return Conversion(tuple(operands), accumulate, result)


def convert(values: np.ndarray, source: DType, target: DType) -> np.ndarray:
    """`values`, a carrier of `source`, as a carrier of `target`: a copy, rounded to nearest.

    Raises TypeError for a conversion to bfloat16 while ml_dtypes is not imported.
    """
    if source is target:
        return values
    if source is BFLOAT16:
        # A bfloat16 is the upper half of the float32 of the same value.
        values = (values.astype(np.uint32) << np.uint32(16)).view(np.float32)
    if target is BFLOAT16:
        return values.astype(to_numpy(BFLOAT16)).view(np.uint16)
    with np.errstate(over="ignore", invalid="ignore"):
        return values.astype(target.carrier)
