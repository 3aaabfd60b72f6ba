"""Several contractions over common operands, compiled as one function that shares steps."""

from __future__ import annotations

import time
from collections.abc import Hashable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ._arrays import Operand
from ._compiled_joint import JointSpecification, Member, compiled_jointly
from ._dtypes import Conversion, DType, conversion
from ._equation import Equation
from ._errors import MemoryLimitError, naming
from ._exponent import check_type, strip, to_decimal
from ._function import Settings
from ._operands import (
    MadeForOperands,
    check_statement,
    describe,
    hand_over,
    kept_dimensions,
    survives_scaling,
)
from ._optimize import Choice, Memory, choose, choose_jointly, planner_of
from ._plan import JointPlan, PathInfo
from ._problem import Problem, make_problem
from ._results import Placement, Prepared, prepare_all
from ._tuning import current_tuning

__all__ = ["Expressions", "Stated", "name_of"]

# How many are shown where there may be thousands.
_SHOWN = 6


class Stated(NamedTuple):
    """One of several contractions, as the user states it."""

    equation: Equation
    operands: tuple[int, ...]  #: the positions of its operands among all


class _View(NamedTuple):
    """A tensor of the compiled function: an operand in the form in which some of the contractions read it."""

    operand: int
    dtype: DType
    dropped: tuple[int, ...]  #: dimensions of extent 1 that broadcast there


class _Read(NamedTuple):
    """What there is to plan: the beginning of a Member."""

    problem: Problem
    tensors: tuple[int, ...]
    types: Conversion


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers[:_SHOWN])) + (", …" if len(numbers) > _SHOWN else "")


def name_of(number: int, operands: Sequence[int]) -> str:
    """What messages call an expression: they number operands as it does."""
    return f"expression {number} (of operands {_listed(operands)})"


class Expressions(MadeForOperands):
    """Several contractions over common operands, compiled as one function. Call it with the arrays; it returns a tuple.

    Made by tenon.contract_expressions and tenon.array_contract_expressions. The contractions are planned as one
    problem: intermediates that several of them have are computed once. Calling it releases the GIL, and may be done
    from several threads at once.
    """

    def __init__(
        self,
        stated: Sequence[Stated],
        shapes: Sequence[tuple[int, ...]],
        dtypes: Sequence[DType],
        *,
        optimize: Any,
        memory_limit: int,
        threads: int,
        deterministic: bool,
        constants: Mapping[int, Operand],
        facts: Mapping[int, str],
    ) -> None:
        super().__init__(shapes, dtypes, constants, facts)
        self._stated = tuple(stated)
        views: dict[_View, int] = {}
        read: list[_Read] = []
        self._labels: list[tuple[Hashable, ...]] = []
        for number, (equation, operands) in enumerate(self._stated):
            with naming(name_of(number, operands)):
                problem, labels = make_problem(equation, [shapes[k] for k in operands])
                types = conversion([dtypes[k] for k in operands], None, "safe")
            tensors = []
            for view in map(_View._make, zip(operands, types.operands, problem.dropped)):
                if view not in views:
                    views[view] = len(views)
                    k = view.operand
                    if k in facts:
                        check_statement(k, facts[k], shapes[k], dtypes[k], view.dtype, view.dropped)
                tensors.append(views[view])
            read.append(_Read(problem, tuple(tensors), types))
            self._labels.append(labels)
        # What threads share does not depend on them where results must not.
        choices = _choose(optimize, self._stated, self._labels, read, memory_limit, 1 if deterministic else threads)
        self._views = [(view, kept_dimensions(len(shapes[view.operand]), view.dropped)) for view in views]
        self._passed = [t for t, (view, _) in enumerate(self._views) if view.operand not in constants]
        self._members = tuple([Member(*part, choice.path, choice.sliced) for part, choice in zip(read, choices)])
        settings = Settings(_planner_options(optimize, choices), memory_limit, threads, deterministic, current_tuning())
        known = tuple((t, facts[view.operand]) for view, t in views.items() if view.operand in facts)
        fixed = {
            t: self._read(t, constants[view.operand].carrier) for view, t in views.items() if view.operand in constants
        }
        self._compiled = compiled_jointly(JointSpecification(self._members, known, settings), fixed)
        self._check(constants)

    def _read(self, tensor: int, carrier: np.ndarray) -> np.ndarray:
        """What the compiled function takes for a tensor, of the operand that it is a view of."""
        view, selector = self._views[tensor]
        return hand_over(carrier, selector, self._dtypes[view.operand], view.dtype)

    def __len__(self) -> int:
        """How many contractions there are."""
        return len(self._stated)

    @property
    def equations(self) -> tuple[str, ...]:
        """The equations with explicit outputs; labels that are no characters stand in braces."""
        return tuple(str(equation) for equation, _ in self._stated)

    @property
    def operands(self) -> tuple[tuple[int, ...], ...]:
        """The positions of each contraction's operands among all, constants included."""
        return tuple(operands for _, operands in self._stated)

    @property
    def result_shapes(self) -> tuple[tuple[int, ...], ...]:
        """The shapes of the results."""
        return tuple(member.problem.output_shape for member in self._members)

    @property
    def result_dtypes(self) -> tuple[str, ...]:
        """The names of the results' dtypes."""
        return tuple(member.types.result.name for member in self._members)

    @property
    def plan(self) -> JointPlan:
        """What the planner decided: cost together and apart, peak memory, slices, paths."""
        return self._compiled.plan(self._labels)

    @property
    def path_info(self) -> tuple[PathInfo, ...]:
        """For each contraction, the cost of each step of its path, shared or not."""
        return tuple(
            PathInfo(str(equation), member.problem, labels, path)
            for (equation, _), member, labels, path in zip(
                self._stated, self._members, self._labels, self._compiled.paths
            )
        )

    def mlir(self, stage: str = "tn") -> str:
        """The IR of the function at a stage: "tn" as written, "plan" planned, "linalg", "schedule"."""
        return self._compiled.mlir(stage)

    def __call__(self, *arrays: Any, out: Sequence[Any] | None = None, strip_exponent: bool = False) -> tuple[Any, ...]:
        """Contracts `arrays`: the operands that are no constants, in order.

        Arrays must have the shapes and dtypes that the expressions were made for; lists and scalars are converted.
        Results are arrays of the library of the first array, or those of `out`, which has an array, or None for a new
        one, for each: they may overlap operands, but not each other. With `strip_exponent` each result is (mantissa,
        exponent), see tenon.einsum.

        Raises TypeError for a wrong number of arrays or a wrong dtype, ValueError for a wrong shape, TypeError or
        ValueError for an `out` that does not fit, in which case nothing is written; MemoryError when memory is out.
        """
        operands = self._load(arrays)
        if strip_exponent:
            for number, member in enumerate(self._members):
                with naming(f"result {number}"):
                    check_type(member.types.result)
        places = [
            Placement(member.problem.output_shape, member.types.result, array, "K", "safe")
            for member, array in zip(self._members, self._outs(out))
        ]
        given = dict(zip(self._arguments, operands))
        carriers = [self._read(t, given[self._views[t][0].operand].carrier) for t in self._passed]
        prepared = prepare_all(operands, places)
        if strip_exponent:
            return self._run_scaled(carriers, prepared)
        self._compiled.run(carriers, [result.values for result in prepared])
        return tuple([result.hand_over(result.values) for result in prepared])

    def _outs(self, out: Any) -> Sequence[Any]:
        if out is None:
            return [None] * len(self)
        if not isinstance(out, (list, tuple)):
            raise TypeError(f"out must list an array or None for each of {len(self)} results, not {type(out).__name__}")
        if len(out) != len(self):
            raise ValueError(f"out lists {len(out)} arrays; there are {len(self)} results")
        return out

    def _run_scaled(self, carriers: list[np.ndarray], prepared: Sequence[Prepared]) -> tuple[tuple[Any, float], ...]:
        taken = [0] * len(self._views)
        if not self._compiled.reads_as_they_are(carriers):
            for place, t in enumerate(self._passed):
                view = self._views[t][0]
                if survives_scaling(self._facts.get(view.operand)):
                    carriers[place], taken[t] = strip(carriers[place], view.dtype)
        exponents = self._compiled.run_scaled(carriers, [result.values for result in prepared])
        results = []
        for member, result, exponent in zip(self._members, prepared, exponents):
            mantissa, rest = result.values, 0
            if member.types.result.itemsize <= 2:  # the run leaves it alone
                mantissa, rest = strip(mantissa, member.types.result)
            exponent += rest + sum(taken[t] for t in member.tensors)
            results.append((result.hand_over(mantissa), to_decimal(exponent)))
        return tuple(results)

    def __repr__(self) -> str:
        results = [
            f"{str(equation)!r} of {', '.join(map(str, operands))} -> "
            f"{describe(member.types.result, member.problem.output_shape)}"
            for (equation, operands), member in zip(self._stated[:_SHOWN], self._members)
        ]
        if len(self) > _SHOWN:
            results.append(f"… ({len(self)} in all)")
        return f"<tenon.Expressions over {', '.join(self._describe_operands())}: {'; '.join(results)}>"


def _choose(
    optimize: Any,
    stated: Sequence[Stated],
    labels: Sequence[Sequence[Hashable]],
    read: Sequence[_Read],
    memory_limit: int,
    threads: int,
) -> list[Choice]:
    """What ``optimize=`` asks of the planner for each contraction."""
    memories = [Memory(memory_limit, x.types.result.itemsize, x.types.accumulate, threads) for x in read]
    planner = planner_of(optimize)
    if planner is None:
        choices = []
        for number, wanted in enumerate(_one_for_each(optimize, len(stated))):
            equation, operands = stated[number]
            numbers = {label: k for k, label in enumerate(labels[number])}
            with naming(name_of(number, operands)):
                choices.append(choose(wanted, read[number].problem, equation.inputs, numbers, memories[number]))
        return choices
    # Steps of one type only are shared; the time limit is that of all searches.
    end = planner.end(time.perf_counter())
    groups: dict[DType, list[int]] = {}
    for number, part in enumerate(read):
        groups.setdefault(part.types.result, []).append(number)
    found: dict[int, Choice] = {}
    refusals: list[MemoryLimitError] = []
    for number, (dtype, group) in enumerate(groups.items()):
        now = time.perf_counter()
        share = None if end is None else now + (end - now) / (len(groups) - number)
        problems, tensors = [read[k].problem for k in group], [read[k].tensors for k in group]
        try:
            found.update(zip(group, choose_jointly(planner, problems, tensors, memories[group[0]], share)))
        except MemoryLimitError as error:
            whose = f"of the expressions {_listed(group)} (results of {dtype}): " if len(groups) > 1 else ""
            refusals.append(MemoryLimitError(f"{whose}{error}", error.smallest_limit))
    if refusals:
        # The limit that is named is one that all can keep.
        raise max(refusals, key=lambda error: error.smallest_limit or 0)
    return [found[number] for number in range(len(read))]


def _one_for_each(optimize: Any, count: int) -> Sequence[Any]:
    """What ``optimize=`` says of each of `count` contractions: a list has an entry for each."""
    if not isinstance(optimize, (list, tuple)):
        return [optimize] * count
    if len(optimize) != count:
        raise ValueError(
            f"optimize lists {len(optimize)} entries; there are {count} expressions: expected one path for each"
        )
    return optimize


def _planner_options(optimize: Any, choices: Sequence[Choice]) -> str | None:
    """What tn-plan is told beside the paths that were chosen."""
    planner = planner_of(optimize)
    if planner is not None and planner.memory_limit:
        # Each of its paths keeps the limit by itself. What they keep for others is decided when they are compiled.
        return f"kept-limit={planner.memory_limit}"
    return _strategy(choices)


def _strategy(choices: Sequence[Choice]) -> str | None:
    """The planner's options for all contractions that have no path; None where there are none."""
    plans = list(dict.fromkeys(choice.plan for choice in choices if choice.plan is not None))
    if len(plans) > 1:
        raise ValueError(
            f"optimize asks for {plans[0]!r} and for {plans[1]!r}; expressions without a path are planned together, "
            "with one strategy"
        )
    return plans[0] if plans else None
