"""Results as Markdown: one table a budget, and how the figures stand to the aims."""

from __future__ import annotations

from collections import defaultdict

from common.machine import machine_line
from common.network import Network

from .aims import describe_aims
from .figures import Figures, collect, difference_to
from .store import Store


def format_tables(store: Store, networks: list[Network]) -> str:
    figures = collect(store.runs.values(), networks)
    parts = [_setting(store, figures)]
    for group in sorted({(f.minimize, f.largest is not None, f.largest or 0, f.seconds, f.workers) for f in figures}):
        minimize, _, _, seconds, workers = group
        chosen = [
            f for f in figures if (f.minimize, f.largest is not None, f.largest or 0, f.seconds, f.workers) == group
        ]
        parts.append(_table(chosen, networks, minimize, seconds, workers))
    parts.append(describe_aims(figures, networks))
    return "\n".join(part for part in parts if part)


def _setting(store: Store, figures: list[Figures]) -> str:
    lines = ["# Contraction trees at equal time on the same cores", ""]
    lines += map(machine_line, store.machines)
    drivers = defaultdict(set)
    for f in figures:
        drivers[f.who] |= f.drivers
    for who in sorted(drivers):
        lines.append(f"* {who}: {'; '.join(sorted(drivers[who])) or 'no run gave a tree'}")
    lines += [
        "",
        "C: log10 of multiply-adds; W: log2 of the elements of the largest intermediate; s: when it was there, from "
        "the start of the process (number of runs). Medians. In parentheses after C: the difference to the best known; "
        "where C is above it, also by the count that it has, in which a step that sums nothing is half of its "
        "multiply-adds (`counted alike`), if that is another one. "
        "`!`: the budget was exceeded by more than 10 %. `~`: others used more than 10 % of the processors meanwhile. "
        "-: no tree; `?`: some runs without a tree, which count as worse than all others.",
        "",
    ]
    return "\n".join(lines)


def _table(figures: list[Figures], networks: list[Network], minimize: str, seconds: float, workers: int) -> str:
    who = sorted({f.who for f in figures}, key=lambda name: (name != "tenon", name))
    by_key = {(f.network, f.who): f for f in figures}
    largest = figures[0].largest
    objective = "the operations" if minimize == "flops" else "the largest intermediate"
    bound = "" if largest is None else f", sliced to 2^{largest:g} elements"
    lines = [f"## {seconds:g} s on {workers} cores, for {objective}{bound}", ""]
    if largest is not None:
        lines += ["C is of all slices together; hoisted: what does not depend on a slice is done once.", ""]
    lines += [
        "| network | tensors | best known C | W | " + " | ".join(f"{name} C | W | s" for name in who) + " |",
        "|---|--:|--:|--:|" + "--:|--:|--:|" * len(who),
    ]
    for network in networks:
        cells = [by_key.get((network.digest, name)) for name in who]
        if not any(cells):
            continue
        reference = network.reference.get(f"opt_{minimize}", {}) if largest is None else {}
        known = reference.get("log10_madds")
        row = [network.name, str(len(network.inputs)), _number(known, 2), _number(reference.get("log2_size"), 1)]
        for cell in cells:
            row += _cells(cell, known)
        lines.append("| " + " | ".join(row) + " |")
    return "\n".join([*lines, ""])


def _cells(figures: Figures | None, known: float | None) -> list[str]:
    if figures is None:
        return ["", "", ""]
    if figures.log10_madds is None:
        return [f"- ({figures.count})", "-", "-"]
    marks = ("!" if figures.late else "") + ("~" if figures.noisy else "") + ("?" if figures.failures else "")
    if figures.largest is not None:
        marks += f" ({figures.log10_madds_hoisted:.3f} hoisted)"
    difference = "" if known is None else f" ({difference_to(figures, known)})"
    return [
        f"{figures.log10_madds:.3f}{difference}{marks}",
        f"{figures.log2_size:.1f}",
        f"{figures.elapsed:.1f} ({figures.count})",
    ]


def _number(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:.{digits}f}"
