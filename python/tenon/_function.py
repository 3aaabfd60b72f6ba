"""Compiled functions: what networks of one and of several contractions have in common."""

from __future__ import annotations

import json
import re
import threading
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ._dtypes import BOOL, Conversion, DType
from ._errors import CompileError, MemoryLimitError
from ._paths import SSAPath
from ._problem import Problem
from ._tenon import Module, Network, are_in_window
from ._threads import acquire_context, release_context

__all__ = ["CompiledFunction", "Settings", "state_contraction", "takes_long"]

_PLUS_TIMES, _OR_AND = 0, 3  # tenon_semiring of tenon-c/Tenon.h

# A run of fewer multiply-adds than this ends within milliseconds, or some hundredths of a second where kernels are
# slow, unless memory is what it waits for: then a tenth of them are many. A longer one, on the main thread, gets a thread
# of its own, so that the main thread can handle signals: some 45 us, which products of 384 x 384 would notice.
_LONG_RUN = 200_000_000
_LONG_RUN_IN_MEMORY = 20_000_000
_ELEMENTS_IN_MEMORY = 1 << 23


def takes_long(operations: float, elements: int) -> bool:
    """Whether a run of so many multiply-adds, on operands of so many elements, should watch for signals."""
    return operations >= (_LONG_RUN_IN_MEMORY if elements >= _ELEMENTS_IN_MEMORY else _LONG_RUN)


class Settings(NamedTuple):
    """What compiled code depends on beside what it computes. Hashable."""

    plan: str | None  #: options of tn-plan; None: none, every contraction has a path
    memory_limit: int  #: bytes; 0: none
    threads: int
    deterministic: bool = False
    tuning: str | None = None  #: tuning file


def state_contraction(
    problem: Problem,
    types: Conversion,
    path: SSAPath | None,
    sliced: tuple[int, ...],
    constants: Sequence[np.ndarray | None],
    facts: Sequence[str | None],
) -> tuple[Any, ...]:
    """A contraction as the extension module takes it; `constants` of each operand, `facts` too, or none at all."""
    extents = problem.extents
    return (
        [
            (dtype.code, dtype.unsigned, tuple([extents[i] for i in labels]), labels, constant)
            for dtype, labels, constant in zip(types.operands, problem.inputs, constants)
        ],
        types.result.code,
        types.result.unsigned,
        problem.output,
        types.accumulate.code,
        _OR_AND if types.result is BOOL else _PLUS_TIMES,
        path or None,
        sliced if path else (),
        facts,
    )


class CompiledFunction(ABC):
    """A compiled function of contractions. Thread safe.

    Whoever derives from it says how its module and its network are made, before it calls __init__, and whether runs
    are long after that.
    """

    _long: bool

    def __init__(
        self,
        settings: Settings,
        arguments: Sequence[DType],
        results: Sequence[DType],
        constants: Sequence[tuple[np.ndarray, DType]],
    ) -> None:
        self.settings = settings
        self._codes = [dtype.code for dtype in arguments]
        self._result_codes = [dtype.code for dtype in results]
        self._has_narrow_result = any(dtype.itemsize <= 2 for dtype in results)
        self._fixed = constants
        self._made_module: Module | None = None
        self._made_plan: dict[str, Any] | None = None
        self._made_scalable: Network | None = None
        self._scales: bool | None = None
        self._network = self._make_network(settings.plan)

    @abstractmethod
    def _make_network(self, plan: str | None) -> Network:
        """The network, planned with these options."""

    @abstractmethod
    def _make_module(self) -> Module:
        """The IR."""

    # Not cached_property, whose lock (before Python 3.12) a forked child would wait for: two threads may both make
    # what nobody has asked for before.

    @property
    def _module(self) -> Module:
        """The IR. A network that started without a compiler has none until somebody asks for it."""
        if self._made_module is None:
            self._made_module = self._make_module()
        return self._made_module

    @property
    def _plan(self) -> dict[str, Any]:
        if self._made_plan is None:
            self._made_plan = json.loads(self._network.plan)
        return self._made_plan

    def _plan_again(self) -> list[dict[str, Any]]:
        """What the planner says of the contractions as they were stated."""
        module = self._module.clone()
        module.run_passes(f"builtin.module(func.func(tn-plan{{{self.settings.plan or ''}}}))")
        return _planned(str(module))

    @property
    def _scalable(self) -> Network:
        """The network that is run scaled. Tiles of intermediates have no exponent of their own: where some are computed
        in tiles, another network is made that computes them whole.
        """
        if self._made_scalable is None:
            network = self._network
            sliced = any(contraction["sliced"] for contraction in self._plan.get("contractions", []))
            if not network.scales and not sliced and not self._has_narrow_result:
                network = self._make_whole() or network
            self._made_scalable = network
        return self._made_scalable

    def _make_whole(self) -> Network | None:
        """The network without tiles; None where it cannot be scaled either, or tiles keep the memory limit."""
        try:
            network = self._make_network(" ".join(filter(None, [self.settings.plan, "fuse=false"])))
        except MemoryLimitError:
            return None
        return network if network.scales else None

    def _watches(self) -> bool:
        """Whether a run gets a thread of its own, so that this one can handle signals."""
        return self._long and threading.get_ident() == threading.main_thread().ident

    def run(self, carriers: list[np.ndarray], outs: list[np.ndarray]) -> None:
        """Computes into `outs`, which overlap no operand and not each other. Releases the GIL.

        `carriers` are the arguments that are no constants, without the dimensions that broadcasting
        dropped. Raises InvalidArgumentError, OutOfMemoryError; and what a signal handler raises, on the
        main thread, in which case `outs` are unspecified.
        """
        self._run(self._network, carriers, outs, scaled=False)

    def run_scaled(self, carriers: list[np.ndarray], outs: list[np.ndarray]) -> list[int]:
        """As run, with powers of two taken out of intermediates that would overflow or vanish, where the network can be run
        so, and out of results unless their type is narrow. A result is its `out` times two to the returned exponent.
        """
        return self._run(self._scalable, carriers, outs, scaled=True)

    def reads_as_they_are(self, carriers: list[np.ndarray]) -> bool:
        """Whether run_scaled may read these arguments as they are: no magnitude, of constants neither, is so large or small that
        one step leaves the range, and intermediates are scaled. Narrow types have too little range.
        """
        if self._scales is None:
            values, dtypes = [x for x, _ in self._fixed], [dtype for _, dtype in self._fixed]
            self._scales = (
                self._scalable.scales
                and all(x.itemsize > 2 for x in values)
                and are_in_window(values, [dtype.code for dtype in dtypes])
            )
        return (
            self._scales
            and all(array.itemsize > 2 for array in carriers)
            and are_in_window(carriers, self._codes)
        )

    def _run(self, network: Network, carriers: list[np.ndarray], outs: list[np.ndarray], scaled: bool) -> list[int]:
        threads = self.settings.threads
        context = acquire_context(threads)
        try:
            return network.run(context, carriers, self._codes, outs, self._result_codes, self._watches(), scaled)
        finally:
            release_context(threads, context)

    def mlir(self, stage: str) -> str:
        """The IR at `stage`. Raises ValueError for a stage that there is not."""
        if stage not in STAGES:
            raise ValueError(f"stage must be one of {', '.join(map(repr, STAGES))}, not {stage!r}")
        plan, memory_limit, threads, deterministic, tuning = self.settings
        options = f"threads={threads} memory-limit={memory_limit} {plan or ''}".strip()
        if deterministic:
            options += " deterministic=true"
        if tuning:
            options += f" tuning='{tuning}'"
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
