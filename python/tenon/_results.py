"""Where results go: new arrays, or the caller's ``out=``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np

from ._arrays import JAX, NUMPY, TORCH, Library, Operand, library_of, overlaps
from ._dtypes import Casting, DType, can_cast, convert
from ._errors import naming
from ._kept_memory import empty_for
from ._meeting import meeting

__all__ = ["Placement", "Prepared", "compute", "prepare_all"]


class Placement(NamedTuple):
    """Where a result goes."""

    shape: tuple[int, ...]
    dtype: DType
    out: Any  #: the caller's array, or None
    order: str  #: memory order of a new array: C, F, A, or K, which is C
    casting: Casting  #: what may convert the result to `out`'s dtype


class Prepared(NamedTuple):
    """Where a run writes a result, and how the caller gets it."""

    values: np.ndarray  #: of the result's carrier type; overlaps no operand and no other result
    hand_over: Callable[[np.ndarray], Any]  #: makes what the caller gets of the finished values, mostly `values`


def prepare(
    operands: Sequence[Operand], place: Placement, neighbours: Sequence[np.ndarray] | None = None
) -> Prepared:
    """Memory for a result, which `place` says where to put.

    Without `out` it is a new array of the first operand's library. With `out` it goes there, and `out` is
    returned: ValueError for another shape or a read-only array, TypeError for another dtype to which the
    result does not cast, and for what is no array. `neighbours` is memory that a run must not overwrite with this
    result, as far as it is near `out`; by default the operands'.
    """
    shape, dtype, out, order, casting = place
    if out is None:
        library: Library = next((x.library for x in operands if x.library is not None), NUMPY)
        values = empty_for(shape, dtype.carrier)(shape, dtype.carrier, _memory_order(order, operands))
        return Prepared(values, lambda finished: library.wrap(finished, dtype))

    target = _writable(out)
    if target.carrier.shape != shape:
        raise ValueError(f"out has the shape {target.carrier.shape}; the result has {shape}")
    if target.dtype is not dtype and not can_cast(dtype, target.dtype, casting):
        raise TypeError(
            f"out has dtype {target.dtype}, to which the result's {dtype} does not cast under casting={casting!r}"
        )
    in_place = target.dtype is dtype and np.may_share_memory(target.carrier, _memory(out))
    taken = [x.carrier for x in operands] if neighbours is None else list(neighbours)
    if in_place and not overlaps(target.carrier, taken) and not _repeats(target.carrier):

        def keep(finished: np.ndarray) -> Any:
            if finished is not target.carrier:
                target.carrier[...] = finished
            return out

        return Prepared(target.carrier, keep)

    def copy(finished: np.ndarray) -> Any:
        _memory(out)[...] = convert(finished, dtype, target.dtype)
        return out

    return Prepared(empty_for(shape, dtype.carrier)(shape, dtype.carrier), copy)


def prepare_all(operands: Sequence[Operand], places: Sequence[Placement]) -> list[Prepared]:
    """Memory for several results of one run; see `prepare`. Messages name them by their positions.

    ValueError where two of them have an element in common, or that cannot be told. Takes the time of `meeting`, and time
    for each pair that it finds.
    """
    memories: dict[int, np.ndarray] = {}
    for number, place in enumerate(places):
        if place.out is not None:
            with naming(f"result {number}"):
                _writable(place.out)
            memories[number] = _memory(place.out)
    neighbours: dict[int, list[np.ndarray]] = {number: [] for number in memories}
    if memories:
        for first, second in meeting(memories, [x.carrier for x in operands]):
            if isinstance(second, int):
                _check_apart(first, second, memories)
                neighbours[second].append(memories[first])
                neighbours[first].append(memories[second])
            else:
                neighbours[first].append(second)
    prepared = []
    for number, place in enumerate(places):
        with naming(f"result {number}"):
            prepared.append(prepare(operands, place, neighbours.get(number)))
    return prepared


def compute(
    run: Callable[[np.ndarray], None],
    operands: Sequence[Operand],
    place: Placement,
    finish: Callable[[np.ndarray], np.ndarray] = lambda values: values,
) -> Any:
    """Lets `run` write a result, applies `finish` to it and hands it over as the caller wants it; see `prepare`."""
    values, hand_over = prepare(operands, place)
    run(values)
    return hand_over(finish(values))


# What numpy.shares_memory may try.
_MOST_TRIES = 1_000_000


def _check_apart(first: int, second: int, memories: Mapping[int, np.ndarray]) -> None:
    """Raises ValueError unless two results have no element in common."""
    first, second = sorted((first, second))
    try:
        if not np.shares_memory(memories[first], memories[second], max_work=_MOST_TRIES):
            return
    except RuntimeError:  # numpy.exceptions.TooHardError, which older versions have elsewhere
        raise ValueError(
            f"out has interleaved memory for the results {first} and {second}, of which it cannot be told whether they "
            "have an element in common: give each an array of its own"
        ) from None
    raise ValueError(f"out has one memory for the results {first} and {second}: give each an array of its own")


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
