"""The planners that are compared. Each is one function of a request, run in a process of its own (child.py).

A planner gets the wall-clock time that is left of the budget when it starts, so that the imports count. Those that
check the time only between trials are watched: at the deadline the best that they have is taken (`Deadline`), which
is what a user who interrupts them gets.
"""

from __future__ import annotations

import importlib.metadata
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from common.network import Network


@dataclass(frozen=True)
class Task:
    """What is asked of a planner."""

    network: Network
    #: "flops" or "size"
    minimize: str
    #: log2 of the elements that an intermediate may have; None: any
    largest: float | None
    workers: int
    seed: int
    #: of time.monotonic()
    deadline: float

    def left(self) -> float:
        return max(0.01, self.deadline - time.monotonic())


@dataclass(frozen=True)
class Found:
    #: SSA form
    path: list
    #: labels
    sliced: list[str]
    #: what found it, with versions
    driver: str


#: Takes what was found, at any time, from any thread; does not return.
Deliver = Callable[[Found], None]


class Deadline:
    """Delivers `best()` at the deadline, or as soon after it as there is something."""

    def __init__(self, task: Task, best: Callable[[], Found | None], deliver: Deliver):
        def wait() -> None:
            time.sleep(task.left())
            while (found := best()) is None:
                time.sleep(0.01)
            deliver(found)

        threading.Thread(target=wait, daemon=True).start()


def run_tenon(task: Task, deliver: Deliver) -> None:
    import tenon

    optimizer = tenon.Optimizer(
        time_limit=task.left(),
        minimize=task.minimize,
        threads=task.workers,
        size_limit=None if task.largest is None else int(2**task.largest),
        seed=task.seed,
    )
    plan = optimizer.plan(*task.network.labelled())
    deliver(Found(plan.ssa_path, list(plan.sliced_inds), f"tenon {_version('tenon')}"))


def run_cotengra(task: Task, deliver: Deliver) -> None:
    """The hyper-optimizer as its authors recommend it for the best paths; README.md has what else was tried."""
    import cotengra
    from cotengra.hyperoptimizers.hyper import get_default_optlib

    methods = ["greedy", "kahypar"]
    slicing = {} if task.largest is None else {"slicing_reconf_opts": {"target_size": int(2**task.largest)}}
    optimizer = cotengra.HyperOptimizer(
        methods=methods,
        minimize=task.minimize,
        max_repeats=10**9,
        max_time=3600.0 + task.left(),  # the deadline below ends the search: between trials there may be minutes
        parallel=task.workers if task.workers > 1 else False,
        optlib=get_default_optlib(),
        on_trial_error="ignore",
        **(slicing or {"reconf_opts": {}}),
    )
    library = get_default_optlib()
    driver = (
        f"cotengra {_version('cotengra')} HyperOptimizer({'+'.join(methods)}, {'sliced ' if slicing else ''}reconf, "
        f"optlib={library} {_version(library)}; kahypar {_version('kahypar')}, cotengrust {_version('cotengrust')})"
    )

    def best() -> Found | None:
        tree = optimizer.best.get("tree")
        return None if tree is None else Found(tree.get_ssa_path(), list(tree.sliced_inds), driver)

    Deadline(task, best, deliver)
    optimizer.search(*task.network.labelled())


def run_cotengra_rg(task: Task, deliver: Deliver) -> None:
    """The random greedy in Rust. In batches, as it takes a number of trials and no time."""
    import random

    import cotengra

    inputs, output, sizes = task.network.labelled()
    optimizer = cotengra.RandomGreedyOptimizer(
        max_repeats=task.workers, seed=random.Random(task.seed).randrange(2**32), parallel="threads"
    )
    driver = f"cotengra {_version('cotengra')} RandomGreedyOptimizer (cotengrust {_version('cotengrust')})"
    batch = 0.0
    while optimizer.best_ssa_path is None or time.monotonic() + batch < task.deadline:
        started = time.monotonic()
        optimizer.ssa_path(inputs, output, sizes)
        batch = time.monotonic() - started
        if batch < 0.05 * task.left():
            optimizer.max_repeats *= 2
    deliver(Found(optimizer.best_ssa_path, [], driver))


def run_opt_einsum(task: Task, deliver: Deliver) -> None:
    from opt_einsum import paths

    inputs, output, sizes = task.network.labelled()
    path = paths.ssa_greedy_optimize(list(map(frozenset, inputs)), frozenset(output), sizes)
    deliver(Found(path, [], f"opt_einsum {_version('opt_einsum')} greedy"))


def run_opt_einsum_rg(task: Task, deliver: Deliver) -> None:
    import random

    from opt_einsum.path_random import RandomGreedy

    random.seed(task.seed)
    inputs, output, sizes = task.network.labelled()
    optimizer = RandomGreedy(
        max_repeats=10**9, max_time=3600.0 + task.left(), minimize=task.minimize, parallel=task.workers
    )
    driver = f"opt_einsum {_version('opt_einsum')} RandomGreedy"

    def best() -> Found | None:
        path = optimizer.best["ssa_path"] if "ssa_path" in optimizer.best else None
        return None if path is None else Found(path, [], driver)

    Deadline(task, best, deliver)
    optimizer(list(map(frozenset, inputs)), frozenset(output), sizes)


@dataclass(frozen=True)
class Peer:
    run: Callable[[Task, Deliver], None]
    #: modules that must be there
    needs: tuple[str, ...]
    minimizes: tuple[str, ...] = ("flops",)
    slices: bool = False
    #: whether it takes as long as it is given
    uses_budget: bool = True


PEERS = {
    "tenon": Peer(run_tenon, ("tenon",), ("flops", "size"), slices=True),
    "cotengra": Peer(run_cotengra, ("cotengra", "kahypar", "cotengrust", "optuna"), ("flops", "size"), slices=True),
    "cotengra-rg": Peer(run_cotengra_rg, ("cotengra", "cotengrust")),
    "opt_einsum": Peer(run_opt_einsum, ("opt_einsum",), uses_budget=False),
    "opt_einsum-rg": Peer(run_opt_einsum_rg, ("opt_einsum",), ("flops", "size")),
}


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        module = __import__(package)
        return getattr(module, "__version__", "(version unknown)")
