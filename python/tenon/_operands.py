"""Operands of expressions: how those of a call are read, and what is known of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ._arrays import Operand, load
from ._dtypes import DType, as_dtype, convert, to_numpy
from ._tenon import check_facts, fit_facts

__all__ = [
    "check_elements",
    "check_statement",
    "describe",
    "hand_over",
    "kept_dimensions",
    "load_arguments",
    "made_from",
    "survives_scaling",
]


def made_from(dtype: Any, count: int) -> tuple[DType, ...]:
    """The operands' types that a ``dtype=`` of an expression states: one for all, or one for each."""
    if isinstance(dtype, (list, tuple)):
        if len(dtype) != count:
            raise ValueError(f"dtype lists {len(dtype)} dtypes; the expression has {count} operands")
        return tuple(map(as_dtype, dtype))
    return (as_dtype("float64" if dtype is None else dtype),) * count


def describe(dtype: DType, shape: Sequence[int]) -> str:
    """A type and a shape in few characters: float64[2x3]."""
    return f"{dtype}[{'x'.join(map(str, shape))}]"


def kept_dimensions(rank: int, dropped: Sequence[int]) -> tuple[Any, ...] | None:
    """What an array is indexed by to leave out the dimensions `dropped`, of extent 1; None where none is."""
    # The ellipsis keeps an array of rank 0 an array.
    return (*(0 if k in dropped else slice(None) for k in range(rank)), ...) if dropped else None


def load_arguments(
    arrays: Sequence[Any], arguments: Sequence[int], shapes: Sequence[tuple[int, ...]], dtypes: Sequence[DType]
) -> list[Operand]:
    """The operands of a call, which gives `arrays` for those at the positions `arguments` among `shapes` and `dtypes`.

    Lists and scalars are converted. Raises TypeError and ValueError for arrays that do not fit.
    """
    if len(arrays) != len(arguments):
        raise TypeError(f"the expression takes {len(arguments)} arrays, but {len(arrays)} were given")
    operands = []
    for k, array in zip(arguments, arrays):
        operand = load(array)
        expected = dtypes[k]
        if operand.library is None and operand.dtype is not expected:
            operand = load(np.asarray(array, dtype=to_numpy(expected)))._replace(library=None)
        if operand.carrier.shape != shapes[k]:
            raise ValueError(
                f"operand {k} has the shape {operand.carrier.shape}; the expression was made for {shapes[k]}"
            )
        if operand.dtype is not expected:
            raise TypeError(
                f"operand {k} has dtype {operand.dtype}; the expression was made for {expected}: "
                "convert it, or make the expression with dtype="
            )
        operands.append(operand)
    return operands


def check_statement(
    operand: int, fact: str, shape: tuple[int, ...], dtype: DType, handed_over: DType, dropped: Sequence[int]
) -> None:
    """Raises ValueError for a fact that cannot be stated of an operand: one that does not fit its shape, or would be
    about other numbers than those that are handed over as another type, without the dimensions `dropped`."""
    wrong = fit_facts(fact, shape, dtype.code)
    if wrong:
        raise ValueError(f"operand {operand}: {wrong}")
    if dropped:
        raise ValueError(f"operand {operand} has facts, and an extent of 1 that is broadcast: leave one of them out")
    if dtype is not handed_over:
        raise ValueError(
            f"operand {operand} has facts, and is converted from {dtype} to {handed_over}: facts are about "
            "the numbers that are computed with; give all operands one dtype"
        )


def survives_scaling(fact: str | None) -> bool:
    """Whether a fact that holds for a tensor holds for its multiples, too. Sums of an isometry are 1 for it alone."""
    return fact is None or not ("isometric" in fact or "permutation" in fact)


def hand_over(carrier: np.ndarray, selector: tuple[Any, ...] | None, source: DType, target: DType) -> np.ndarray:
    """What compiled code reads of an operand of type `source`; `selector` is that of kept_dimensions."""
    return convert(carrier if selector is None else carrier[selector], source, target)


def check_elements(operand: int, fact: str, carrier: np.ndarray, dtype: DType) -> None:
    """Raises ValueError where a fact does not hold for an operand's elements."""
    wrong = check_facts(fact, carrier, dtype.code, dtype.unsigned)
    if wrong:
        raise ValueError(f"operand {operand}: its fact {wrong}")
