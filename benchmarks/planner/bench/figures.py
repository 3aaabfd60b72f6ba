"""Medians over the seeds of equal runs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

from common.network import Network

#: A run may exceed its budget by this share, and others may take this share of the processors.
TOLERANCE = 0.1


@dataclass(frozen=True)
class Figures:
    #: digest of the network
    network: str
    who: str
    minimize: str
    largest: float | None
    seconds: float
    workers: int
    #: None: at least half of the runs gave no tree
    log10_madds: float | None
    #: where what does not depend on a slice is done once
    log10_madds_hoisted: float | None
    #: counted as the references are (count.py); None also where a run is from before this was recorded
    log10_half_operations: float | None
    log2_size: float | None
    elapsed: float | None
    #: by more than TOLERANCE, in the median
    late: bool
    noisy: bool
    count: int
    failures: int
    drivers: frozenset[str]


def collect(runs: Iterable[dict], networks: Iterable[Network]) -> list[Figures]:
    """The figures of all runs on `networks`; one median is over the seeds. A run without a tree counts as infinitely
    expensive."""
    wanted = {network.digest for network in networks}
    groups = defaultdict(list)
    for run in runs:
        if run["digest"] in wanted:
            groups[tuple(run[k] for k in ("digest", "who", "minimize", "largest", "seconds", "workers"))].append(run)
    return [_summarize(key, members) for key, members in groups.items()]


def _summarize(key: tuple, runs: list[dict]) -> Figures:
    good = [run for run in runs if "failed" not in run]
    seconds = key[4]

    def middle(name: str) -> float | None:
        if any(name not in run for run in good):
            return None
        value = median([run[name] for run in good] + [float("inf")] * (len(runs) - len(good)))
        return None if value == float("inf") else value

    elapsed = middle("elapsed")
    return Figures(
        *key,
        log10_madds=middle("log10_madds"),
        log10_madds_hoisted=middle("log10_madds_hoisted"),
        log10_half_operations=middle("log10_half_operations"),
        log2_size=middle("log2_size"),
        elapsed=elapsed,
        late=elapsed is not None and elapsed > (1 + TOLERANCE) * seconds,
        noisy=bool(good) and median(run["foreign_load"] for run in good) > TOLERANCE,
        count=len(runs),
        failures=len(runs) - len(good),
        drivers=frozenset(run["driver"] for run in good),
    )


def difference_to(figures: Figures, known: float) -> str:
    """How far multiply-adds are from a reference. Where there are more, also how far by the count of the reference."""
    plain = f"{figures.log10_madds - known:+.2f}"
    if figures.log10_half_operations is None or float(plain) <= 0:
        return plain
    alike = f"{figures.log10_half_operations - known:+.2f}"
    return plain if float(alike) == float(plain) else f"{plain}, counted alike {alike}"
