"""Medians and ratios of records."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median, quantiles

from .peers import YARDSTICK, is_rival
from .store import Key, Store

#: Figures are marked where others took more than this share of the processors.
QUIET = 0.1


@dataclass(frozen=True)
class Ratio:
    """How many times faster Tenon is."""

    value: float
    #: half the distance between the quartiles of the rounds' ratios, relative to the value
    spread: float


@dataclass(frozen=True)
class Row:
    """A case as tables show it."""

    key: Key
    flops: float
    bytes: float
    #: seconds per call: the median over rounds
    seconds: dict[str, float]
    #: peer -> why it has none
    failures: dict[str, str]
    unchecked: bool
    noisy: bool
    #: the fastest peer beside Tenon and the yardstick
    best: str | None
    to_best: Ratio | None
    to_yardstick: Ratio | None
    #: The time that operations at the measured peak or bytes at the measured bandwidth take at least, whichever is
    #: longer, as a share of Tenon's time.
    of_roofline: float | None
    #: whether memory bounds it
    bound_by_memory: bool


def collect(store: Store) -> list[Row]:
    return [_row(key, record, store.machines[record["machine"]]) for key, record in store.records.items()]


def relative_spread(values: list[float]) -> float:
    if len(values) < 2:
        return 0.0
    low, middle, high = quantiles(values, n=4, method="inclusive")
    return (high - low) / 2 / middle if middle else 0.0


def ratio_of_rounds(slow: list[float], fast: list[float]) -> Ratio:
    """Rounds are compared one by one, as those of a round met the same state of the machine."""
    ratios = [a / b for a, b in zip(slow, fast)]
    return Ratio(median(ratios), relative_spread(ratios))


def geometric_mean(values: Iterable[float]) -> float:
    logs = [math.log(value) for value in values]
    return math.exp(sum(logs) / len(logs)) if logs else math.nan


def _row(key: Key, record: dict, machine: dict) -> Row:
    peers = record["peers"]
    rounds = {name: figures["rounds"] for name, figures in peers.items() if figures.get("rounds")}
    seconds = {name: median(values) for name, values in rounds.items()}
    rivals = [name for name in seconds if is_rival(name)]
    best = min(rivals, key=lambda name: seconds[name], default=None)
    ours = rounds.get("tenon")
    roofline, by_memory = _roofline(key, record, machine)
    return Row(
        key=key,
        flops=record["flops"],
        bytes=record["bytes"],
        seconds=seconds,
        failures={
            name: figures.get("failed") or figures["unsupported"]
            for name, figures in peers.items()
            if "failed" in figures or "unsupported" in figures
        },
        unchecked=any("unchecked" in figures for figures in peers.values()),
        noisy=any(median(figures["foreign"]) > QUIET for figures in peers.values() if figures.get("foreign")),
        best=best,
        to_best=ratio_of_rounds(rounds[best], ours) if ours and best else None,
        to_yardstick=ratio_of_rounds(rounds[YARDSTICK], ours) if ours and YARDSTICK in rounds else None,
        of_roofline=roofline / seconds["tenon"] if ours and roofline else None,
        bound_by_memory=by_memory,
    )


def _roofline(key: Key, record: dict, machine: dict) -> tuple[float, bool]:
    """Seconds, and whether memory decides; 0 where the machine was not measured for the type and the threads."""
    measured = machine.get("roofline", {}).get(str(key.threads))
    if not measured:
        return 0.0, False
    # Complex numbers are computed with in parts.
    rate = measured["flops"].get({"c64": "f32", "c128": "f64"}.get(key.dtype, key.dtype))
    if not rate:
        return 0.0, False
    compute = record["flops"] / rate
    bandwidth = _bandwidth(measured, record["bytes"], key.threads)
    if not bandwidth:
        return 0.0, False
    memory = record["bytes"] / bandwidth
    return max(compute, memory), memory > compute


def _bandwidth(measured: dict, size: float, threads: int) -> float:
    """Of the largest buffer that was measured and is no larger: what a cache holds need not come from memory.

    Results of earlier versions lack the bandwidth of caches: 0.
    """
    if "buffers" not in measured:
        return measured["bandwidth"] if size > measured["cache"] else 0.0
    buffers = measured["buffers"]
    sizes, size = sorted(map(int, buffers)), size / threads
    return buffers[str(max((known for known in sizes if known <= size), default=sizes[0]))]
