"""Results as Markdown: a table for each mode, suite, type and number of threads, the aims, and comparisons."""

from __future__ import annotations

import math
from statistics import median

from common.machine import machine_line

from .aims import MEMORY_SUITES, judge_aims
from .figures import QUIET, Row, collect, geometric_mean, relative_spread
from .peers import PEERS, YARDSTICK
from .store import Store

_UNITS = {"first": ("ms", 1e-3), "overhead": ("ns", 1e-9), "compile": ("ms", 1e-3), "networks": ("ms", 1e-3)}


def format_tables(store: Store) -> str:
    rows = collect(store)
    parts = [_setting(store, rows)]
    groups = dict.fromkeys((r.key.mode, r.key.suite, r.key.dtype, r.key.threads) for r in rows)
    for group in groups:
        chosen = [r for r in rows if (r.key.mode, r.key.suite, r.key.dtype, r.key.threads) == group]
        parts.append(_table(*group, chosen))
    parts += [_failures(rows), _aims(rows)]
    return "\n".join(part for part in parts if part)


def _setting(store: Store, rows: list[Row]) -> str:
    lines = ["# Contractions: Tenon and its peers", ""]
    for machine in store.machines:
        lines.append(machine_line(machine))
        for threads, measured in machine.get("roofline", {}).items():
            rates = ", ".join(f"{kind} {rate / 1e9:.0f} GFLOP/s" for kind, rate in measured["flops"].items())
            lines.append(
                f"  * measured with {threads} thread{'s' * (threads != '1')}: {rates}, "
                f"{measured['bandwidth'] / 1e9:.1f} GB/s read from memory"
            )
    versions = {
        figures["version"]
        for record in store.records.values()
        for figures in record["peers"].values()
        if "version" in figures
    }
    lines.append("* " + "; ".join(sorted(versions)))
    noisy = sum(row.noisy for row in rows)
    lines += [
        "",
        "Medians over rounds; ratios are medians of the rounds' ratios, with half the distance of their quartiles. "
        "`roofline`: the least time that the measured peak and bandwidth allow, as a share of Tenon's time; `m`: memory decides. "
        f"`~`: others used more than {QUIET:.0%} of the processors ({noisy} of {len(rows)} cases). `?`: not checked. "
        "`-`: cannot do it, or failed.",
        "",
    ]
    return "\n".join(lines)


def _unit(mode: str, suite: str) -> tuple[str, float]:
    """The unit, and the seconds of one; GFLOP/s and GB/s have none."""
    if mode == "steady":
        return _UNITS.get(suite) or (("GB/s", 0.0) if suite in MEMORY_SUITES else ("GFLOP/s", 0.0))
    return _UNITS[mode]


def _figure(row: Row, peer: str, unit: tuple[str, float]) -> str:
    if peer not in row.seconds:
        return "-"
    seconds = row.seconds[peer]
    if unit[1]:
        return _digits(seconds / unit[1])
    return _digits((row.bytes if unit[0] == "GB/s" else row.flops) / seconds / 1e9)


def _digits(value: float) -> str:
    return f"{value:.{max(0, 2 - math.floor(math.log10(value)))}f}" if 0 < value < 1000 else f"{value:.0f}"


def _table(mode: str, suite: str, dtype: str, threads: int, rows: list[Row]) -> str:
    unit = _unit(mode, suite)
    known = list(PEERS)
    peers = sorted(
        {name for row in rows for name in [*row.seconds, *row.failures]},
        key=lambda name: (known.index(name) if name in known else len(known), name),
    )
    what = suite if mode == "steady" else f"{mode}: {suite}"
    lines = [
        f"## {what}, {dtype}, {threads} thread{'s' * (threads != 1)} ({unit[0]})",
        "",
        "| case | " + " | ".join(peers) + " | tenon / best | tenon / product | roofline |",
        "|---|" + "--:|" * (len(peers) + 3),
    ]
    for row in rows:
        marks = "~" * row.noisy + "?" * row.unchecked
        cells = [_figure(row, peer, unit) for peer in peers]
        share = "" if row.of_roofline is None else f"{row.of_roofline:.2f}{'m' * row.bound_by_memory}"
        best = "" if row.to_best is None else f"{row.to_best.value:.2f} ±{row.to_best.spread:.0%} {row.best}"
        product = "" if row.to_yardstick is None else f"{row.to_yardstick.value:.2f}"
        lines.append(f"| `{row.key.name}` {marks} | " + " | ".join([*cells, best, product, share]) + " |")
    to_best = [row.to_best.value for row in rows if row.to_best]
    if to_best:
        product = [row.to_yardstick.value for row in rows if row.to_yardstick]
        ahead = sum(value >= 1 for value in to_best)
        text = f"Ahead of the best peer in {ahead} of {len(to_best)}; geometric mean {geometric_mean(to_best):.2f}"
        if product:
            text += f", against the equal-sized product {geometric_mean(product):.2f}"
        lines += ["", text + "."]
    return "\n".join([*lines, ""])


def _failures(rows: list[Row]) -> str:
    texts: dict[str, list[str]] = {}
    for row in rows:
        for peer, why in row.failures.items():
            if peer != YARDSTICK:
                texts.setdefault(f"{peer}: {why}", []).append(f"{row.key.name} {row.key.dtype}")
    if not texts:
        return ""
    lines = [f"* {text}: {len(names)} ({', '.join(names[:4])}{', …' * (len(names) > 4)})" for text, names in texts.items()]
    return "\n".join(["## Not measured", "", *lines, ""])


def _aims(rows: list[Row]) -> str:
    verdicts = judge_aims(rows)
    if not verdicts:
        return ""
    lines = [f"| {v.what} | {v.found} | {v.aim} | {'yes' if v.reached else 'no'} |" for v in verdicts]
    return "\n".join(["## Aims", "", "| what | found | aim | reached |", "|---|---|---|---|", *lines, ""])


def format_comparison(new: Store, old: Store) -> str:
    """What both have: how many times faster each peer became. Peers other than Tenon tell how the machine changed."""
    shared = [key for key in new.records if key in old.records]
    if not shared:
        return "Nothing in common with what is compared with.\n"
    lines = ["## Old time / new time", "", "| case | | tenon | spread | others |", "|---|---|--:|--:|--:|"]
    ratios: dict[str, list[float]] = {}
    for key in shared:
        before, after = old.records[key]["peers"], new.records[key]["peers"]
        found = {}
        for peer in before.keys() & after.keys():
            if before[peer].get("rounds") and after[peer].get("rounds"):
                found[peer] = median(before[peer]["rounds"]) / median(after[peer]["rounds"])
                ratios.setdefault(peer, []).append(found[peer])
        if "tenon" not in found:
            continue
        spread = math.hypot(*(relative_spread(figures["tenon"]["rounds"]) for figures in (before, after)))
        others = [ratio for peer, ratio in found.items() if peer != "tenon"]
        control = f"{geometric_mean(others):.2f}" if others else ""
        setting = f"{key.mode} {key.suite} {key.dtype} {key.threads}"
        lines.append(f"| `{key.name}` | {setting} | {found['tenon']:.2f} | ±{spread:.0%} | {control} |")
    means = ", ".join(f"{peer} {geometric_mean(values):.3f} ({len(values)})" for peer, values in sorted(ratios.items()))
    return "\n".join([*lines, "", f"Geometric means: {means}.", ""])
