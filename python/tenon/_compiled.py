"""Compiled networks: from a Problem to native code, once.

A network is made for given extents, element types, path and options; equal ones are compiled once per
process and kept in a bounded cache.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from functools import cached_property
from math import prod
from typing import Any, NamedTuple, cast

import numpy as np

from ._cache import Cache
from ._dtypes import Conversion
from ._function import CompiledFunction, Settings, state_contraction, takes_long
from ._kept_memory import empty_for
from ._optimize import Choice
from ._paths import SSAPath, check_ssa, written_order
from ._plan import Plan, read_plan
from ._problem import Problem
from ._tenon import DirectCall, Module, Network
from ._threads import acquire_context, release_context

__all__ = ["Compiled", "Specification", "compiled", "network_cache"]

# A run of fewer has no work for a second thread (kSharedFromOperations of tenon/KernelModel/Blocking.h).
_TINY_RUN = 2**18
_TINY_WORKSPACE = 1 << 16


class Specification(NamedTuple):
    """Everything that compiled code depends on, but for constants. Hashable."""

    problem: Problem
    types: Conversion
    choice: Choice
    memory_limit: int  #: bytes; 0: none
    threads: int
    deterministic: bool = False
    tuning: str | None = None  #: tuning file
    facts: tuple[str | None, ...] = ()  #: of each operand, in the syntax of #tn.facts; () where none has any


class Compiled(CompiledFunction):
    """A compiled network. Thread safe."""

    def __init__(self, spec: Specification, constants: Mapping[int, np.ndarray]) -> None:
        self.spec = spec
        problem, types, choice = spec.problem, spec.types, spec.choice
        count = len(problem.inputs)
        # Copies: the IR, which reads them, is made when it is asked for.
        fixed = {k: np.array(values, order="C") for k, values in constants.items()}
        self._contraction = state_contraction(
            problem, types, choice.path, choice.sliced, [fixed.get(k) for k in range(count)], spec.facts
        )
        self._made_direct: DirectCall | None = None
        super().__init__(
            Settings(choice.plan, spec.memory_limit, spec.threads, spec.deterministic, spec.tuning),
            [dtype for k, dtype in enumerate(types.operands) if k not in fixed],
            [types.result],
            [(values, types.operands[k]) for k, values in fixed.items()],
        )
        extents = problem.extents
        operations = self._network.operations
        if operations < 0:
            operations = prod(extents)
        self._long = takes_long(operations, sum(problem.elements_read(k) for k in range(count)))
        # Each has a context of its own, and that its arena.
        self.is_tiny = operations < _TINY_RUN and self._network.workspace_size <= _TINY_WORKSPACE

    def _make_network(self, plan: str | None) -> Network:
        spec = self.spec
        return Network.from_contraction(
            *self._contraction, spec.threads, spec.memory_limit, plan, spec.deterministic, spec.tuning
        )

    def _make_module(self) -> Module:
        return Module.from_contraction(*self._contraction)

    @property
    def direct(self) -> DirectCall:
        """Runs on plain arrays; see `call`. By itself it is for tiny networks."""
        if self._made_direct is None:
            self._made_direct = self._make_direct()
        return self._made_direct

    def _make_direct(self) -> DirectCall:
        spec, types = self.spec, self.spec.types
        inputs = [
            (dtype.code, dtype.carrier, spec.problem.input_shape(k))
            for k, (dtype, operand) in enumerate(zip(types.operands, self._contraction[0]))
            if operand[-1] is None
        ]
        shape, result = spec.problem.output_shape, types.result
        return DirectCall(self._network, inputs, (result.code, result.carrier, shape), empty_for(shape, result.carrier))

    def call(self, arrays: tuple[Any, ...]) -> Any:
        """The result on arrays that can be used as they are; None where they are anything else.

        `arrays` are the arguments that are no constants. They have to be plain NumPy arrays of the types that the
        network reads. Raises as `run` does.
        """
        threads = self.spec.threads
        context = acquire_context(threads)
        try:
            return self.direct(arrays, context, self._watches())
        finally:
            release_context(threads, context)

    def plan(self, labels: Sequence[Hashable]) -> Plan:
        """The plan, with `labels` for the indices."""
        choice = self.spec.choice
        sliced = None if choice.path is None else tuple(labels[i] for i in choice.sliced)
        return read_plan(self._plan, self._network.workspace_size, self.spec.problem, labels, self.path, sliced)

    @cached_property
    def path(self) -> SSAPath:
        """The path that runs, in SSA form: simplification's steps, then the planner's.

        Where nothing is left to contract, because all of the network is computed when it is compiled, it is the path
        that the same options find for the operands as they are.
        """
        count = len(self.spec.problem.inputs)
        if self.spec.choice.path is not None or count < 3:
            return self.spec.choice.path or written_order(count)
        contractions = self._plan.get("contractions", [])
        whole = [c["original_path"] for c in contractions if c.get("original_operands") == count]
        if not whole and len(contractions) == 1 and len(contractions[0]["path"]) == count - 1:
            whole = [contractions[0]["path"]]
        if not whole:
            whole = [self._plan_again()[0]["path"]]
        return check_ssa(whole[0], count)


network_cache: Cache[CompiledFunction] = Cache(256)


def compiled(spec: Specification, constants: Mapping[int, np.ndarray] | None = None) -> Compiled:
    """The compiled network of `spec`: from the cache, unless it has constants."""
    if constants:
        return Compiled(spec, constants)
    return cast(Compiled, network_cache.get(spec, lambda: Compiled(spec, {})))
