"""Contraction expressions: a network that is compiled and can be called."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ._arrays import Operand, load
from ._compiled import Specification, compiled
from ._dtypes import BFLOAT16, Casting, Conversion, DType, as_dtype, conversion, convert, to_numpy
from ._equation import Equation
from ._exponent import check_type, strip, to_decimal
from ._optimize import Memory, choose
from ._plan import PathInfo, Plan
from ._problem import make_problem
from ._results import Placement, compute
from ._tenon import check_facts, fit_facts
from ._tuning import current_tuning

__all__ = ["Expression"]

ORDERS = ("K", "C", "F", "A")
CASTINGS = ("no", "equiv", "safe", "same_kind", "unsafe")


class Expression:
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
        self._equation = equation
        self._shapes = tuple(shapes)
        self._dtypes = tuple(dtypes)
        problem, self._labels = make_problem(equation, shapes)
        types = conversion(list(dtypes), dtype, casting)
        numbers = {label: k for k, label in enumerate(self._labels)}
        # What threads share does not depend on them where results must not.
        memory = Memory(memory_limit, types.result.itemsize, types.accumulate, 1 if deterministic else threads)
        choice = choose(optimize, problem, equation.inputs, numbers, memory)
        self._facts = facts
        for k, text in facts.items():
            wrong = fit_facts(text, shapes[k], dtypes[k].code)
            if wrong:
                raise ValueError(f"operand {k}: {wrong}")
            if problem.dropped[k]:
                raise ValueError(f"operand {k} has facts, and an extent of 1 that is broadcast: leave one of them out")
            if dtypes[k] is not types.operands[k]:
                raise ValueError(
                    f"operand {k} has facts, and is converted from {dtypes[k]} to {types.operands[k]}: facts are about "
                    "the numbers that are computed with; give all operands one dtype"
                )
        stated = tuple(facts.get(k) for k in range(len(shapes))) if facts else ()
        spec = Specification(problem, types, choice, memory_limit, threads, deterministic, current_tuning(), stated)
        self._selectors = [
            # The ellipsis keeps an array of rank 0 an array.
            (*(0 if k in dropped else slice(None) for k in range(len(shape))), ...) if dropped else None
            for shape, dropped in zip(shapes, problem.dropped)
        ]
        fixed = {k: self._hand_over(k, operand.carrier, types) for k, operand in constants.items()}
        self._arguments = [k for k in range(len(shapes)) if k not in constants]
        self._plain = all(self._selectors[k] is None and dtypes[k] is types.operands[k] for k in self._arguments)
        self._types = types
        self._result_shape = problem.output_shape
        self._compiled = compiled(spec, fixed)
        # What takes plain arrays as they are. A buffer cannot tell bfloat16.
        self._direct: Callable[[tuple[Any, ...]], np.ndarray | None] | None = None
        if self._plain and BFLOAT16 not in (types.result, *types.operands):
            self._direct = self._compiled.direct if self._compiled.is_tiny else self._compiled.call
        for k in sorted(facts.keys() & constants.keys()):
            self._check(k, constants[k].carrier)

    def _check(self, operand: int, carrier: np.ndarray) -> None:
        dtype = self._dtypes[operand]
        wrong = check_facts(self._facts[operand], carrier, dtype.code, dtype.unsigned)
        if wrong:
            raise ValueError(f"operand {operand}: its fact {wrong}")

    def check_facts(self, *arrays: Any) -> None:
        """Checks what `facts` says of the operands against `arrays`, those of a call.

        Raises ValueError with the first fact that does not hold, and where. Calls themselves trust facts.
        """
        for k, operand in zip(self._arguments, self._load(arrays)):
            if k in self._facts:
                self._check(k, operand.carrier)

    def _hand_over(self, operand: int, carrier: np.ndarray, types: Conversion) -> np.ndarray:
        selector = self._selectors[operand]
        if selector is not None:
            carrier = carrier[selector]
        return convert(carrier, self._dtypes[operand], types.operands[operand])

    @property
    def equation(self) -> str:
        """The equation with an explicit output; labels that are no characters stand in braces."""
        return str(self._equation)

    @property
    def shapes(self) -> tuple[tuple[int, ...], ...]:
        """The shapes of the arrays that a call takes."""
        return tuple(self._shapes[k] for k in self._arguments)

    @property
    def dtypes(self) -> tuple[str, ...]:
        """The names of the dtypes of the arrays that a call takes."""
        return tuple(self._dtypes[k].name for k in self._arguments)

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

    def run_plain(self, arrays: tuple[Any, ...]) -> Any:
        """A call's result on NumPy arrays that can be used as they are; None for anything else."""
        if self._direct is None:
            return None
        values = self._direct(arrays)
        if values is None:
            return None
        # As numpy.einsum, a result of rank 0 is a scalar.
        return values if values.ndim else values[()]

    def _load(self, arrays: Sequence[Any]) -> list[Operand]:
        """The operands of a call. Raises TypeError and ValueError for arrays that do not fit."""
        if len(arrays) != len(self._arguments):
            raise TypeError(f"the expression takes {len(self._arguments)} arrays, but {len(arrays)} were given")
        operands = []
        for k, array in zip(self._arguments, arrays):
            operand = load(array)
            expected = self._dtypes[k]
            if operand.library is None and operand.dtype is not expected:
                operand = load(np.asarray(array, dtype=to_numpy(expected)))._replace(library=None)
            if operand.carrier.shape != self._shapes[k]:
                raise ValueError(
                    f"operand {k} has the shape {operand.carrier.shape}; the expression was made for {self._shapes[k]}"
                )
            if operand.dtype is not expected:
                raise TypeError(
                    f"operand {k} has dtype {operand.dtype}; the expression was made for {expected}: "
                    "convert it, or make the expression with dtype="
                )
            operands.append(operand)
        return operands

    def run(self, operands: Sequence[Operand], out: Any, order: str, casting: Casting, strip_exponent: bool) -> Any:
        """As a call, on operands whose shapes and dtypes are known to fit."""
        carriers = [operand.carrier for operand in operands]
        if not self._plain:
            carriers = [self._hand_over(k, carrier, self._types) for k, carrier in zip(self._arguments, carriers)]
        place = Placement(self._result_shape, self._types.result, out, order, casting)
        if not strip_exponent:
            return compute(lambda values: self._compiled.run(carriers, values), operands, place)
        check_type(self._types.result)
        taken = 0
        if not self._compiled.reads_as_they_are(carriers):
            for position, k in enumerate(self._arguments):
                carriers[position], exponent = strip(carriers[position], self._types.operands[k])
                taken += exponent

        def run_scaled(values: np.ndarray) -> None:
            nonlocal taken
            taken += self._compiled.run_scaled(carriers, values)

        def finish(values: np.ndarray) -> np.ndarray:
            nonlocal taken
            if self._types.result.itemsize > 2:
                return values  # the run has done it
            mantissa, exponent = strip(values, self._types.result)
            taken += exponent
            return mantissa

        return compute(run_scaled, operands, place, finish), to_decimal(taken)

    def __repr__(self) -> str:
        operands = ", ".join(
            _describe(dtype, shape) + ("" if k in self._arguments else " (constant)")
            for k, (dtype, shape) in enumerate(zip(self._dtypes, self._shapes))
        )
        result = _describe(self._types.result, self._result_shape)
        return f"<tenon.Expression {self.equation!r}: {operands} -> {result}>"


def _describe(dtype: DType, shape: tuple[int, ...]) -> str:
    return f"{dtype}[{'x'.join(map(str, shape))}]"


def made_from(dtype: Any, count: int) -> tuple[DType, ...]:
    """The operands' types that a ``dtype=`` of an expression states: one for all, or one for each."""
    if isinstance(dtype, (list, tuple)):
        if len(dtype) != count:
            raise ValueError(f"dtype lists {len(dtype)} dtypes; the expression has {count} operands")
        return tuple(map(as_dtype, dtype))
    return (as_dtype("float64" if dtype is None else dtype),) * count
