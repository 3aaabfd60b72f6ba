#!/usr/bin/env python3
"""Draws campaigns: coverage, corpus, findings and throughput over time, as one self-contained page.

usage: benchmarks/fuzz/plot.py DIR... [-o page.html]

Campaigns whose folders differ in a trailing number only (f-1, f-2, …) are trials of one arm: their median is drawn, with
a band from the least to the largest.
"""

from __future__ import annotations

import argparse
import bisect
import html
import io
import pathlib
import re
import statistics

import campaign

TITLES = {
    "edges": "edges of Tenon's code",
    "blocks": "blocks of MLIR",
    "patterns": "pairs of passes and patterns",
    "corpus": "cases in the corpus",
    "findings": "findings",
    "signatures": "distinct findings",
    "executions": "executions",
}
COLOURS = ["#1b6ca8", "#e08e45", "#4f9d69", "#b3446c", "#7b68b0", "#8a6d3b", "#5f6b73"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directories", nargs="+", type=pathlib.Path, metavar="DIR")
    parser.add_argument("-o", "--output", type=pathlib.Path, default=pathlib.Path("campaigns.html"))
    options = parser.parse_args()
    arms = read_arms(options.directories)
    pictures = [picture for figure in TITLES if (picture := draw(figure, arms))]
    if not pictures:
        raise campaign.Failure("nothing to draw: no history.csv has two lines")
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(page(pictures, arms), encoding="utf-8")
    return 0


def read_arms(directories: list[pathlib.Path]) -> dict[str, list[dict[str, list[float]]]]:
    """Columns of each trial, by arm."""
    arms: dict[str, list[dict[str, list[float]]]] = {}
    for directory in directories:
        columns, lines = campaign.history(directory)
        if not columns:
            raise campaign.Failure(f"{directory} has no history.csv: expected the folder of a campaign")
        arm = re.sub(r"-\d+$", "", directory.resolve().name)
        arms.setdefault(arm, []).append({name: [line[i] for line in lines] for i, name in enumerate(columns)})
    return arms


def at(trial: dict[str, list[float]], figure: str, seconds: float) -> float:
    """The value at a time: that of the last line until then."""
    place = bisect.bisect_right(trial["seconds"], seconds)
    return trial[figure][place - 1] if place else 0.0


def draw(figure: str, arms: dict[str, list[dict[str, list[float]]]]) -> str:
    try:
        import matplotlib
        from matplotlib.figure import Figure
    except ImportError:
        raise campaign.Failure("matplotlib is missing: run it in .venv or build/peers (benchmarks/setup.sh)") from None
    canvas = Figure(figsize=(7.5, 4.2), layout="constrained")
    axis = canvas.subplots()
    is_empty = True
    for colour, (arm, trials) in zip(COLOURS * len(arms), arms.items()):
        usable = [trial for trial in trials if figure in trial and len(trial["seconds"]) > 1]
        if not usable:
            continue
        end = min(trial["seconds"][-1] for trial in usable)
        times = [end * k / 200 for k in range(201)]
        curves = [[at(trial, figure, seconds) for trial in usable] for seconds in times]
        medians = [statistics.median(values) for values in curves]
        if not any(medians) and figure not in ("findings", "signatures"):
            continue
        is_empty = False
        minutes = [seconds / 60 for seconds in times]
        label = arm if len(usable) == 1 else f"{arm} ({len(usable)} trials)"
        axis.plot(minutes, medians, color=colour, label=label, linewidth=1.6)
        if len(usable) > 1:
            axis.fill_between(
                minutes, [min(v) for v in curves], [max(v) for v in curves], color=colour, alpha=0.18, linewidth=0
            )
    if is_empty:
        return ""
    axis.set_xlabel("minutes")
    axis.set_ylabel(TITLES[figure])
    axis.set_ylim(bottom=0)
    axis.set_xlim(left=0)
    axis.grid(alpha=0.3)
    axis.legend(fontsize=8, loc="lower right" if figure not in ("findings", "signatures") else "upper left")
    buffer = io.StringIO()
    with matplotlib.rc_context({"svg.hashsalt": "tenon"}):
        canvas.savefig(buffer, format="svg", metadata={"Date": None})
    # The page is no XML document.
    return buffer.getvalue()[buffer.getvalue().index("<svg") :]


def page(pictures: list[str], arms: dict[str, list[dict[str, list[float]]]]) -> str:
    rows = []
    for arm, trials in arms.items():
        for number, trial in enumerate(trials, 1):
            cells = [arm, str(number), f"{trial['seconds'][-1]:.0f}" if trial["seconds"] else "0"]
            cells += [f"{trial[name][-1]:.0f}" if trial.get(name) else "" for name in TITLES]
            rows.append("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells) + "</tr>")
    head = "".join(f"<th>{html.escape(name)}</th>" for name in ["arm", "trial", "seconds", *TITLES])
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>Campaigns of tenon-fuzz</title><style>\n'
        "body{font-family:sans-serif;max-width:1200px;margin:2em auto;padding:0 1em}\n"
        ".grid{display:grid;grid-template-columns:repeat(auto-fit,minmax(480px,1fr));gap:1em}\n"
        "svg{width:100%;height:auto}table{border-collapse:collapse;font-size:.85em}\n"
        "td,th{padding:.2em .7em;text-align:right;border-bottom:1px solid #ddd}\n"
        f'</style></head><body>\n<h1>Campaigns of tenon-fuzz</h1>\n<div class="grid">\n{"".join(pictures)}\n</div>\n'
        f"<h2>At the end</h2>\n<table><tr>{head}</tr>\n{chr(10).join(rows)}\n</table>\n</body></html>\n"
    )


if __name__ == "__main__":
    campaign.command(main)
