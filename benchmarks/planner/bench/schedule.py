"""Which runs there are, in which order, and which of them a few minutes allow."""

from __future__ import annotations

import pathlib

from common.network import Network

from .execute import Run
from .peers import PEERS

#: Interpreter, imports and counting, beside the budget.
OVERHEAD_SECONDS = 1.0


def default_seeds(seconds: float) -> int:
    """Medians are over five runs, and over three where a run takes a minute."""
    return 3 if seconds >= 60 else 5


def all_runs(
    networks: list[tuple[pathlib.Path, Network]],
    who: list[str],
    budgets: list[float],
    seeds: int | None,
    minimize: list[str],
    largest: float | None,
    workers: int,
) -> list[Run]:
    """Seed by seed, so that what is there early covers everything; of one network the planners follow each other, so
    that they meet the same state of the machine."""
    runs = []
    for seed in range(max(seeds or default_seeds(seconds) for seconds in budgets)):
        for seconds in budgets:
            if seed >= (seeds or default_seeds(seconds)):
                continue
            for objective in minimize:
                for path, network in networks:
                    for name in who:
                        peer = PEERS[name]
                        if objective not in peer.minimizes or (largest is not None and not peer.slices):
                            continue
                        if not peer.uses_budget and seed > 0:
                            continue  # it gives the same again
                        runs.append(Run(path, network, name, objective, largest, seconds, workers, seed))
    return runs


def expected_seconds(runs: list[Run]) -> float:
    return sum(OVERHEAD_SECONDS + (run.seconds if PEERS[run.who].uses_budget else 0) for run in runs)


def spread(networks: list[tuple[pathlib.Path, Network]]) -> list[tuple[pathlib.Path, Network]]:
    """The networks in an order of which every beginning has all families: the name up to the first `_`."""
    families: dict[str, list[tuple[pathlib.Path, Network]]] = {}
    for entry in networks:
        families.setdefault(entry[1].name.split("_")[0], []).append(entry)
    order = []
    while any(families.values()):
        for members in families.values():
            if members:
                order.append(members.pop(0))
    return order


def subset(networks: list[tuple[pathlib.Path, Network]], minutes: float, runs_of) -> list[tuple[pathlib.Path, Network]]:
    """As many networks as fit: `runs_of(networks)` are the runs. At least one."""
    chosen: list[tuple[pathlib.Path, Network]] = []
    for entry in spread(networks):
        if chosen and expected_seconds(runs_of([*chosen, entry])) > 60 * minutes:
            break
        chosen.append(entry)
    return chosen
