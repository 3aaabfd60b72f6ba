"""tensordot and transpose, with NumPy's meaning."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ._arrays import JAX, TORCH, library_of
from ._einsum import einsum

__all__ = ["tensordot", "transpose"]


def _axes(axes: Any, ndim: int, name: str) -> list[int]:
    items = [axes] if hasattr(axes, "__index__") else list(axes)
    result = []
    for axis in items:
        if not -ndim <= axis < ndim:
            raise ValueError(f"axis {axis} of {name} is out of range: it has {ndim} dimensions")
        result.append(int(axis) % ndim)
    if len(set(result)) != len(result):
        raise ValueError(f"the axes of {name} list a dimension twice: {items}")
    return result


def tensordot(a: Any, b: Any, axes: int | Sequence[Any] = 2, **options: Any) -> Any:
    """Sums products of `a` and `b` over pairs of axes, as numpy.tensordot.

    `axes` is a number n (the last n of `a` with the first n of `b`), or a pair of axes or of lists of axes.
    The result has the remaining dimensions of `a`, then those of `b`. `options` are einsum's. Raises
    ValueError for axes that are out of range, repeated, unequal in number or in extent.
    """
    a, b = (x if hasattr(x, "shape") else np.asarray(x) for x in (a, b))
    ndims = len(a.shape), len(b.shape)
    if hasattr(axes, "__index__"):
        count = int(axes.__index__())  # type: ignore[union-attr]
        if not 0 <= count <= min(ndims):
            raise ValueError(f"axes={count} must be from 0 to {min(ndims)}, the smaller number of dimensions")
        left, right = list(range(ndims[0] - count, ndims[0])), list(range(count))
    else:
        pair = list(axes)  # type: ignore[arg-type]
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
    ValueError for axes that are no permutation.
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
