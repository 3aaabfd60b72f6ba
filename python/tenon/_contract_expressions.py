"""tenon.contract_expressions and array_contract_expressions: several contractions over common operands."""

from __future__ import annotations

from collections.abc import Callable, Container, Hashable, Iterable, Mapping, Sequence, Set
from itertools import chain
from typing import Any

from ._array_contract import (
    check_constants,
    check_sizes,
    constants_by_position,
    default_output,
    ordered_output,
    shape_of,
)
from ._arrays import Operand
from ._einsum import equation_of, positions_of, read_constants, read_facts, read_shapes, short
from ._errors import naming
from ._expressions import Expressions, Stated, name_of
from ._memory import parse_memory
from ._settings import boolean
from ._threads import resolve_threads

__all__ = ["array_contract_expressions", "contract_expressions", "read_by_labels"]


def contract_expressions(
    expressions: Sequence[str | tuple[str, Iterable[int]]],
    *shapes: Any,
    constants: Iterable[int] = (),
    dtype: Any = None,
    optimize: Any = "auto",
    memory_limit: int | str | None = None,
    threads: int | None = None,
    deterministic: bool = False,
    facts: Mapping[int, str] | None = None,
) -> Expressions:
    """Compiles several equations over common operands, as one function that shares steps.

    ``contract_expressions([("ij,jk,kl->il", [0, 1, 2]), ("jk,kl,lm->jm", [1, 2, 3])], (2, 3), (3, 4), (4, 5), (5, 6))``
    computes b @ c, which both have, once. Environments, gradients, batches of amplitudes, norms and expectation
    values of one state are such functions.

    Parameters
    ----------
    expressions
        For each result its equation, as einsum takes it, and the positions of its operands among `shapes`; an equation
        alone has all operands, in order. A position may occur several times: it is one array. Labels belong to one
        equation.
    *shapes
        The shape of each operand; where `constants` says so, the array itself, whose values become part of
        the compiled function. Each is an operand of some equation.
    constants, dtype, facts
        As for contract_expression, by the positions of the operands. A result has the dtype that the operands of its
        equation promote to.
    optimize
        As for einsum; strategies and tenon.Optimizer plan all equations together, other optimizers are asked for one
        after the other. A list has an entry for each equation: its path, contraction tree, or strategy.
    memory_limit
        As for einsum. An equation that has to be sliced shares nothing; where what is kept for others exceeds the
        limit, some of it is computed again.
    threads, deterministic
        As for einsum.

    Returns
    -------
    Expressions
        Call it with the arrays that are no constants; it returns a tuple of results.

    Raises
    ------
    ValueError
        As contract_expression does; if there are no equations, a position is none, or an operand is in no equation.
    TypeError, TenonError
        As contract_expression does.
    """
    fixed = read_constants(shapes, constants)
    read = []
    for number, item in enumerate(_read_list(expressions, _BY_EQUATION)):
        if isinstance(item, str):
            item = (item, range(len(shapes)))
        elif not isinstance(item, (list, tuple)) or len(item) != 2 or not isinstance(item[0], str):
            raise TypeError(f"expression {number} is {short(item)}; expected {_BY_EQUATION}")
        read.append((item[0], _positions(number, item[1], len(shapes))))
    _check_used({k for _, operands in read for k in operands}, len(shapes))
    return _compile(read, shapes, dtype, optimize, memory_limit, threads, deterministic, fixed, facts)


def array_contract_expressions(
    expressions: Sequence[tuple[Any, ...]],
    *,
    shapes: Sequence[Sequence[int]] | None = None,
    size_dict: Mapping[Hashable, int] | None = None,
    dtype: Any = None,
    optimize: Any = "auto",
    constants: Mapping[int, Any] | None = None,
    memory_limit: int | str | None = None,
    threads: int | None = None,
    deterministic: bool = False,
    facts: Mapping[int, str] | None = None,
) -> Expressions:
    """Compiles several contractions that are stated by index lists, as one function that shares steps.

    Each of `expressions` is (inputs, output) or (inputs, output, operands): the label lists of its operands, those of
    its result (None: every label that occurs once), and the positions of its operands among all (default: 0, 1, …).
    Extents come from `shapes`, one for each operand, or from `size_dict`, which has the extent of each label.
    `constants` maps positions of operands to arrays, as in array_contract_expression; the rest is
    contract_expressions'. Raises ValueError if extents are missing, `size_dict` gives one operand two shapes, or
    what is given of an extent differs.
    """
    read, found = read_by_labels(expressions, shapes, size_dict, ordered_output)
    fixed = constants_by_position(constants, len(found))
    check_constants(fixed, found)
    return _compile(read, found, dtype, optimize, memory_limit, threads, deterministic, fixed, facts)


def read_by_labels(
    expressions: Sequence[tuple[Any, ...]],
    shapes: Sequence[Sequence[int]] | None,
    size_dict: Mapping[Hashable, int] | None,
    output_of: Callable[[Any, Any], tuple[Hashable, ...]] = default_output,
) -> tuple[list[tuple[Any, tuple[int, ...]]], Sequence[Sequence[int]]]:
    """Reads expressions stated by index lists: of each ((inputs, output), positions); and the operands' shapes.

    `output_of` makes an output's labels of the inputs and what is given. Raises ValueError and TypeError for what are
    none. Whether `shapes` fit the labels is found where they are used.
    """
    stated = []
    for number, item in enumerate(_read_list(expressions, _BY_LABELS)):
        if not isinstance(item, (list, tuple)) or len(item) not in (2, 3):
            raise TypeError(f"expression {number} is {short(item)}; expected {_BY_LABELS}")
        with naming(f"expression {number}"):
            lists = _label_lists(item[0], item[1])
            inputs = tuple(map(tuple, lists))
            _check_hashable(inputs)
            output = output_of(inputs, item[1])
            _check_hashable([output])
        stated.append((inputs, output, item[2] if len(item) == 3 else range(len(inputs))))
    if shapes is not None:
        shapes = list(shapes)
    # No operand is without an expression: there are no more than label lists.
    most = sum(len(inputs) for inputs, _, _ in stated) if shapes is None else len(shapes)
    read = []
    for number, (inputs, output, positions) in enumerate(stated):
        operands = _positions(number, positions, most)
        if len(inputs) != len(operands):
            raise ValueError(f"expression {number} has {len(inputs)} lists of labels, but {len(operands)} operands")
        read.append(((inputs, output), operands))
    if shapes is None:
        if size_dict is None:
            raise ValueError("array_contract_expressions needs shapes= or size_dict=")
        shapes = _shapes_by_label(read, size_dict)
    elif size_dict is not None:
        for number, ((inputs, _), operands) in enumerate(read):
            with naming(name_of(number, operands)):
                for labels, k in zip(inputs, operands):
                    check_sizes(labels, shapes[k], size_dict)
    _check_used({k for _, operands in read for k in operands}, len(shapes))
    return read, shapes


_BY_EQUATION = "an equation, or (equation, positions of its operands)"
_BY_LABELS = "(inputs, output) or (inputs, output, positions of its operands)"


def _read_list(expressions: Any, what: str) -> list[Any]:
    if isinstance(expressions, (str, bytes, Mapping)) or not isinstance(expressions, Iterable):
        raise TypeError(f"expressions must be a list, each entry {what}; not {short(expressions)}")
    items = list(expressions)
    if not items:
        raise ValueError("the list of expressions is empty; expected one at least")
    return items


def _label_lists(inputs: Any, output: Any) -> list[Any]:
    """The label lists of an expression. Raises TypeError for what are none, and an output that is none."""
    if not isinstance(inputs, Iterable):
        raise TypeError(f"found {short(inputs)} for the label lists of its operands, expected one for each")
    lists = list(inputs)
    for labels in lists if output is None else [*lists, output]:
        if not isinstance(labels, Iterable):
            raise TypeError(f"found {short(labels)} for a list of labels, as in ['i', 'j']")
    if any(isinstance(labels, Set) for labels in lists):
        raise TypeError("a set of labels has no order, in which they belong to dimensions")
    return lists


def _check_hashable(inputs: Iterable[Iterable[Any]]) -> None:
    for label in chain.from_iterable(inputs):
        try:
            hash(label)
        except TypeError:
            raise TypeError(f"found {short(label)} for a label, expected a hashable object") from None


def _positions(number: int, positions: Any, count: int) -> tuple[int, ...]:
    """The positions of an expression's operands among `count`."""
    name = f"expression {number}"
    if isinstance(positions, (str, bytes, Mapping)) or not isinstance(positions, Iterable):
        raise TypeError(f"{name} lists the positions of its operands, as in [0, 2]; found {short(positions)}")
    return tuple(positions_of(name, positions, count))


def _shapes_by_label(
    expressions: Sequence[tuple[Any, tuple[int, ...]]], size_dict: Mapping[Hashable, int]
) -> list[tuple[int, ...]]:
    found: dict[int, tuple[tuple[int, ...], int]] = {}  # position -> (shape, the expression that says so)
    for number, ((inputs, _), operands) in enumerate(expressions):
        for labels, k in zip(inputs, operands):
            shape = shape_of(labels, size_dict)
            known, first = found.setdefault(k, (shape, number))
            if shape != known:
                raise ValueError(
                    f"operand {k} has the shape {known} in expression {first} and {shape} in expression {number}"
                )
    count = 1 + max(found, default=-1)
    _check_used(found, count)
    return [found[k][0] for k in range(count)]


def _check_used(used: Container[int], count: int) -> None:
    for k in range(count):
        if k not in used:
            raise ValueError(f"operand {k} is in no expression: leave it out, or name it in one")


def _compile(
    forms: Sequence[tuple[Any, tuple[int, ...]]],
    items: Sequence[Any],
    dtype: Any,
    optimize: Any,
    memory_limit: int | str | None,
    threads: int | None,
    deterministic: bool,
    constants: dict[int, Operand],
    facts: Mapping[int, str] | None,
) -> Expressions:
    shapes, types = read_shapes(items, dtype, constants)
    stated = []
    for number, (form, operands) in enumerate(forms):
        with naming(name_of(number, operands)):
            stated.append(Stated(equation_of(form, [len(shapes[k]) for k in operands]), operands))
    return Expressions(
        stated, shapes, types,
        optimize=optimize, memory_limit=parse_memory(memory_limit), threads=resolve_threads(threads),
        deterministic=boolean("deterministic", deterministic), constants=constants,
        facts=read_facts(facts, len(shapes)),
    )  # fmt: skip
