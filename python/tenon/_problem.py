"""An equation together with shapes: what is planned and compiled.

Indices are numbers here, by first appearance, so that equations which differ only in names share one
compiled network. Broadcasting is resolved: a dimension of extent 1 whose index is longer elsewhere is left
out of its operand, which is exactly what stretching it would compute, without the copies and without the
work.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from math import prod

from ._equation import Equation

__all__ = ["Problem", "make_problem"]


@dataclass(frozen=True)
class Problem:
    """A contraction of operands with known extents. Hashable; two equal problems compile alike."""

    inputs: tuple[tuple[int, ...], ...]  #: indices of each operand's remaining dimensions
    output: tuple[int, ...]
    extents: tuple[int, ...]  #: of each index
    dropped: tuple[tuple[int, ...], ...]  #: dimensions of each operand that broadcasting left out

    @property
    def output_shape(self) -> tuple[int, ...]:
        """The result's extents."""
        return tuple(self.extents[i] for i in self.output)

    def input_shape(self, operand: int) -> tuple[int, ...]:
        """Extents of an operand's remaining dimensions."""
        return tuple(self.extents[i] for i in self.inputs[operand])

    def elements_read(self, operand: int) -> int:
        """How many elements of an operand count: of a diagonal no others are read."""
        return prod(self.extents[i] for i in set(self.inputs[operand]))


def make_problem(equation: Equation, shapes: Sequence[Sequence[int]]) -> tuple[Problem, tuple[Hashable, ...]]:
    """The problem of `equation` on operands of these shapes, and the label of each index.

    Raises ValueError where one label has two extents that do not broadcast, and where a tensor would have
    2**63 elements or more.
    """
    found: dict[Hashable, tuple[int, int]] = {}  # label -> (extent, the operand that has it)
    for operand, (labels, shape) in enumerate(zip(equation.inputs, shapes)):
        own = dict(zip(labels, shape))
        if len(own) != len(labels):
            _check_repeated(operand, labels, shape)
        for label, extent in own.items():
            if extent < 0:
                raise ValueError(f"operand {operand} has the negative extent {extent}")
            known, owner = found.setdefault(label, (extent, operand))
            if extent != known:
                if extent != 1 and known != 1:
                    raise ValueError(
                        f"the label {label!r} has extent {known} in operand {owner} and {extent} in operand {operand}"
                    )
                if known == 1:
                    found[label] = (extent, operand)
    numbers: dict[Hashable, int] = {}
    inputs: list[tuple[int, ...]] = []
    dropped: list[tuple[int, ...]] = []
    for labels, shape in zip(equation.inputs, shapes):
        kept: Sequence[Hashable] = labels
        gone: tuple[int, ...] = ()
        if any([extent != found[label][0] for label, extent in zip(labels, shape)]):
            gone = tuple(k for k, label in enumerate(labels) if shape[k] != found[label][0])
            kept = [label for k, label in enumerate(labels) if k not in gone]
        for label in kept:
            numbers.setdefault(label, len(numbers))
        inputs.append(tuple([numbers[label] for label in kept]))
        dropped.append(gone)
    problem = Problem(
        tuple(inputs),
        tuple(numbers[label] for label in equation.output),
        tuple(found[label][0] for label in numbers),
        tuple(dropped),
    )
    for name, shape in [*((f"operand {k}", s) for k, s in enumerate(shapes)), ("the result", problem.output_shape)]:
        if 0 not in shape and prod(shape) >= 2**63:
            raise ValueError(f"{name} would have {prod(shape)} elements; the limit is 2**63 - 1")
    return problem, tuple(numbers)


def _check_repeated(operand: int, labels: Sequence[Hashable], shape: Sequence[int]) -> None:
    """Raises ValueError where a label of one operand has two extents, or one that is negative."""
    own: dict[Hashable, int] = {}
    for label, extent in zip(labels, shape):
        if extent < 0:
            raise ValueError(f"operand {operand} has the negative extent {extent}")
        if own.setdefault(label, extent) != extent:
            raise ValueError(
                f"operand {operand} has the label {label!r} twice, with the extents {own[label]} and {extent}"
            )
