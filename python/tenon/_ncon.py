"""The network contractor's interface, in which labels are integers and say what is summed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from operator import index
from typing import Any

import numpy as np

from ._array_contract import array_contract
from ._paths import edges_to_ssa, ssa_to_linear
from ._problem import Problem

__all__ = ["ncon"]


def _label(label: Any) -> int:
    try:
        value = 0 if isinstance(label, (bool, np.bool_)) else index(label)
    except TypeError:
        value = 0
    if value == 0:
        raise ValueError(f"ncon's labels are positive or negative integers, not {label!r}")
    return value


def _labels(labels: Iterable[Any] | Any) -> tuple[int, ...]:
    """The labels of one array, as int; where there is one, it may stand for itself."""
    try:
        items = iter(labels)
    except TypeError:
        items = iter((labels,))
    return tuple(map(_label, items))


def ncon(tensors: Sequence[Any], indices: Iterable[Any], order: Iterable[int] | None = None, **options: Any) -> Any:
    """Contracts a network in the notation of Pfeifer, Evenbly, Singh and Vidal (arXiv:1402.0939).

    Parameters
    ----------
    tensors
        The arrays.
    indices
        For each array one integer per dimension, in a list or another iterable (a NumPy array). A positive
        label occurs twice and is summed; negative ones are the result's dimensions: -1 the first, -2 the
        second, and so on.
    order
        The positive labels in the order in which to sum them; tensors that share several are contracted
        over all of them at once. Default: the planner decides.
    **options
        As for einsum.

    Raises ValueError for labels that do not follow these rules, and otherwise as einsum does.
    """
    lists = [_labels(labels) for labels in indices]
    counts = Counter(label for labels in lists for label in labels)
    for label, count in counts.items():
        if label > 0 and count != 2:
            raise ValueError(f"the positive label {label} occurs {count} times; it must occur twice")
        if label < 0 and count != 1:
            raise ValueError(f"the negative label {label} occurs {count} times; it must occur once")
    output = sorted((label for label in counts if label < 0), reverse=True)
    if output != [-1 - k for k in range(len(output))]:
        raise ValueError(f"the negative labels must be -1 … {-len(output)} without gaps, not {output}")
    if order is not None:
        summed = sorted(label for label in counts if label > 0)
        order = _labels(order)
        if sorted(order) != summed:
            raise ValueError(f"order must list each positive label once ({summed}), not {list(order)}")
        if "optimize" in options:
            raise ValueError("order= and optimize= both state a path: pass one of them")
        # Extents do not matter to the path that an order of labels states.
        problem = Problem(tuple(lists), tuple(output), (), ())
        options["optimize"] = list(ssa_to_linear(edges_to_ssa(order, problem), len(lists)))
    return array_contract(tensors, lists, output, **options)
