"""tenon.Optimizer: the planner as a path optimizer of opt_einsum, cotengra and quimb.

This module is imported when Optimizer is first asked for: it imports opt_einsum where that is installed, whose
functions accept an optimizer only if it is derived from their PathOptimizer.
"""

from __future__ import annotations

import math
import os
import re
import time
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from os import PathLike, fspath
from os.path import expanduser
from typing import TYPE_CHECKING, Any, Literal

from ._cache import Cache
from ._contract_expressions import read_by_labels
from ._dtypes import DType, accumulation, as_dtype
from ._errors import naming
from ._expressions import name_of
from ._joint_path_plan import JointPathPlan, search_jointly
from ._memory import parse_memory, unlimited
from ._path_plan import (
    Labels,
    NumberedNetwork,
    PathForm,
    PathPlan,
    Report,
    SearchOptions,
    number_network,
    read_densities,
    read_initial,
    search,
    sizes_of,
)
from ._progress import ProgressState, is_reporting, make_report
from ._settings import cache_directory, integer
from ._threads import resolve_threads
from ._warn import warn

if TYPE_CHECKING:

    class PathOptimizer:
        pass

else:
    try:
        from opt_einsum.paths import PathOptimizer
    except ImportError:
        PathOptimizer = object

__all__ = ["Optimizer"]


_REMEMBERED = 32  # networks of an optimizer

# Seconds after which a progress function is taken to wait for a thread that waits for its search.
_PATIENCE = 1.0

# Of an optimizer, what other processes do not get.
_OWN = ("_known", "_known_jointly", "_reporting")


class _Interrupted(Exception):
    """Carries a plan past the memory of plans: Ctrl-C ended its search."""

    def __init__(self, plan: Any) -> None:
        self.plan = plan


class Optimizer(PathOptimizer):
    """Finds contraction paths, and slices to a memory limit.

    Call it as opt_einsum calls a path optimizer: ``opt(inputs, output, size_dict)`` is a linear path. ``plan`` takes
    the same arguments and tells costs and slices too; ``search`` gives a cotengra ContractionTree.

    Parameters
    ----------
    time_limit
        Seconds of wall-clock time for a network, all that Python does included; the search ends then with the best
        that it has. 0 takes the first path that is found. None, or infinity: the search is bounded by `restarts`, and
        equal arguments give equal paths, whatever the threads.
    minimize
        "flops" (multiply-adds), "size" (the largest intermediate), "write" (elements written), "combo" (flops +
        64 · write) or "combo-A" with a factor A of your own, "time" (predicted seconds of a run).
    threads
        That search; default: get_num_threads().
    memory_limit
        Bytes, or a text such as "2GiB", for all intermediates that are live at once in a thread: indices are sliced
        until it holds. Elements count as `dtype` says.
    seed
        Of everything that is random.
    progress
        True shows a line on stderr with the best so far, if that is a terminal; "always" shows it anyway. A function
        is called with a ProgressState, at most every 50 ms, perhaps on another thread; what it raises ends the search.
        It may search itself, with this optimizer, too; these searches report nothing. A thread that it starts and joins
        may ask for the network that is being searched: it searches by itself after a second.
    strategy
        "auto", or one strategy of the planner: "greedy", "random-greedy", "optimal", …
    restarts
        How much to search where no time says it; None: the planner's default.
    dtype
        The element type that `memory_limit`, `peak_bytes` and predicted seconds are for.
    size_limit
        Elements of the largest intermediate of a slice: indices are sliced until that holds, as for cotengra's
        ``target_size``. It says nothing of what is live with that intermediate.
    cache
        A directory in which plans are kept for later processes; True for $TENON_CACHE_DIR, or else tenon/plans in
        $XDG_CACHE_HOME or ~/.cache. With a time limit, a plan that was searched for as long, but for a twentieth, is
        taken as it is, and a longer search starts from it. Several processes may use one directory. One that cannot be
        written is a warning.
    cache_bytes
        The size of the cache; the plans used least recently leave when it is passed. None: 256 MiB.
    time_table
        A file of tenon-calibrate from which seconds are predicted; None: the table that Tenon carries.

    The first Ctrl-C ends a search: its result is the best so far, with a warning; the second one, or the first while no
    plan keeps the memory limit, raises KeyboardInterrupt. An optimizer may be used from several threads at once. It
    remembers the plans of the last 32 networks, and gives them again at once; labels do not matter for that.

    Raises ValueError or TypeError for arguments out of range; an unknown strategy is found at the first search.
    """

    def __init__(
        self,
        time_limit: float | None = None,
        minimize: str = "flops",
        threads: int | None = None,
        memory_limit: int | str | None = None,
        seed: int = 0,
        progress: bool | Literal["always"] | Callable[[ProgressState], Any] = False,
        strategy: str = "auto",
        restarts: int | None = None,
        dtype: Any = "float64",
        size_limit: int | None = None,
        cache: bool | str | PathLike[str] = False,
        cache_bytes: int | None = None,
        time_table: str | PathLike[str] | None = None,
    ) -> None:
        self._limit = _seconds(time_limit)
        make_report(progress, self._limit)
        self._progress = progress
        cost, alpha = _cost_model(minimize)
        if not isinstance(strategy, str):
            raise TypeError(f"strategy must be the name of one, not {strategy!r}")
        element = accumulation(as_dtype(dtype))
        self._options = SearchOptions(
            time_limit=-1.0,
            strategy=strategy,
            minimize=cost,
            alpha=alpha,
            restarts=0 if restarts is None else integer("restarts", restarts, 1, 2**62),
            seed=integer("seed", seed, 0, 2**64 - 1),
            threads=resolve_threads(threads),
            memory_limit=parse_memory(memory_limit),
            element_bytes=element.itemsize,
            element_type=element.code,
            largest_limit=0 if unlimited("size_limit", size_limit) else integer("size_limit", size_limit, 1, 2**62),
            cache_directory=cache_directory(cache),
            cache_bytes=0 if cache_bytes is None else integer("cache_bytes", cache_bytes, 1, 2**62),
            time_table=None if time_table is None else _file("time_table", time_table),
        )
        self._forget()

    def __call__(
        self,
        inputs: Sequence[Labels],
        output: Labels,
        size_dict: Mapping[Hashable, int],
        memory_limit: float | None = None,
    ) -> list[tuple[int, ...]]:
        """The linear path of a network; a path has no slices.

        `memory_limit` is opt_einsum's: a number of elements that no intermediate is to exceed, which is not the bytes
        of the optimizer's own limit. Where the path exceeds it, one of the smallest intermediates that are found is
        returned, with a warning if that does too.
        """
        start = time.perf_counter()
        network = number_network(inputs, output, size_dict)
        end = self.end(start)
        if memory_limit is None or not memory_limit > 0:
            # opt_einsum's form of a path over one tensor.
            return list(self._plan(network, self._options, end).path) or [(0,)]
        most = math.log2(memory_limit) + 1e-9
        # The path has no slices: the optimizer's own limits would only hide what it needs without them.
        options = replace(self._options, memory_limit=0, largest_limit=0)
        plan = self._plan(network, options, end, share=0.5)
        if plan.log2_size > most and not plan.interrupted:
            narrow = self._plan(network, replace(options, minimize="size"), end)
            plan = min(plan, narrow, key=lambda plan: plan.log2_size)
            if plan.log2_size > most:
                warn(
                    f"no path was found whose intermediates keep memory_limit={memory_limit} elements: the largest has "
                    f"2^{plan.log2_size:.2f}. A path cannot be sliced; tenon.einsum or a tree of Optimizer.search can."
                )
        return list(plan.path) or [(0,)]

    def plan(
        self,
        inputs: Sequence[Labels],
        output: Labels,
        size_dict: Mapping[Hashable, int] | None = None,
        initial: Any = None,
        initial_form: PathForm = "linear",
        *,
        shapes: Sequence[Sequence[int]] | None = None,
        densities: Sequence[float] | None = None,
        initial_sliced: Iterable[Hashable] | None = None,
    ) -> PathPlan:
        """Plans a network.

        `inputs` has the labels of each tensor, any hashable objects; the extents come from `size_dict`, which has that
        of each label, or from `shapes`, one for each tensor. The search starts from `initial`, if given: a path in the
        form that `initial_form` says ("linear", "ssa" or "edge"), a PathPlan or a cotengra ContractionTree. Without
        slices the plan is never worse than that. Slices of it come along with the latter two, as far as they are the
        network's, or as labels in `initial_sliced`: under limits that the path keeps in these slices, or in none, a
        plan for the fewest "flops", without densities, has no more multiply-adds than that. An optimizer without
        limits slices nothing.

        `densities`, one number from 0 to 1 for each tensor, is for those who execute the plan with sparse tensors: the
        share of elements that are not 0. The search then lowers the expected numbers of multiply-adds and elements that
        are not 0 (``plan.expected_flops``; docs/planner.md has the model). Tenon's own kernels are dense, and memory is
        counted for dense tensors.

        Raises ValueError or TypeError for a network, a path or slices that are none, ValueError for an unknown
        strategy, MemoryLimitError where no slicing keeps the memory limit.
        """
        start = time.perf_counter()
        if size_dict is None:
            if shapes is None:
                raise TypeError("Optimizer.plan needs size_dict or shapes=")
            size_dict = sizes_of(inputs, shapes)
        network = number_network(inputs, output, size_dict)
        if densities is not None:
            network = network._replace(densities=read_densities(densities, len(network.inputs)))
        if initial_sliced is not None and initial is None:
            raise ValueError("initial_sliced belongs to a path: give it as initial")
        return self._plan(network, self._options, self.end(start), 1.0, initial, initial_form, initial_sliced)

    def search(self, inputs: Sequence[Labels], output: Labels, size_dict: Mapping[Hashable, int]) -> Any:
        """As `plan`, as a cotengra ContractionTree with its slices, which is what cotengra and quimb ask for."""
        return self.plan(inputs, output, size_dict).tree()

    def plan_for(self, network: NumberedNetwork, memory_limit: int, element: DType, slice_threads: int) -> PathPlan:
        """For tenon.einsum: `plan` for its elements, with the limit of the call where the optimizer has none."""
        options = self._options_for(memory_limit, element, slice_threads)
        return self._plan(network, options, self.end(time.perf_counter()))

    def plan_together(
        self,
        expressions: Sequence[tuple[Any, ...]],
        size_dict: Mapping[Hashable, int] | None = None,
        *,
        shapes: Sequence[Sequence[int]] | None = None,
    ) -> JointPathPlan:
        """Plans several networks over common tensors as one problem: steps that several of them have count once.

        Each of `expressions` is (inputs, output) or (inputs, output, positions), as array_contract_expressions takes
        them: the positions of its tensors among all, which may be the same for several tensors and in several
        networks. Extents come from `size_dict` or `shapes`. The time limit is that of all networks together, and so is
        the memory limit; a network that has to be sliced to keep it shares nothing. Plans are not kept on disk.

        Raises as `plan` does, and ValueError if there are no networks or a tensor is in none.
        """
        start = time.perf_counter()
        if size_dict is None and shapes is None:
            raise TypeError("Optimizer.plan_together needs size_dict or shapes=")
        read, extents = read_by_labels(expressions, shapes, size_dict)
        networks = []
        for number, ((inputs, output), operands) in enumerate(read):
            with naming(name_of(number, operands)):
                sizes = sizes_of(inputs, [extents[k] for k in operands])
                networks.append(number_network(inputs, output, sizes))
        return self._plan_together(networks, [operands for _, operands in read], self._options, self.end(start))

    def plan_together_for(
        self,
        networks: Sequence[NumberedNetwork],
        tensors: Sequence[Sequence[int]],
        memory_limit: int,
        element: DType,
        slice_threads: int,
        end: float | None,
    ) -> JointPathPlan:
        """As plan_for, of several networks; `tensors` has for each the numbers of its tensors. The search ends at `end`."""
        options = self._options_for(memory_limit, element, slice_threads)
        return self._plan_together(networks, tensors, options, end)

    def _options_for(self, memory_limit: int, element: DType, slice_threads: int) -> SearchOptions:
        options = replace(self._options, element_bytes=element.itemsize, element_type=element.code)
        return options if self.has_limit else replace(options, memory_limit=memory_limit, slice_threads=slice_threads)

    def __getstate__(self) -> dict[str, Any]:
        # Other processes start with nothing remembered.
        return {name: value for name, value in self.__dict__.items() if name not in _OWN}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._forget()

    def _forget(self) -> None:
        self._known: Cache[PathPlan] = Cache(_REMEMBERED)
        self._known_jointly: Cache[JointPathPlan] = Cache(_REMEMBERED)
        #: of each search whose progress function is at work: its process and plan, and when that began
        self._reporting: dict[object, tuple[tuple[int, Hashable], float]] = {}

    @property
    def has_limit(self) -> bool:
        """Whether plans are sliced for a limit of the optimizer's own."""
        return self._options.memory_limit > 0 or self._options.largest_limit > 0

    @property
    def memory_limit(self) -> int:
        """Bytes of a limit of the optimizer's own; 0: none."""
        return self._options.memory_limit

    def end(self, start: float) -> float | None:
        """When searches have to end for what began at `start` and has read the network by now."""
        if self._limit is None:
            return None
        # To order and count the last tree and to hand its path over takes about three times as long, measured on
        # networks of 26,000 and 40,000 tensors.
        return start + self._limit - 3 * (time.perf_counter() - start)

    def _plan(
        self,
        network: NumberedNetwork,
        options: SearchOptions,
        end: float | None,
        share: float = 1.0,
        initial: Any = None,
        initial_form: PathForm = "linear",
        initial_sliced: Iterable[Hashable] | None = None,
    ) -> PathPlan:
        """A plan that is remembered, or else searched for in a share of the time until `end`."""
        key = (network.key, options, share) if initial is None else None

        def make() -> PathPlan:
            given = None if initial is None else read_initial(initial, initial_form, network, initial_sliced)
            left = -1.0 if end is None else max(0.0, share * (end - time.perf_counter()))
            report, finish = self._report_on(key)
            plan = None
            try:
                plan = search(network, replace(options, time_limit=left), given, report=report)
            finally:
                finish(plan)
            if plan.warning:
                warn(plan.warning)
            if plan.interrupted:
                raise _Interrupted(plan)
            return plan

        try:
            if initial is not None:
                return make()
            known = self._known.get(key, make, lambda: self._is_waited_for(key))
        except _Interrupted as interrupted:
            warn("the search was interrupted: this is the best plan so far")
            return interrupted.plan
        return known.relabelled(network)

    def _plan_together(
        self,
        networks: Sequence[NumberedNetwork],
        tensors: Sequence[Sequence[int]],
        options: SearchOptions,
        end: float | None,
    ) -> JointPathPlan:
        """A plan that is remembered, or else searched for until `end`."""
        key = (tuple(network.key for network in networks), tuple(map(tuple, tensors)), options)

        def make() -> JointPathPlan:
            left = -1.0 if end is None else max(0.0, end - time.perf_counter())
            report, finish = self._report_on(key)
            plan = None
            try:
                plan = search_jointly(networks, tensors, replace(options, time_limit=left), report)
            finally:
                finish(plan)
            if plan.interrupted:
                raise _Interrupted(plan)
            return plan

        try:
            known = self._known_jointly.get(key, make, lambda: self._is_waited_for(key))
        except _Interrupted as interrupted:
            warn("the search was interrupted: this is the best plan so far")
            return interrupted.plan
        return known.relabelled(networks)

    def _report_on(self, key: Hashable) -> tuple[Report | None, Callable[[PathPlan | JointPathPlan | None], None]]:
        """As make_report; others may wait for the plan under `key`."""
        report, finish = make_report(self._progress, self._limit)
        if report is None or key is None:
            return report, finish
        # A second search, for a thread that the progress function waits for, would have it begin a third one.
        place = (os.getpid(), key)
        if self._begun_at(place):
            return None, lambda plan: None
        # Two searches may report all the same: one that began between two reports of the other. Each has its own
        # entry, so that the one cannot hide that the other's function waits.
        search = object()

        def note(strategy: str, step: int, steps: int, log2_cost: float, log2_flops: float, seconds: float) -> None:
            self._reporting[search] = place, time.perf_counter()
            try:
                report(strategy, step, steps, log2_cost, log2_flops, seconds)
            finally:
                self._reporting.pop(search, None)

        return note, finish

    def _is_waited_for(self, key: Hashable) -> bool:
        """Whether the search that makes the plan under `key` may itself wait for who asks for it."""
        # A progress function cannot wait for a plan: its search, or one that waits for that, may be making it. Neither
        # can a thread that it has started and joins, of which nothing is known but that the function takes its time.
        begun = self._begun_at((os.getpid(), key))
        return is_reporting() or any(time.perf_counter() - began > _PATIENCE for began in begun)

    def _begun_at(self, place: tuple[int, Hashable]) -> list[float]:
        """When the progress functions began that are at work for a process and plan."""
        # A copy: other threads come and go meanwhile.
        return [began for where, began in list(self._reporting.values()) if where == place]

    def __repr__(self) -> str:
        return f"tenon.Optimizer(time_limit={self._limit}, minimize={self._options.minimize!r})"


def _seconds(limit: Any) -> float | None:
    if limit is None:
        return None
    if isinstance(limit, bool) or not hasattr(limit, "__float__"):
        raise TypeError(f"time_limit must be a number of seconds or None, not {limit!r}")
    try:
        seconds = float(limit)
    except OverflowError:
        raise ValueError("time_limit is beyond the range of a float; None stands for no limit") from None
    if not seconds >= 0:
        raise ValueError(f"time_limit={seconds} must be 0 seconds or more, or None for no limit")
    return None if seconds == math.inf else seconds


def _file(name: str, path: Any) -> str:
    try:
        file = fspath(path)
    except TypeError:
        raise TypeError(f"{name} must be the path of a file, not {path!r}") from None
    if not file or not isinstance(file, str) or "\0" in file:
        raise ValueError(f"{name}={path!r} names no file")
    return expanduser(file)


def _cost_model(minimize: str) -> tuple[str, float]:
    """The name of a cost model, and its factor or 0."""
    if not isinstance(minimize, str):
        raise TypeError(f"minimize must be the name of a cost, not {minimize!r}")
    match = re.fullmatch(r"combo-(\d+(?:\.\d+)?)", minimize)
    if match and 0 < float(match[1]) < math.inf:
        return "combo", float(match[1])
    if minimize not in ("flops", "size", "write", "combo", "time"):
        raise ValueError(
            f"minimize={minimize!r} is no cost; expected 'flops', 'size', 'write', 'combo', 'combo-A' with a "
            "finite number A above 0, or 'time'"
        )
    return minimize, 0.0
