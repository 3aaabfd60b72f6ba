"""A line on stderr that shows how far a search has come."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from contextvars import ContextVar, copy_context
from typing import Any, Literal, NamedTuple

from ._path_plan import PathPlan, Report, power

__all__ = ["ProgressState", "is_reporting", "make_report"]

#: Whether a progress function is at work, here or further out.
_reporting: ContextVar[bool] = ContextVar("tenon_reporting", default=False)


def is_reporting() -> bool:
    """Whether this is called by a progress function of a search, which waits for what is done here."""
    return _reporting.get()


class ProgressState(NamedTuple):
    """Where a search stands: what a ``progress=`` function is called with."""

    strategy: str  #: what is at work
    step: int  #: done, in the unit of the strategy
    steps: int  #: to be done in all; 0 where that is not known
    log2_cost: float  #: of the best tree so far, as ``minimize=`` counts; infinite while there is none
    log10_flops: float  #: multiply-adds of the best tree so far
    seconds: float  #: since the search began


class _Line:
    """One line that is written over and over."""

    def __init__(self, time_limit: float | None) -> None:
        self._limit = "" if time_limit is None else f" of {time_limit:g}"
        self._width = 0

    def __call__(self, state: ProgressState) -> None:
        best = f"10^{state.log10_flops:.3f} multiply-adds" if math.isfinite(state.log10_flops) else "searching"
        step = f"{state.step}/{state.steps}" if state.steps else f"{state.step}"
        text = f"tenon: {best}, {state.seconds:.1f}{self._limit} s, {state.strategy} {step}"
        sys.stderr.write("\r" + text.ljust(self._width))
        sys.stderr.flush()
        self._width = len(text)

    def finish(self, plan: PathPlan | JointPathPlan | None) -> None:
        """Ends the line, with the plan's figures if there is one."""
        if plan is not None:
            slices = f", {plan.slices} slices" if plan.slices > 1 else ""
            operations, largest = power(10, plan.log10_flops, 3), power(2, plan.log2_size, 1)
            text = f"tenon: {operations} multiply-adds, largest {largest} elements{slices}"
            sys.stderr.write("\r" + text.ljust(self._width) + "\n")
        elif self._width:
            sys.stderr.write("\n")
        sys.stderr.flush()


def make_report(
    progress: bool | Literal["always"] | Callable[[ProgressState], Any], time_limit: float | None
) -> tuple[Report | None, Callable[[PathPlan | JointPathPlan | None], None]]:
    """What a search is to call for a ``progress=``, or None, and what to call at its end with its plan.

    True shows a line where stderr is a terminal, "always" wherever it is. A search that a progress function begins
    reports nothing: it would report to that function, which would begin another. Raises TypeError for anything else
    that is no function.
    """
    show: Callable[[ProgressState], Any]
    finish: Callable[[PathPlan | JointPathPlan | None], None] = lambda plan: None  # noqa: E731
    if progress is False or progress is None or (progress is True and not _is_terminal()):
        return None, finish
    if progress is True or progress == "always":
        line = _Line(time_limit)
        show, finish = line, line.finish
    elif callable(progress):
        show = progress
    else:
        raise TypeError(f"progress must be True, False, 'always' or a function, not {progress!r}")
    if is_reporting():
        return None, lambda plan: None
    # Threads that search report; what they call sees the context variables of the thread that asked for the plan.
    context = copy_context()
    context.run(_reporting.set, True)

    def report(strategy: str, step: int, steps: int, log2_cost: float, log2_flops: float, seconds: float) -> None:
        state = ProgressState(strategy, step, steps, log2_cost, log2_flops * math.log10(2), seconds)
        context.copy().run(show, state)

    return report, finish


def _is_terminal() -> bool:
    return sys.stderr is not None and sys.stderr.isatty()
