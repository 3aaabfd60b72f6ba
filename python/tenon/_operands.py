"""Operands of expressions: how those of a call are read, and what is known of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ._arrays import Operand, load
from ._dtypes import DType, as_dtype, convert, to_numpy
from ._tenon import check_facts, fit_facts

__all__ = [
    "MadeForOperands",
    "check_statement",
    "describe",
    "hand_over",
    "kept_dimensions",
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


def _check_elements(operand: int, fact: str, carrier: np.ndarray, dtype: DType) -> None:
    wrong = check_facts(fact, carrier, dtype.code, dtype.unsigned)
    if wrong:
        raise ValueError(f"operand {operand}: its fact {wrong}")


class MadeForOperands:
    """What expressions have in common: operands of fixed shapes and dtypes, of which calls take those that are no
    constants, and facts, by position."""

    def __init__(
        self,
        shapes: Sequence[tuple[int, ...]],
        dtypes: Sequence[DType],
        constants: Mapping[int, Operand],
        facts: Mapping[int, str],
    ) -> None:
        self._shapes = tuple(shapes)
        self._dtypes = tuple(dtypes)
        self._facts = facts
        self._arguments = [k for k in range(len(shapes)) if k not in constants]

    @property
    def shapes(self) -> tuple[tuple[int, ...], ...]:
        """The shapes of the arrays that a call takes."""
        return tuple(self._shapes[k] for k in self._arguments)

    @property
    def dtypes(self) -> tuple[str, ...]:
        """The names of the dtypes of the arrays that a call takes."""
        return tuple(self._dtypes[k].name for k in self._arguments)

    def check_facts(self, *arrays: Any) -> None:
        """Checks what `facts` says of the operands against `arrays`, those of a call.

        Raises ValueError with the first fact that does not hold, and where. Calls themselves trust facts.
        """
        self._check(dict(zip(self._arguments, self._load(arrays))))

    def _check(self, operands: Mapping[int, Operand]) -> None:
        for k in sorted(self._facts.keys() & operands.keys()):
            _check_elements(k, self._facts[k], operands[k].carrier, self._dtypes[k])

    def _load(self, arrays: Sequence[Any]) -> list[Operand]:
        """The operands of a call. Lists and scalars are converted. TypeError and ValueError for what does not fit."""
        if len(arrays) != len(self._arguments):
            raise TypeError(f"the expression takes {len(self._arguments)} arrays, but {len(arrays)} were given")
        operands = []
        for k, array in zip(self._arguments, arrays):
            operand = load(array)
            expected = self._dtypes[k]
            if operand.library is None and operand.dtype is not expected:
                operand = load(np.asarray(array, dtype=to_numpy(expected)))._replace(library=None)
            if operand.carrier.shape != self._shapes[k]:
                raise ValueError(
                    f"operand {k} has the shape {operand.carrier.shape}; the expression was made for {self._shapes[k]}"
                )
            if operand.dtype is not expected:
                raise TypeError(
                    f"operand {k} has dtype {operand.dtype}; the expression was made for {expected}: "
                    "convert it, or make the expression with dtype="
                )
            operands.append(operand)
        return operands

    def _describe_operands(self) -> list[str]:
        arguments = set(self._arguments)
        return [
            describe(dtype, shape) + ("" if k in arguments else " (constant)")
            for k, (dtype, shape) in enumerate(zip(self._dtypes, self._shapes))
        ]
