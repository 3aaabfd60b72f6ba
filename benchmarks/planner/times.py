#!/usr/bin/env python3
"""Predicted against measured seconds, and plans by time against plans by operations.

    benchmarks/planner/times.py --build build/release -o benchmarks/planner/results/times.json

Has tenon-calibrate plan and measure the contractions of benchmarks/data/tccg.json in f32 (the longest extent is halved until
a case is below 10^9 multiply-adds), those networks of test/Inputs/networks that are, both of them in slices as well, and sums,
transposes and traces of one operand, on one thread and in seconds of the processor, so that other processes count for little.
Needs nothing but Python.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
MOST_OPERATIONS = 1e9
SLICES = 16
SUITES = ("tccg", "networks", "singles", "tccg_sliced", "networks_sliced")

#: Contractions of one operand: sums along and across rows, of inner and outer dimensions, transposes, orders, diagonals.
SINGLES = {
    "ij->i": (4000, 3000),
    "ij->j": (4000, 3000),
    "ij->": (700, 500),
    "ij->ji": (3000, 2500),
    "ii->": (3000,),
    "ii->i": (3000,),
    "ijk->ik": (150, 200, 250),
    "ijk->ij": (150, 200, 250),
    "ijk->jk": (150, 200, 250),
    "ijk->kji": (150, 200, 250),
    "ijk->jik": (150, 200, 250),
    "ijk->ki": (60, 50, 40),
    "ijkl->lj": (30, 40, 50, 60),
    "ijkl->ljki": (30, 40, 50, 60),
    "iij->j": (300, 200),
    "abcdefghijklmnop->acegikmo": (2,) * 16,
    "abcdefghijklmnopqrst->ponmlkjihgfedcbatsrq": (2,) * 20,
}


def write_tccg(folder: pathlib.Path) -> list[pathlib.Path]:
    """The TCCG cases as network JSON files."""
    paths = []
    for case in json.loads((ROOT / "benchmarks/data/tccg.json").read_text())["cases"]:
        sizes = dict(case["sizes"])
        while math.prod(sizes.values()) > MOST_OPERATIONS:
            longest = max(sizes, key=sizes.get)
            sizes[longest] //= 2
        operands, output = case["einsum"].split("->")
        numbers = {letter: number for number, letter in enumerate(sizes)}
        network = {
            "inputs": [[numbers[letter] for letter in operand] for operand in operands.split(",")],
            "output": [numbers[letter] for letter in output],
            "sizes": list(sizes.values()),
            "dtype": "float32",
        }
        paths.append(folder / (case["einsum"].replace(",", "-").replace("->", "-") + ".json"))
        paths[-1].write_text(json.dumps(network))
    return paths


def write_singles(folder: pathlib.Path) -> list[pathlib.Path]:
    paths = []
    for dtype in ("float32", "complex128"):
        for einsum, extents in SINGLES.items():
            operand, output = einsum.split("->")
            letters = list(dict.fromkeys(operand))
            network = {
                "inputs": [[letters.index(letter) for letter in operand]],
                "output": [letters.index(letter) for letter in output],
                "sizes": list(extents),
                "dtype": dtype,
            }
            paths.append(folder / f"{operand}-{output or 'scalar'}-{dtype}.json")
            paths[-1].write_text(json.dumps(network))
    return paths


def measure(tool: pathlib.Path, table: pathlib.Path, paths: list[pathlib.Path], seconds: float, slices: int) -> str:
    """What the tool prints: two rows of each network."""
    options = [f"--slices={slices}", "--threads=1", f"--seconds={seconds}", "--progress=always"]
    command = [tool, "--check", table, *options, *paths]
    done = subprocess.run([*map(str, command)], stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        sys.exit(f"times.py: {tool.name} failed; its words are above")
    print(done.stdout, end="", flush=True)
    return done.stdout


def parse(text: str) -> list[dict]:
    rows = []
    for line in text.splitlines():
        words = line.split()
        if len(words) == 7 and words[2] in ("flops", "time"):
            name, dtype, model = words[:3]
            log10, predicted, measured, _ = map(float, words[3:])
            rows.append(
                {
                    "network": name,
                    "dtype": dtype,
                    "minimize": model,
                    "log10_operations": log10,
                    "predicted_us": predicted,
                    "measured_us": measured,
                }
            )
    return rows


def quartiles(values: list[float]) -> dict:
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return {"lower": round(low, 3), "median": round(middle, 3), "upper": round(high, 3)}


def summarise(rows: list[dict]) -> dict:
    ratios = [row["predicted_us"] / row["measured_us"] for row in rows]
    by_model = {(row["network"], row["minimize"]): row["measured_us"] for row in rows}
    gains = [by_model[name, "flops"] / by_model[name, "time"] for name in sorted({row["network"] for row in rows})]
    return {
        "cases": len(gains),
        "error": quartiles([abs(ratio - 1) for ratio in ratios]),
        "ratio": quartiles(ratios),
        "speedup_by_time": round(math.exp(statistics.fmean(map(math.log, gains))), 3),
        "faster_by_a_tenth": sum(gain > 1.1 for gain in gains),
        "slower_by_a_tenth": sum(gain < 1 / 1.1 for gain in gains),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/release", help="build folder; default: build/release")
    parser.add_argument("--table", type=pathlib.Path, default=ROOT / "lib/Planner/data/shipped.times", help="default: the shipped one")
    parser.add_argument("--seconds", type=float, default=20, help="twenty times those for the runs of a network; default: 20")
    parser.add_argument("--only", choices=SUITES, help="measure one suite; default: all")
    parser.add_argument("-o", "--output", type=pathlib.Path, help="write all figures to this JSON file")
    arguments = parser.parse_args()
    tool = arguments.build / "bin/tenon-calibrate"
    if not tool.exists():
        sys.exit(f"times.py: there is no {tool}; build it, or say --build")
    rows = {}
    with tempfile.TemporaryDirectory(prefix="times-") as name:
        folder = pathlib.Path(name)
        tccg, networks = write_tccg(folder), sorted((ROOT / "test/Inputs/networks").glob("*.json"))
        singles = write_singles(folder)
        cases = ((tccg, 1), (networks, 1), (singles, 1), (tccg, SLICES), (networks, SLICES))
        for kind, (paths, slices) in zip(SUITES, cases, strict=True):
            if arguments.only in (None, kind):
                rows[kind] = parse(measure(tool, arguments.table, paths, arguments.seconds, slices))
    summary = {kind: summarise(of_kind) for kind, of_kind in rows.items()}
    for kind in rows:
        print(kind, json.dumps(summary[kind]))
    if arguments.output:
        machine = {"cpus": os.cpu_count(), "load": round(os.getloadavg()[0], 1)}
        text = json.dumps({"machine": machine, "summary": summary, "rows": rows}, indent=1)
        arguments.output.write_text(text + "\n")


if __name__ == "__main__":
    main()
