"""Contraction expressions: a network that is compiled and can be called."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ._arrays import Operand
from ._compiled import Specification, compiled
from ._dtypes import BFLOAT16, Casting, Conversion, DType, conversion
from ._equation import Equation
from ._exponent import check_type, strip, to_decimal
from ._operands import (
    MadeForOperands,
    check_statement,
    describe,
    hand_over,
    kept_dimensions,
    survives_scaling,
)
from ._optimize import Memory, choose
from ._plan import PathInfo, Plan
from ._problem import make_problem
from ._results import Placement, compute
from ._tuning import current_tuning

__all__ = ["Expression"]

ORDERS = ("K", "C", "F", "A")
CASTINGS = ("no", "equiv", "safe", "same_kind", "unsafe")


def _takes_nothing(arrays: tuple[Any, ...]) -> None:
    """Stands for a call where no arrays can be used as they are."""


class Expression(MadeForOperands):
    """A compiled contraction of operands with fixed shapes and dtypes. Call it with the arrays.

    Made by tenon.contract_expression and tenon.array_contract_expression. Calling it releases the GIL,
    and may be done from several threads at once.
    """

    def __init__(
        self,
        equation: Equation,
        shapes: Sequence[tuple[int, ...]],
        dtypes: Sequence[DType],
        *,
        dtype: DType | None,
        casting: Casting,
        optimize: Any,
        memory_limit: int,
        threads: int,
        deterministic: bool = False,
        constants: Mapping[int, Operand] = {},
        facts: Mapping[int, str] = {},
    ) -> None:
        super().__init__(shapes, dtypes, constants, facts)
        self._equation = equation
        problem, self._labels = make_problem(equation, shapes)
        types = conversion(list(dtypes), dtype, casting)
        numbers = {label: k for k, label in enumerate(self._labels)}
        # What threads share does not depend on them where results must not.
        memory = Memory(memory_limit, types.result.itemsize, types.accumulate, 1 if deterministic else threads)
        choice = choose(optimize, problem, equation.inputs, numbers, memory)
        for k, text in facts.items():
            check_statement(k, text, shapes[k], dtypes[k], types.operands[k], problem.dropped[k])
        stated = tuple(facts.get(k) for k in range(len(shapes))) if facts else ()
        spec = Specification(problem, types, choice, memory_limit, threads, deterministic, current_tuning(), stated)
        self._selectors = [kept_dimensions(len(shape), gone) for shape, gone in zip(shapes, problem.dropped)]
        fixed = {k: self._hand_over(k, operand.carrier, types) for k, operand in constants.items()}
        self._plain = all(self._selectors[k] is None and dtypes[k] is types.operands[k] for k in self._arguments)
        self._types = types
        self._result_shape = problem.output_shape
        self._compiled = compiled(spec, fixed)
        # A call's result on NumPy arrays that can be used as they are; None for anything else. The type of an array
        # cannot tell bfloat16.
        self.run_plain: Callable[[tuple[Any, ...]], Any] = _takes_nothing
        if self._plain and BFLOAT16 not in (types.result, *types.operands):
            self.run_plain = self._compiled.direct if self._compiled.is_tiny else self._compiled.call
        self._check(constants)

    def _hand_over(self, operand: int, carrier: np.ndarray, types: Conversion) -> np.ndarray:
        return hand_over(carrier, self._selectors[operand], self._dtypes[operand], types.operands[operand])

    @property
    def equation(self) -> str:
        """The equation with an explicit output; labels that are no characters stand in braces."""
        return str(self._equation)

    @property
    def result_shape(self) -> tuple[int, ...]:
        """The shape of the result."""
        return self._result_shape

    @property
    def result_dtype(self) -> str:
        """The name of the result's dtype."""
        return self._types.result.name

    @property
    def plan(self) -> Plan:
        """What the planner decided: cost, peak memory, slices, and the path in three forms."""
        return self._compiled.plan(self._labels)

    @property
    def path_info(self) -> PathInfo:
        """The cost of each step of the path."""
        return PathInfo(self.equation, self._compiled.spec.problem, self._labels, self._compiled.path)

    def mlir(self, stage: str = "tn") -> str:
        """The IR of the network at a stage: "tn" as written, "plan" planned, "linalg", "schedule"."""
        return self._compiled.mlir(stage)

    def __call__(self, *arrays: Any, out: Any = None, strip_exponent: bool = False) -> Any:
        """Contracts `arrays`: those of the expression's operands that are no constants, in order.

        Arrays must have the shapes and dtypes that the expression was made for; lists and scalars are
        converted. The result is an array of the library of the first array, or `out`, which may overlap
        an operand. With `strip_exponent` it is (mantissa, exponent), see tenon.einsum.

        Raises TypeError for a wrong number of arrays or a wrong dtype, ValueError for a wrong shape,
        TypeError or ValueError for an `out` that does not fit, MemoryError when memory is out.
        """
        if out is None and not strip_exponent:
            values = self.run_plain(arrays)
            if values is not None:
                return values
        return self.run(self._load(arrays), out, "K", "safe", strip_exponent)

    def run(self, operands: Sequence[Operand], out: Any, order: str, casting: Casting, strip_exponent: bool) -> Any:
        """As a call, on operands whose shapes and dtypes are known to fit."""
        carriers = [operand.carrier for operand in operands]
        if not self._plain:
            carriers = [self._hand_over(k, carrier, self._types) for k, carrier in zip(self._arguments, carriers)]
        place = Placement(self._result_shape, self._types.result, out, order, casting)
        if not strip_exponent:
            return compute(lambda values: self._compiled.run(carriers, [values]), operands, place)
        check_type(self._types.result)
        taken = 0
        if not self._compiled.reads_as_they_are(carriers):
            for position, k in enumerate(self._arguments):
                if survives_scaling(self._facts.get(k)):
                    carriers[position], exponent = strip(carriers[position], self._types.operands[k])
                    taken += exponent

        def run_scaled(values: np.ndarray) -> None:
            nonlocal taken
            taken += self._compiled.run_scaled(carriers, [values])[0]

        def finish(values: np.ndarray) -> np.ndarray:
            nonlocal taken
            if self._types.result.itemsize > 2:
                return values  # the run has done it
            mantissa, exponent = strip(values, self._types.result)
            taken += exponent
            return mantissa

        return compute(run_scaled, operands, place, finish), to_decimal(taken)

    def __repr__(self) -> str:
        result = describe(self._types.result, self._result_shape)
        return f"<tenon.Expression {self.equation!r}: {', '.join(self._describe_operands())} -> {result}>"
