"""Contraction paths and their three forms.

* *linear* (numpy, opt_einsum): each step names positions in the current list of operands, which are
  removed; the result is appended at the end.
* *SSA*: each step names a pair of operands by number, the smaller first; the result of step k has the
  number n + k.
* *edge*: the order in which indices are summed.

The SSA form with pairs only is the one that everything else here uses.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import prod
from operator import index

from ._problem import Problem

__all__ = ["Step", "check_ssa", "edge_path", "edges_to_ssa", "linear_to_ssa", "ssa_to_linear", "steps", "written_order"]

SSAPath = tuple[tuple[int, int], ...]


def written_order(count: int) -> SSAPath:
    """The path that contracts the operands from left to right."""
    return tuple((0, 1) if k == 0 else (k + 1, count + k - 1) for k in range(count - 1))


def linear_to_ssa(path: Iterable[Sequence[int]], count: int) -> SSAPath:
    """The SSA form of a linear path over `count` operands.

    A step of more than two operands is split into pairs, in its order; one of a single operand does
    nothing. Raises TypeError for what is no path, ValueError for one that names a missing operand or
    leaves operands over.
    """
    alive = list(range(count))
    result: list[tuple[int, int]] = []
    for number, step in enumerate(path):
        try:
            places = list(map(index, step))
        except TypeError:
            raise TypeError(f"step {number} of the path is {step!r}; expected a tuple of operand positions") from None
        if not places:
            raise ValueError(f"step {number} of the path is empty")
        for place in places:
            if not 0 <= place < len(alive):
                raise ValueError(
                    f"step {number} of the path names operand {place}, but there are {len(alive)} operands then"
                )
        if len(set(places)) != len(places):
            raise ValueError(f"step {number} of the path names an operand twice: {tuple(places)}")
        chosen = [alive[place] for place in places]
        for place in sorted(places, reverse=True):
            del alive[place]
        current = chosen[0]
        for other in chosen[1:]:
            result.append((current, other) if current < other else (other, current))
            current = count + len(result) - 1
        alive.append(current)
    if len(alive) != 1:
        raise ValueError(f"the path leaves {len(alive)} of {count} operands: it must contract them to one")
    return tuple(result)


def check_ssa(path: Iterable[Sequence[int]], count: int) -> SSAPath:
    """`path` with ordered pairs, if it is a complete SSA path of pairs over `count` operands; else ValueError."""
    alive = set(range(count))
    result: list[tuple[int, int]] = []
    for number, (a, b) in enumerate(path):
        if a == b or a not in alive or b not in alive:
            raise ValueError(f"step {number} of the SSA path contracts {a} and {b}, which are not both there then")
        alive -= {a, b}
        alive.add(count + number)
        result.append((min(a, b), max(a, b)))
    if len(alive) != 1:
        raise ValueError(f"the SSA path leaves {len(alive)} of {count} operands: it must contract them to one")
    return tuple(result)


def ssa_to_linear(path: SSAPath, count: int) -> tuple[tuple[int, int], ...]:
    """The linear form of an SSA path."""
    alive = list(range(count))
    result = []
    for number, pair in enumerate(path):
        # What comes later has a higher number: the list stays sorted.
        i, j = sorted(bisect_left(alive, x) for x in pair)
        del alive[j], alive[i]
        alive.append(count + number)
        result.append((i, j))
    return tuple(result)


def edges_to_ssa(order: Sequence[int], problem: Problem) -> SSAPath:
    """The SSA path that sums the indices in `order`.

    All operands that share the next index are contracted, two at a time; what is left at the end is
    multiplied from left to right.
    """
    count = len(problem.inputs)
    alive = {k: set(labels) for k, labels in enumerate(problem.inputs)}
    result: list[tuple[int, int]] = []

    def contract(group: list[int]) -> None:
        while len(group) > 1:
            a, b = group[0], group[1]
            number = count + len(result)
            result.append((a, b))
            alive[number] = alive.pop(a) | alive.pop(b)
            group[:2] = [number]

    for index in order:
        contract([k for k, labels in alive.items() if index in labels])
    contract(list(alive))
    return tuple(result)


@dataclass(frozen=True)
class Step:
    """One pairwise contraction of a path."""

    operands: tuple[int, int]  #: SSA numbers
    inputs: tuple[frozenset[int], frozenset[int]]
    kept: frozenset[int]
    operations: int  #: multiply-adds: the product of the extents of all indices involved
    elements: int  #: of the result


def steps(path: SSAPath, problem: Problem) -> list[Step]:
    """What each step of a path does. An index is kept while the output or another operand has it."""
    remaining = Counter(i for labels in problem.inputs for i in set(labels))
    remaining.update(problem.output)
    alive = dict(enumerate(map(frozenset, problem.inputs)))
    result = []
    for number, (a, b) in enumerate(path):
        left, right = alive.pop(a), alive.pop(b)
        both = left | right
        kept = frozenset(i for i in both if remaining[i] > (i in left) + (i in right))
        for i in both:
            remaining[i] += (i in kept) - (i in left) - (i in right)
        alive[len(problem.inputs) + number] = kept
        size = problem.extents
        result.append(Step((a, b), (left, right), kept, prod(size[i] for i in both), prod(size[i] for i in kept)))
    return result


def edge_path(path: SSAPath, problem: Problem) -> tuple[int, ...]:
    """The indices that a path sums, in that order."""
    result: list[int] = []
    for step in steps(path, problem):
        result.extend(sorted((step.inputs[0] | step.inputs[1]) - step.kept))
    if not path:
        result.extend(sorted(set(problem.inputs[0]) - set(problem.output)))
    return tuple(result)
