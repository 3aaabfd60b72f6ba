"""Compiled networks: from a Problem to native code, once.

A network is made for given extents, element types, path and options; equal ones are compiled once per
process and kept in a bounded cache.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Hashable, Mapping, Sequence
from functools import cached_property
from math import prod
from typing import Any, NamedTuple

import numpy as np

from ._cache import Cache
from ._dtypes import BOOL, Conversion, DType
from ._errors import CompileError, MemoryLimitError
from ._kept_memory import empty_for
from ._optimize import Choice
from ._paths import SSAPath, check_ssa, written_order
from ._plan import Plan, read_plan
from ._problem import Problem
from ._tenon import DirectCall, Module, Network, are_in_window
from ._threads import acquire_context, release_context

__all__ = ["Compiled", "Specification", "compiled", "network_cache"]

_PLUS_TIMES, _OR_AND = 0, 3  # tenon_semiring of tenon-c/Tenon.h

# A run of fewer multiply-adds than this ends within milliseconds, or some hundredths of a second where kernels are
# slow, unless memory is what it waits for: then a tenth of them are many. A longer one, on the main thread, gets a thread
# of its own, so that the main thread can handle signals: some 45 us, which products of 384 x 384 would notice.
_LONG_RUN = 200_000_000
_LONG_RUN_IN_MEMORY = 20_000_000
_ELEMENTS_IN_MEMORY = 1 << 23

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


class Compiled:
    """A compiled network. Thread safe."""

    def __init__(self, spec: Specification, constants: Mapping[int, np.ndarray]) -> None:
        self.spec = spec
        problem, types, choice = spec.problem, spec.types, spec.choice
        # Copies: the IR, which reads them, is made when it is asked for.
        fixed = {k: np.array(values, order="C") for k, values in constants.items()}
        extents = problem.extents
        self._contraction = (
            [
                (dtype.code, dtype.unsigned, tuple([extents[i] for i in labels]), labels, fixed.get(k))
                for k, (dtype, labels) in enumerate(zip(types.operands, problem.inputs))
            ],
            types.result.code,
            types.result.unsigned,
            problem.output,
            types.accumulate.code,
            _OR_AND if types.result is BOOL else _PLUS_TIMES,
            choice.path or None,
            choice.sliced if choice.path else (),
            spec.facts,
        )
        self._network = self._make_network(choice.plan)
        self._codes = [dtype.code for k, dtype in enumerate(types.operands) if k not in constants]
        self._result_code = types.result.code
        self._made_module: Module | None = None
        self._made_plan: dict[str, Any] | None = None
        self._made_direct: DirectCall | None = None
        self._made_scalable: Network | None = None
        self._scales: bool | None = None
        operations = self._network.operations
        if operations < 0:
            operations = prod(extents)
        elements = sum(prod(extents[i] for i in labels) for labels in problem.inputs)
        in_memory = elements >= _ELEMENTS_IN_MEMORY
        self._long = operations >= (_LONG_RUN_IN_MEMORY if in_memory else _LONG_RUN)
        # Each has a context of its own, and that its arena.
        self.is_tiny = operations < _TINY_RUN and self._network.workspace_size <= _TINY_WORKSPACE

    def _make_network(self, plan: str | None) -> Network:
        spec = self.spec
        return Network.from_contraction(
            *self._contraction, spec.threads, spec.memory_limit, plan, spec.deterministic, spec.tuning
        )

    # Not cached_property, whose lock (before Python 3.12) a forked child would wait for: two threads may both make
    # what nobody has asked for before.

    @property
    def _module(self) -> Module:
        """The IR. A network that started without a compiler has none until somebody asks for it."""
        if self._made_module is None:
            self._made_module = Module.from_contraction(*self._contraction)
        return self._made_module

    @property
    def _plan(self) -> dict[str, Any]:
        if self._made_plan is None:
            self._made_plan = json.loads(self._network.plan)
        return self._made_plan

    @property
    def _scalable(self) -> Network:
        """The network that is run scaled. Tiles of intermediates have no exponent of their own: where some are computed
        in tiles, another network is made that computes them whole.
        """
        if self._made_scalable is None:
            types, network = self.spec.types, self._network
            sliced = any(contraction["sliced"] for contraction in self._plan.get("contractions", []))
            if not network.scales and not sliced and types.result.itemsize > 2:
                network = self._make_whole() or network
            self._made_scalable = network
        return self._made_scalable

    def _make_whole(self) -> Network | None:
        """The network without tiles; None where it cannot be scaled either, or tiles keep the memory limit."""
        try:
            network = self._make_network(" ".join(filter(None, [self.spec.choice.plan, "fuse=false"])))
        except MemoryLimitError:
            return None
        return network if network.scales else None

    @property
    def direct(self) -> DirectCall:
        """Runs on plain arrays; see `call`. By itself it is for tiny networks."""
        if self._made_direct is None:
            self._made_direct = self._make_direct()
        return self._made_direct

    def _make_direct(self) -> DirectCall:
        spec, types = self.spec, self.spec.types
        formats = {dtype: memoryview(np.empty(0, dtype.carrier)).format for dtype in {types.result, *types.operands}}

        def describe(dtype: DType, shape: tuple[int, ...]) -> tuple[int, str, tuple[int, ...]]:
            return dtype.code, formats[dtype], shape

        inputs = [
            describe(dtype, spec.problem.input_shape(k))
            for k, (dtype, operand) in enumerate(zip(types.operands, self._contraction[0]))
            if operand[-1] is None
        ]
        shape, carrier = spec.problem.output_shape, types.result.carrier
        empty = empty_for(shape, carrier)
        return DirectCall(self._network, inputs, describe(types.result, shape), np.ndarray, empty, shape, carrier)

    def call(self, arrays: tuple[Any, ...]) -> np.ndarray | None:
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

    def _watches(self) -> bool:
        """Whether a run gets a thread of its own, so that this one can handle signals."""
        return self._long and threading.get_ident() == threading.main_thread().ident

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
            module = self._module.clone()
            module.run_passes(f"builtin.module(func.func(tn-plan{{{self.spec.choice.plan}}}))")
            whole = [_planned(str(module))[0]["path"]]
        return check_ssa(whole[0], count)

    def run(self, carriers: list[np.ndarray], out: np.ndarray) -> None:
        """Computes into `out`, which overlaps no operand. Releases the GIL.

        `carriers` are the arguments that are no constants, without the dimensions that broadcasting
        dropped. Raises InvalidArgumentError, OutOfMemoryError; and what a signal handler raises, on the
        main thread, in which case `out` is unspecified.
        """
        self._run(self._network, carriers, out, scaled=False)

    def run_scaled(self, carriers: list[np.ndarray], out: np.ndarray) -> int:
        """As run, with powers of two taken out of intermediates that would overflow or vanish, where the network can be run
        so, and out of the result unless its type is narrow. The result is `out` times two to the returned exponent.
        """
        return self._run(self._scalable, carriers, out, scaled=True)

    def reads_as_they_are(self, carriers: list[np.ndarray]) -> bool:
        """Whether run_scaled may read these arguments as they are: no magnitude, of constants neither, is so large or small that
        one step leaves the range, and intermediates are scaled. Narrow types have too little range.
        """
        if self._scales is None:
            fixed = [(operand[-1], operand[0]) for operand in self._contraction[0] if operand[-1] is not None]
            self._scales = (
                self._scalable.scales
                and all(values.itemsize > 2 for values, _ in fixed)
                and are_in_window([values for values, _ in fixed], [code for _, code in fixed])
            )
        return (
            self._scales
            and all(array.itemsize > 2 for array in carriers)
            and are_in_window(carriers, self._codes)
        )

    def _run(self, network: Network, carriers: list[np.ndarray], out: np.ndarray, scaled: bool) -> int:
        threads = self.spec.threads
        context = acquire_context(threads)
        try:
            return network.run(context, carriers, self._codes, out, self._result_code, self._watches(), scaled)
        finally:
            release_context(threads, context)

    def mlir(self, stage: str) -> str:
        """The network's IR at `stage`. Raises ValueError for a stage that there is not."""
        if stage not in STAGES:
            raise ValueError(f"stage must be one of {', '.join(map(repr, STAGES))}, not {stage!r}")
        spec = self.spec
        options = f"threads={spec.threads} memory-limit={spec.memory_limit} {spec.choice.plan or ''}".strip()
        if spec.deterministic:
            options += " deterministic=true"
        if spec.tuning:
            options += f" tuning='{spec.tuning}'"
        module = self._module.clone()
        for pipelines in list(STAGES.values())[: list(STAGES).index(stage) + 1]:
            for pipeline in pipelines:
                module.run_passes(f"{pipeline}{{{options}}}")
        return str(module)


# What follows what, and the pipelines that lead there from the stage before.
STAGES = {
    "tn": (),
    "plan": ("tenon-plan-stage",),
    "linalg": ("tenon-tensor-stage",),
    "schedule": ("tenon-buffer-stage", "tenon-kernel-stage"),
}


def _planned(text: str) -> list[dict[str, Any]]:
    """The contractions of the attribute tn.plan, JSON text in a function's attributes."""
    found = re.search(r'tn\.plan = "((?:[^"\\]|\\.)*)"', text)
    if found is None:
        raise CompileError("tn-plan left no plan")
    plain = re.sub(r"\\([0-9A-Fa-f]{2}|\\)", lambda m: "\\" if m[1] == "\\" else chr(int(m[1], 16)), found[1])
    return json.loads(plain)["contractions"]


network_cache: Cache[Compiled] = Cache(256)


def compiled(spec: Specification, constants: Mapping[int, np.ndarray] | None = None) -> Compiled:
    """The compiled network of `spec`: from the cache, unless it has constants."""
    if constants:
        return Compiled(spec, constants)
    return network_cache.get(spec, lambda: Compiled(spec, {}))
