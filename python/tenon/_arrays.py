"""Arrays of several libraries, read in place and handed back as the same library's.

Whatever the caller passes becomes a *carrier*: a NumPy array over the caller's own memory (strides may be
negative or in any order, the memory may be read-only) whose bytes are values of a :class:`DType`. The
result's carrier becomes an array of the library of the first operand that belongs to one; a list or a
scalar belongs to none, and counts as NumPy's when all do.

No library is imported here: if the caller has an array of it, it is in ``sys.modules``.

Copies are made of: byte-swapped arrays, misaligned arrays, arrays whose strides are no multiple of the
element (a field of a record), and torch tensors with a pending conjugation or negation.
"""

from __future__ import annotations

import sys
from typing import Any, NamedTuple, Protocol

import numpy as np

from ._dtypes import ALL, BFLOAT16, DType, from_numpy, to_numpy

__all__ = ["JAX", "NUMPY", "READY", "TORCH", "Library", "Operand", "load", "overlaps"]


# The types whose arrays are their own carriers.
READY = {dtype.carrier: dtype for dtype in ALL if dtype is not BFLOAT16}


class Library(Protocol):
    """How results of one array library are made."""

    name: str

    def load(self, array: Any) -> Operand:
        """Reads an array of the library."""

    def wrap(self, carrier: np.ndarray, dtype: DType) -> Any:
        """The library's array over `carrier`'s memory."""


class Operand(NamedTuple):
    """An array as Tenon sees it."""

    carrier: np.ndarray
    dtype: DType
    library: Library | None  #: None for lists and scalars, which take the type of their surroundings


class _NumPy:
    name = "numpy"

    def load(self, array: np.ndarray) -> Operand:
        # A subclass may index in its own way: no dimension of an np.matrix can be dropped.
        array = np.asarray(array)
        dtype = READY.get(array.dtype)
        if dtype is not None:
            flags = array.flags
            if flags.c_contiguous and flags.aligned:
                return Operand(array, dtype, self)
        dtype = from_numpy(array.dtype)
        if dtype is BFLOAT16:
            if not array.dtype.isnative:
                array = array.astype(array.dtype.newbyteorder("="))
            array = array.view(np.uint16)
        elif not array.dtype.isnative:
            array = array.astype(dtype.carrier)
        if not array.flags.aligned or any(stride % dtype.itemsize for stride in array.strides):
            array = array.copy()
        return Operand(array, dtype, self)

    def wrap(self, carrier: np.ndarray, dtype: DType) -> Any:
        if dtype is BFLOAT16:
            carrier = carrier.view(to_numpy(dtype))
        # As numpy.einsum, a result of rank 0 is a scalar, and any other owns its memory.
        return carrier if carrier.ndim else carrier[()]


class _Torch:
    name = "torch"

    def load(self, tensor: Any) -> Operand:
        torch = sys.modules["torch"]
        if tensor.device.type != "cpu":
            raise TypeError(f"a torch tensor is on the device {tensor.device}; Tenon reads CPU tensors: use .cpu()")
        if tensor.layout != torch.strided:
            raise TypeError(f"a torch tensor has the layout {tensor.layout}; Tenon reads strided ones: use .to_dense()")
        if tensor.requires_grad:
            if torch.is_grad_enabled():
                raise TypeError(
                    "a torch tensor requires grad, and Tenon does not record gradients: use .detach() "
                    "or torch.no_grad()"
                )
            tensor = tensor.detach()
        tensor = tensor.resolve_conj().resolve_neg()
        if tensor.dtype == torch.bfloat16:
            return Operand(tensor.view(torch.int16).numpy().view(np.uint16), BFLOAT16, self)
        try:
            array = tensor.numpy()
        except (RuntimeError, TypeError) as error:
            raise TypeError(f"a torch tensor of dtype {tensor.dtype} is not supported: {error}") from None
        return Operand(array, from_numpy(array.dtype), self)

    def wrap(self, carrier: np.ndarray, dtype: DType) -> Any:
        torch = sys.modules["torch"]
        if dtype is BFLOAT16:
            return torch.from_numpy(carrier.view(np.int16)).view(torch.bfloat16)
        return torch.from_numpy(carrier)


class _Jax:
    name = "jax"

    def load(self, array: Any) -> Operand:
        jax = sys.modules["jax"]
        if isinstance(array, jax.core.Tracer):
            raise TypeError("Tenon cannot be traced: call it outside of jax.jit, grad and vmap")
        platforms = {device.platform for device in array.devices()}
        if platforms != {"cpu"}:
            raise TypeError(f"a JAX array is on {', '.join(sorted(platforms))}; Tenon reads arrays on the CPU")
        return NUMPY.load(np.asarray(array))._replace(library=self)

    def wrap(self, carrier: np.ndarray, dtype: DType) -> Any:
        # JAX takes 32 bits for 64 unless jax_enable_x64 is set; this is its rule for all its results.
        jax = sys.modules["jax"]
        values = carrier.view(to_numpy(dtype)) if dtype is BFLOAT16 else carrier
        target = jax.dtypes.canonicalize_dtype(values.dtype)
        return jax.numpy.asarray(values.astype(target, copy=False))


NUMPY = _NumPy()
TORCH = _Torch()
JAX = _Jax()


def library_of(array: Any) -> Library | None:
    """The library that `array` belongs to, if Tenon gives its results back as that library's."""
    if isinstance(array, np.ndarray):
        return NUMPY
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(array, torch.Tensor):
        return TORCH
    jax = sys.modules.get("jax")
    if jax is not None and isinstance(array, jax.Array):
        return JAX
    return None


def load(array: Any) -> Operand:
    """`array` as an Operand, without a copy where its memory can be read in place.

    Takes arrays of NumPy, torch (CPU) and JAX (CPU), anything with ``__dlpack__`` (CPU), the buffer
    protocol, ``__array_interface__`` or ``__array__``, and nested sequences of numbers. Raises TypeError
    for what is none of these or has an unsupported dtype, ValueError for ragged sequences.
    """
    if type(array) is np.ndarray:
        return NUMPY.load(array)
    library = library_of(array)
    if library is not None:
        return library.load(array)
    if hasattr(array, "__dlpack__") and not isinstance(array, np.generic):
        kind, _ = array.__dlpack_device__()
        if int(kind) != 1:
            raise TypeError(
                f"an array of type {type(array).__name__} is not on the CPU (DLPack device type {int(kind)})"
            )
        return NUMPY.load(np.from_dlpack(array))
    known = hasattr(array, "dtype") or hasattr(array, "__array_interface__")
    return NUMPY.load(np.asarray(array))._replace(library=NUMPY if known else None)


def overlaps(out: np.ndarray, carriers: list[np.ndarray]) -> bool:
    """Whether writing `out` may change one of `carriers`."""
    return any(np.may_share_memory(out, carrier) for carrier in carriers)
