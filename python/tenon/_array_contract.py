"""Contractions stated by index lists, as quimb and cotengra state them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from ._arrays import Operand, load
from ._einsum import _from_shapes, einsum, positions_of, read_facts, short
from ._expression import Expression

__all__ = ["array_contract", "array_contract_expression"]

Labels = Sequence[Hashable]


def default_output(inputs: Sequence[Labels], output: Labels | None) -> tuple[Hashable, ...]:
    """The labels `output`, or without them every label that occurs once, in the order of appearance."""
    if output is not None:
        return tuple(output)
    counts = Counter(label for labels in inputs for label in labels)
    return tuple(label for label, count in counts.items() if count == 1)


def ordered_output(inputs: Sequence[Labels], output: Labels | None) -> tuple[Hashable, ...]:
    """As default_output, for a result whose dimensions have the order of the labels. Raises TypeError for a set."""
    if isinstance(output, (set, frozenset)):
        raise TypeError("the output is a set of labels: they belong to dimensions, in their order")
    return default_output(inputs, output)


def array_contract(
    arrays: Sequence[Any], inputs: Sequence[Labels], output: Labels | None = None, **options: Any
) -> Any:
    """Contracts `arrays`, whose dimensions have the labels `inputs`, to the labels `output`.

    Labels are any hashable objects. Without `output` it is every label that occurs once, in the order of
    appearance. `options`, results and errors are einsum's; ValueError if there are not as many arrays as
    label lists.
    """
    if len(arrays) != len(inputs):
        raise ValueError(f"there are {len(arrays)} arrays, but {len(inputs)} lists of labels")
    pairs = [x for array, labels in zip(arrays, inputs) for x in (array, tuple(labels))]
    return einsum(*pairs, ordered_output(inputs, output), **options)


def array_contract_expression(
    inputs: Sequence[Labels],
    output: Labels | None = None,
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
) -> Expression:
    """Compiles a contraction that is stated by index lists.

    Extents come from `shapes`, one for each operand, or from `size_dict`, which has the extent of each
    label. `constants` maps positions of operands to arrays, which become part of the compiled network and
    are not passed in calls. The rest is contract_expression's. Raises ValueError if extents are missing, or differ.
    """
    given = constants_by_position(constants, len(inputs))
    if shapes is None:
        if size_dict is None:
            raise ValueError("array_contract_expression needs shapes= or size_dict=")
        shapes = [shape_of(labels, size_dict) for labels in inputs]
    if len(shapes) != len(inputs):
        raise ValueError(f"there are {len(shapes)} shapes, but {len(inputs)} lists of labels")
    if size_dict is not None:
        for labels, shape in zip(inputs, shapes):
            check_sizes(labels, shape, size_dict)
    check_constants(given, shapes)
    form = (tuple(map(tuple, inputs)), ordered_output(inputs, output))
    known = read_facts(facts, len(inputs))
    return _from_shapes(form, shapes, dtype, optimize, memory_limit, threads, deterministic, given, known)


def constants_by_position(constants: Mapping[int, Any] | None, count: int) -> dict[int, Operand]:
    """The constants among `count` operands. Raises TypeError and ValueError for what are no positions."""
    if constants is None:
        return {}
    if not isinstance(constants, Mapping):
        raise TypeError(
            f"constants must map positions of operands to arrays, as in constants={{0: array}}, not {short(constants)}"
        )
    return dict(zip(positions_of("constants", constants, count), map(load, constants.values())))


def check_constants(constants: Mapping[int, Operand], shapes: Sequence[Sequence[int]]) -> None:
    """Raises ValueError for a constant of another shape than is stated of its operand."""
    for k, operand in constants.items():
        if operand.carrier.shape != tuple(shapes[k]):
            raise ValueError(
                f"the constant of operand {k} has the shape {operand.carrier.shape}; shapes or size_dict say "
                f"{tuple(shapes[k])}"
            )


def check_sizes(labels: Labels, shape: Sequence[int], size_dict: Mapping[Hashable, int]) -> None:
    """Raises ValueError where `size_dict` has another extent for a label than the shape of an operand."""
    for label, extent in zip(labels, shape):
        if size_dict.get(label, extent) != extent:
            raise ValueError(f"the label {label!r} has the extent {extent} in shapes, {size_dict[label]} in size_dict")


def shape_of(labels: Labels, size_dict: Mapping[Hashable, int]) -> tuple[int, ...]:
    """The shape of an operand with these labels. Raises ValueError for a label without an extent."""
    for label in labels:
        if label not in size_dict:
            raise ValueError(f"size_dict has no extent for the label {label!r}")
    return tuple([size_dict[label] for label in labels])
