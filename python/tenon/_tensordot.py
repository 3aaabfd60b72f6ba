"""tensordot and transpose, with NumPy's meaning."""

from __future__ import annotations

from collections.abc import Sequence
from operator import index
from typing import Any

import numpy as np

from ._arrays import JAX, TORCH, library_of
from ._einsum import einsum

__all__ = ["tensordot", "transpose"]


def _integer(value: Any) -> int | None:
    """`value` as an int if it is an integer of any kind (an array of rank 0 is), else None."""
    try:
        return index(value)
    except TypeError:
        return None


def _axes(axes: Any, ndim: int, name: str) -> list[int]:
    single = _integer(axes)
    try:
        items = list(axes) if single is None else [single]
    except TypeError:
        raise TypeError(f"the axes of {name} must be an integer or integers, not {axes!r}") from None
    result = []
    for item in items:
        axis = _integer(item)
        if axis is None:
            raise TypeError(f"the axes of {name} must be integers, not {item!r}")
        if not -ndim <= axis < ndim:
            raise ValueError(f"axis {axis} of {name} is out of range: it has {ndim} dimensions")
        result.append(axis % ndim)
    if len(set(result)) != len(result):
        raise ValueError(f"the axes of {name} list a dimension twice: {result}")
    return result


def tensordot(a: Any, b: Any, axes: int | Sequence[Any] = 2, **options: Any) -> Any:
    """Sums products of `a` and `b` over pairs of axes, as numpy.tensordot.

    `axes` is a number n (the last n of `a` with the first n of `b`; none if it is negative), or a pair of axes
    or of lists or arrays of axes. The result has the remaining dimensions of `a`, then those of `b`. `options`
    are einsum's. Raises ValueError for axes that are out of range, repeated, unequal in number or in extent,
    TypeError for axes that are no integers.
    """
    a, b = (x if hasattr(x, "shape") else np.asarray(x) for x in (a, b))
    ndims = len(a.shape), len(b.shape)
    count = _integer(axes)
    if count is not None:
        if count > min(ndims):
            raise ValueError(f"axes={count} must be from 0 to {min(ndims)}, the smaller number of dimensions")
        count = max(count, 0)
        left, right = list(range(ndims[0] - count, ndims[0])), list(range(count))
    else:
        try:
            pair = list(axes)  # type: ignore[arg-type]
        except TypeError:
            raise TypeError(f"axes must be a number or a pair, not {axes!r}") from None
        if len(pair) != 2:
            raise ValueError(f"axes must be a number or a pair, not {axes!r}")
        left, right = _axes(pair[0], ndims[0], "a"), _axes(pair[1], ndims[1], "b")
    if len(left) != len(right):
        raise ValueError(f"axes name {len(left)} dimensions of a and {len(right)} of b")
    for i, j in zip(left, right):
        if a.shape[i] != b.shape[j]:
            raise ValueError(f"axis {i} of a has extent {a.shape[i]}, but axis {j} of b has {b.shape[j]}")
    labels_a = list(range(ndims[0]))
    labels_b = [left[right.index(j)] if j in right else ndims[0] + j for j in range(ndims[1])]
    output = [x for x in labels_a if x not in left] + [x for x in labels_b if x >= ndims[0]]
    return einsum(a, labels_a, b, labels_b, output, **options)


def transpose(a: Any, axes: Sequence[int] | None = None) -> Any:
    """`a` with its dimensions in the order `axes` (default: reversed), as numpy.transpose.

    The result is a view wherever the library of `a` has views: compiled networks read it in place. Raises
    ValueError for axes that are no permutation, TypeError for axes that are no integers.
    """
    if library_of(a) is None:
        a = np.asarray(a)
    ndim = len(a.shape)
    order = list(reversed(range(ndim))) if axes is None else _axes(axes, ndim, "a")
    if len(order) != ndim:
        raise ValueError(f"axes name {len(order)} of {ndim} dimensions")
    if library_of(a) is TORCH:
        return a.permute(order)
    return a.transpose(order) if library_of(a) is JAX else np.transpose(a, order)
