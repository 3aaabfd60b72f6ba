"""Tenon, the best peer and the equal-sized product as shares of the machine's measured peak, one panel a table."""

from __future__ import annotations

import pathlib

from common.network import BadInput

from .figures import Row, collect
from .peers import YARDSTICK
from .store import Store


def write_plot(store: Store, path: pathlib.Path) -> None:
    """An SVG. Raises BadInput where matplotlib, or the machine's peak, is missing."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise BadInput("--plot needs matplotlib: run benchmarks/setup.sh") from None
    rows = [row for row in collect(store) if row.of_roofline is not None and row.key.mode == "steady"]
    if not rows:
        raise BadInput("nothing to plot: no case has both a time of Tenon and a measured peak")
    groups = list(dict.fromkeys((row.key.suite, row.key.dtype, row.key.threads) for row in rows))
    figure = Figure(figsize=(12, 3.6 * len(groups)), layout="constrained")
    axes = figure.subplots(len(groups), 1, squeeze=False)[:, 0]
    for axis, group in zip(axes, groups):
        chosen = [row for row in rows if (row.key.suite, row.key.dtype, row.key.threads) == group]
        _panel(axis, group, chosen)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, format="svg", metadata={"Date": None})


def _panel(axis, group: tuple[str, str, int], rows: list[Row]) -> None:
    suite, dtype, threads = group
    bars = {
        "Tenon": [_share(row, "tenon") for row in rows],
        "best peer": [_share(row, row.best) for row in rows],
        "equal-sized product": [_share(row, YARDSTICK) for row in rows],
    }
    width = 0.27
    for number, (label, shares) in enumerate(bars.items()):
        if any(shares):
            places = [k + (number - 1) * width for k in range(len(rows))]
            axis.bar(places, shares, width, label=label, color=("#1b6ca8", "#e08e45", "#9aa5b1")[number])
    axis.axhline(1, color="black", linewidth=0.6)
    axis.set_xticks(range(len(rows)), [row.key.name for row in rows], rotation=40, ha="right", fontsize=7)
    axis.set_ylabel("share of the roofline")
    axis.set_title(f"{suite}, {dtype}, {threads} thread{'s' * (threads != 1)}", fontsize=10)
    axis.legend(fontsize=7, ncols=3)


def _share(row: Row, peer: str | None) -> float:
    return row.of_roofline * row.seconds["tenon"] / row.seconds[peer] if peer in row.seconds else 0.0
