"""Contractions stated by index lists, as quimb and cotengra state them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from ._arrays import load
from ._einsum import _from_shapes, einsum, positions_of, read_facts, short
from ._expression import Expression

__all__ = ["array_contract", "array_contract_expression"]

Labels = Sequence[Hashable]


def _output(inputs: Sequence[Labels], output: Labels | None) -> tuple[Hashable, ...]:
    if output is not None:
        return tuple(output)
    counts = Counter(label for labels in inputs for label in labels)
    return tuple(label for label, count in counts.items() if count == 1)


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
    return einsum(*pairs, _output(inputs, output), **options)


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
    are not passed in calls. The rest is contract_expression's. Raises ValueError if extents are missing.
    """
    if constants is None:
        constants = {}
    if not isinstance(constants, Mapping):
        raise TypeError(
            f"constants must map positions of operands to arrays, as in constants={{0: array}}, not {short(constants)}"
        )
    given = dict(zip(positions_of("constants", constants, len(inputs)), map(load, constants.values())))
    if shapes is None:
        if size_dict is None:
            raise ValueError("array_contract_expression needs shapes= or size_dict=")
        missing = [label for labels in inputs for label in labels if label not in size_dict]
        if missing:
            raise ValueError(f"size_dict has no extent for the label {missing[0]!r}")
        shapes = [tuple(size_dict[label] for label in labels) for labels in inputs]
    if len(shapes) != len(inputs):
        raise ValueError(f"there are {len(shapes)} shapes, but {len(inputs)} lists of labels")
    form = (tuple(map(tuple, inputs)), _output(inputs, output))
    known = read_facts(facts, len(inputs))
    return _from_shapes(form, shapes, dtype, optimize, memory_limit, threads, deterministic, given, known)
