"""Which of many arrays may have memory in common."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

__all__ = ["meeting"]

# Beyond so many meetings for each array, circles are looked at: those of the most frequent strides, and of no more.
_FEW_MEETINGS = 8
_MOST_CIRCLES = 8

# Ranges of bytes, each from a first one to that after the last: two where a range goes over the end of a circle.
_Pieces = tuple[tuple[int, int], ...]


def meeting(
    memories: Mapping[int, np.ndarray], others: Iterable[np.ndarray]
) -> Iterator[tuple[int, int | np.ndarray]]:
    """The pairs of `memories`, and of one of them and one of `others`, that may have a byte in common.

    Takes n log n time for n arrays, and time for each pair that meets where the fewest do: in memory, or modulo one of
    the most frequent strides.
    """
    arrays = [array for array in (*memories.values(), *others) if array.size > 0]
    numbers = [number for number, array in memories.items() if array.size > 0]
    views = [_view(arrays, None)]
    if _count_meetings(views[0], len(numbers)) > _FEW_MEETINGS * len(arrays):
        # Columns of one array all reach from its first row to its last. Apart they are modulo its row's length.
        steps = Counter(
            abs(step) for array in arrays for step, extent in zip(array.strides, array.shape) if step and extent > 1
        )
        views += [_view(arrays, step) for step, _ in steps.most_common(_MOST_CIRCLES)]
    best = min(views, key=lambda view: _count_meetings(view, len(numbers)))
    for first, second in _sweep(best, len(numbers)):
        if all(_meet(view[first], view[second]) for view in views if view is not best):
            yield numbers[first], numbers[second] if second < len(numbers) else arrays[second]


def _view(arrays: Sequence[np.ndarray], circle: int | None) -> list[_Pieces]:
    """Where the bytes of each array's elements lie: in memory, or, of their addresses, modulo `circle`.

    Arrays that are apart there have no byte in common.
    """
    found: list[_Pieces] = []
    for array in arrays:
        steps = [
            step * (extent - 1)
            for step, extent in zip(array.strides, array.shape)
            if circle is None or step % circle != 0
        ]
        low = array.__array_interface__["data"][0] + sum(x for x in steps if x < 0)
        length = sum(map(abs, steps)) + array.itemsize
        if circle is None:
            found.append(((low, low + length),))
        elif length >= circle:
            found.append(((0, circle),))
        else:
            low %= circle
            over = low + length - circle
            found.append(((low, low + length),) if over <= 0 else ((low, circle), (0, over)))
    return found


def _meet(first: _Pieces, second: _Pieces) -> bool:
    return any(low < end and start < high for low, high in first for start, end in second)


def _count_meetings(view: Sequence[_Pieces], memories: int) -> int:
    """How many pairs of pieces meet of which one belongs to the first `memories` arrays."""
    return _count_pairs(view) - _count_pairs(view[memories:])


def _count_pairs(view: Sequence[_Pieces]) -> int:
    pieces = [piece for pieces in view for piece in pieces]
    ends = sorted(end for _, end in pieces)
    # All pairs but those of which one ends before the other begins.
    return len(pieces) * (len(pieces) - 1) // 2 - sum(bisect_right(ends, low) for low, _ in pieces)


def _sweep(view: Sequence[_Pieces], memories: int) -> Iterator[tuple[int, int]]:
    """The pairs of arrays that meet, by their numbers, each once: one of the first `memories`, and a later one.

    Takes n log n time, and time for each pair.
    """
    pieces = sorted((low, high, number) for number, pieces in enumerate(view) for low, high in pieces)
    seen = set()
    # Those that reach to here, with their ends. What has ended is left out when they are looked through next.
    begun: tuple[list[tuple[int, int]], list[tuple[int, int]]] = [], []
    for low, high, number in pieces:
        for kind in (0, 1) if number < memories else (0,):
            begun[kind][:] = [x for x in begun[kind] if x[0] > low]
            for _, earlier in begun[kind]:
                pair = (min(earlier, number), max(earlier, number))
                if pair not in seen and earlier != number:
                    seen.add(pair)
                    yield pair
        begun[number >= memories].append((high, number))
