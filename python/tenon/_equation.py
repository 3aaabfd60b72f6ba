"""Einsum equations: what the user writes, as lists of labels.

The grammar is that of numpy.einsum and opt_einsum: comma-separated subscripts, ``->`` and an output, or no
output (then: every label that occurs once, in alphabetical order), ``...`` for dimensions that broadcast,
blanks ignored. A label is an ASCII letter or any character from U+0080 on, so that
``opt_einsum.get_symbol`` never runs out of them. In the interleaved form labels are any hashable objects,
in lists or tuples, and ``Ellipsis`` stands for ``...``; integers also come in NumPy arrays and ranges.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

import numpy as np

__all__ = ["Equation", "parse_equation", "parse_interleaved", "split_interleaved"]

Label = Hashable


@dataclass(frozen=True)
class _Hidden:
    """The label of the dimension under an ellipsis that is `position` places from its right end."""

    position: int

    def __repr__(self) -> str:
        return f"...[{-1 - self.position}]"


@dataclass(frozen=True)
class Equation:
    """Labels of each operand's dimensions, and of the result's.

    Dimensions under an ellipsis have labels of their own, counted from the right, as they broadcast.
    """

    inputs: tuple[tuple[Label, ...], ...]
    output: tuple[Label, ...]

    def __str__(self) -> str:
        def text(labels: tuple[Label, ...]) -> str:
            return "".join(x if isinstance(x, str) and len(x) == 1 else f"{{{x}}}" for x in labels)

        return ",".join(map(text, self.inputs)) + "->" + text(self.output)


def _check(inputs: Sequence[Sequence[Label]], output: Sequence[Label]) -> Equation:
    known = {label for labels in inputs for label in labels}
    for label, count in Counter(output).items():
        if count > 1:
            raise ValueError(f"the output lists {label!r} {count} times; each label may occur there once")
        if label not in known:
            raise ValueError(f"the output has the label {label!r}, which no operand has")
    return Equation(tuple(map(tuple, inputs)), tuple(output))


def _spread(operand: int, before: list[Label], after: list[Label] | None, ndim: int) -> tuple[list[Label], int]:
    """Labels of an operand whose ellipsis stands between `before` and `after` (None: no ellipsis)."""
    if after is None:
        if len(before) != ndim:
            raise ValueError(
                f"operand {operand} has {ndim} dimensions, but its subscripts name {len(before)}"
                + ("; '...' stands for the rest" if len(before) < ndim else "")
            )
        return before, 0
    hidden = ndim - len(before) - len(after)
    if hidden < 0:
        raise ValueError(
            f"operand {operand} has {ndim} dimensions, but its subscripts name {len(before) + len(after)} "
            "beside the '...'"
        )
    return before + _ellipsis(hidden) + after, hidden


def _ellipsis(count: int) -> list[Label]:
    return [_Hidden(k) for k in reversed(range(count))]


def _finish(
    terms: list[tuple[list[Label], list[Label] | None]],
    output: tuple[list[Label], list[Label] | None] | None,
    ndims: Sequence[int],
) -> Equation:
    inputs, hidden = [], 0
    for operand, ((before, after), ndim) in enumerate(zip(terms, ndims)):
        labels, count = _spread(operand, before, after, ndim)
        inputs.append(labels)
        hidden = max(hidden, count)
    if output is None:
        counts = Counter(x for (before, after) in terms for x in (*before, *(after or ())))
        try:
            named = sorted(x for x, count in counts.items() if count == 1)  # type: ignore[type-var]
        except TypeError:
            raise ValueError("labels that have no order among them need an explicit output list") from None
        return _check(inputs, _ellipsis(hidden) + named)
    before, after = output
    if after is None and hidden:
        raise ValueError(f"the operands' '...' stand for up to {hidden} dimensions: the output needs '...' too")
    return _check(inputs, before + _ellipsis(hidden) + after if after is not None else before)


def _term(text: str, where: str) -> tuple[list[Label], list[Label] | None]:
    before, dots, after = text.partition("...")
    if dots and "..." in after:
        raise ValueError(f"{where} has more than one '...': {text!r}")
    for character in before + after:
        if character == ".":
            raise ValueError(f"{where} has a '.' that is no part of '...': {text!r}")
        if not (character.isalpha() or ord(character) >= 0x80):
            raise ValueError(f"{where} has {character!r}, which is no label: {text!r}; labels are letters")
    return list(before), list(after) if dots else None


@lru_cache(maxsize=4096)
def parse_equation(text: str, ndims: tuple[int, ...]) -> Equation:
    """The equation `text`, for operands with the numbers of dimensions `ndims`.

    Raises ValueError for text that is not one.
    """
    compact = text.translate({ord(blank): None for blank in " \t\r\n"})
    left, arrow, right = compact.partition("->")
    if "-" in left + right or ">" in left + right:
        raise ValueError(f"the equation {text!r} has '-' or '>' outside of one '->'")
    terms = left.split(",")
    if "," in right:
        raise ValueError(f"the equation {text!r} has a ',' in its output")
    if len(terms) != len(ndims):
        raise ValueError(f"the equation {text!r} has {len(terms)} operands, but {len(ndims)} arrays were given")
    return _finish(
        [_term(term, f"operand {k} of the equation") for k, term in enumerate(terms)],
        _term(right, "the output of the equation") if arrow else None,
        ndims,
    )


def _label_list(labels: Any) -> Sequence[Any] | None:
    """The labels that an argument lists; None if it is no list of labels."""
    if isinstance(labels, (list, tuple, range)):
        return labels
    # Any other array is an operand whose labels were forgotten. What has no elements has no integers either.
    if isinstance(labels, np.ndarray) and labels.ndim == 1 and (labels.dtype.kind in "iu" or labels.size == 0):
        return labels.tolist()
    return None


def split_interleaved(operands: Sequence[Any]) -> tuple[list[Any], list[Sequence[Any]], Sequence[Any] | None]:
    """Takes ``a, [0, 1], b, [1, 2], [0, 2]`` apart: arrays, their label lists, the output's or None."""
    output = operands[-1] if len(operands) % 2 else None
    pairs = operands[: len(operands) // 2 * 2]
    lists = [_label_list(labels) for labels in (*pairs[1::2], *([output] if output is not None else []))]
    if not pairs or None in lists:
        raise TypeError(
            "einsum takes an equation and arrays, or arrays each followed by a list of labels "
            "(a, [0, 1], b, [1, 2], [0, 2])"
        )
    given = cast("list[Sequence[Any]]", lists)
    count = len(pairs) // 2
    return list(pairs[0::2]), given[:count], None if output is None else given[count]


def parse_interleaved(lists: Sequence[Sequence[Any]], output: Sequence[Any] | None, ndims: Sequence[int]) -> Equation:
    """The equation that label lists state. Raises ValueError for lists that state none."""

    def term(labels: Sequence[Any], where: str) -> tuple[list[Label], list[Label] | None]:
        dots = [k for k, x in enumerate(labels) if x is Ellipsis]
        if len(dots) > 1:
            raise ValueError(f"{where} has more than one Ellipsis")
        if not dots:
            return list(labels), None
        return list(labels[: dots[0]]), list(labels[dots[0] + 1 :])

    try:
        # Long networks are stated in full.
        if output is not None and not any([x is Ellipsis for labels in (*lists, output) for x in labels]):
            for operand, (labels, ndim) in enumerate(zip(lists, ndims)):
                if len(labels) != ndim:
                    _spread(operand, list(labels), None, ndim)
            return _check(lists, output)
        return _finish(
            [term(labels, f"the label list of operand {k}") for k, labels in enumerate(lists)],
            None if output is None else term(output, "the output's label list"),
            ndims,
        )
    except TypeError as error:
        raise TypeError(f"labels must be hashable: {error}") from None
