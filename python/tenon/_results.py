"""Where results go: new arrays, or the caller's ``out=``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np

from ._arrays import JAX, NUMPY, TORCH, Library, Operand, library_of, overlaps
from ._dtypes import Casting, DType, can_cast, convert
from ._kept_memory import empty_for

__all__ = ["Placement", "compute"]


class Placement(NamedTuple):
    """Where a result goes."""

    shape: tuple[int, ...]
    dtype: DType
    out: Any  #: the caller's array, or None
    order: str  #: memory order of a new array: C, F, A, or K, which is C
    casting: Casting  #: what may convert the result to `out`'s dtype


def compute(
    run: Callable[[np.ndarray], None],
    operands: Sequence[Operand],
    place: Placement,
    finish: Callable[[np.ndarray], np.ndarray] = lambda values: values,
) -> Any:
    """Lets `run` write a result, applies `finish` to it and hands it over as the caller wants it.

    Without `out` it is a new array of the first operand's library. With `out` it goes there, and `out` is
    returned: ValueError for another shape or a read-only array, TypeError for another dtype to which the
    result does not cast, and for what is no array.
    """
    shape, dtype, out, order, casting = place
    if out is None:
        library: Library = next((x.library for x in operands if x.library is not None), NUMPY)
        values = empty_for(shape, dtype.carrier)(shape, dtype.carrier, _memory_order(order, operands))
        run(values)
        return library.wrap(finish(values), dtype)

    target = _writable(out)
    if target.carrier.shape != shape:
        raise ValueError(f"out has the shape {target.carrier.shape}; the result has {shape}")
    if target.dtype is not dtype and not can_cast(dtype, target.dtype, casting):
        raise TypeError(
            f"out has dtype {target.dtype}, to which the result's {dtype} does not cast under casting={casting!r}"
        )
    in_place = target.dtype is dtype and np.may_share_memory(target.carrier, _memory(out))
    if in_place and not overlaps(target.carrier, [x.carrier for x in operands]) and not _repeats(target.carrier):
        run(target.carrier)
        finished = finish(target.carrier)
        if finished is not target.carrier:
            target.carrier[...] = finished
        return out
    values = empty_for(shape, dtype.carrier)(shape, dtype.carrier)
    run(values)
    _memory(out)[...] = convert(finish(values), dtype, target.dtype)
    return out


def _memory_order(order: str, operands: Sequence[Operand]) -> Literal["C", "F"]:
    if order == "A":
        fortran = all(x.carrier.flags.f_contiguous and not x.carrier.flags.c_contiguous for x in operands)
        return "F" if fortran else "C"
    return "F" if order == "F" else "C"


def _writable(out: Any) -> Operand:
    library = library_of(out)
    if library is JAX:
        raise TypeError("out is a JAX array, which cannot be written")
    if library is TORCH:
        if out.is_conj() or out.is_neg():
            raise ValueError("out is a torch tensor with a pending conjugation or negation: use a plain tensor")
        return TORCH.load(out)
    if library is not NUMPY:
        raise TypeError(f"out must be a NumPy array or a torch tensor, not {type(out).__name__}")
    if not out.flags.writeable:
        raise ValueError("out is read-only")
    return NUMPY.load(out)


def _memory(out: Any) -> np.ndarray:
    """A NumPy view of `out`'s own memory, to assign to: misaligned and byte-swapped arrays included."""
    if library_of(out) is TORCH:
        return TORCH.load(out).carrier
    return out.view(np.dtype(np.uint16).newbyteorder(out.dtype.byteorder)) if out.dtype.name == "bfloat16" else out


def _repeats(array: np.ndarray) -> bool:
    """Whether two elements of `array` may share memory (False is certain, True is not)."""
    reach = array.itemsize
    for stride, extent in sorted((abs(s), n) for s, n in zip(array.strides, array.shape) if n > 1):
        if stride < reach:
            return True
        reach = stride * (extent - 1) + reach
    return False
