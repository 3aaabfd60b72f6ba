#!/usr/bin/env python3
"""Where the planner's fast and its exact search end: seconds and memory of greedy on large networks, seconds of exact
search on small ones. Each network is planned by a process of its own; prints Markdown. README.md has more.
"""

from __future__ import annotations

import argparse
import json
import math
import pathlib
import resource
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from bench.generate import KINDS

GREEDY = ["chain", "lattice", "sparse", "regular", "tree", "circuit", "hubs", "hyper"]
#: kind, tensors, networks
EXACT = [
    ("dense", 15, 3),
    ("mixed", 15, 10),
    ("hyper", 15, 10),
    ("sparse", 15, 10),
    ("sparse", 30, 10),
    ("regular", 30, 20),
    ("regular_mixed", 30, 20),
    ("tree", 30, 5),
    ("hyper3", 24, 5),
    ("hyper3", 30, 5),
]
OBJECTIVES = ["flops", "size", "write", "combo"]


def plan_one(kind: str, count: int, seed: int, options: dict) -> dict:
    """Plans one network in this process."""
    import tenon

    problem = KINDS[kind](count, seed)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start, busy = time.perf_counter(), time.process_time()
    plan = tenon.Optimizer(threads=2, **options).plan(*problem)
    seconds, busy = time.perf_counter() - start, time.process_time() - busy
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    both = max(plan.log2_flops, plan.log2_write + 6)
    costs = {
        "flops": plan.log2_flops,
        "size": plan.log2_size,
        "write": plan.log2_write,
        "combo": both + math.log2(2 ** (plan.log2_flops - both) + 2 ** (plan.log2_write + 6 - both)),
    }
    bytes_taken = 1024 * (peak - before)
    return {
        "seconds": seconds,
        "busy": busy,
        "log10_madds": plan.log10_flops,
        "log2_costs": costs,
        "bytes": bytes_taken,
    }


def plan_apart(kind: str, count: int, seed: int, **options) -> dict | None:
    """None where the exact search refuses."""
    command = [sys.executable, __file__, "--one", json.dumps([kind, count, seed, options])]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode and "the exact search passed its limit" in done.stderr:
        return None
    if done.returncode:
        raise SystemExit(f"limits.py: error: {kind} of {count} tensors: {done.stderr.strip().splitlines()[-1]}")
    return json.loads(done.stdout)


def measure_greedy(counts: list[int]) -> None:
    print("| greedy on | tensors | s | of processors, s | bytes a tensor | C |\n|---|--:|--:|--:|--:|--:|")
    for kind in GREEDY:
        for count in counts:
            found = plan_apart(kind, count, 1, strategy="greedy")
            row = [kind, str(count), f"{found['seconds']:.2f}", f"{found['busy']:.2f}", f"{found['bytes'] / count:.0f}"]
            print("|", " | ".join([*row, f"{found['log10_madds']:.2f}"]), "|", flush=True)
    print()


def measure_exact(objectives: list[str]) -> None:
    """`auto` has to find what the exact search proves to be best, by default and in the second that it is given."""
    columns = ["networks", "proven", "slowest, s", "of processors, s", "`auto` as good", "in 1 s"]
    print("| exact on | tensors | by |", " | ".join(columns), "|\n|---|--:|---|" + "--:|" * len(columns))
    for kind, count, networks in EXACT:
        for objective in objectives:
            slowest, busiest, proven = 0.0, 0.0, 0
            good = {"by default": 0, "in a second": 0}
            for seed in range(networks):
                best = plan_apart(kind, count, seed, strategy="optimal", minimize=objective)
                if best is None:
                    continue
                proven += 1
                slowest = max(slowest, best["seconds"])
                busiest = max(busiest, best["busy"])
                for name, limits in zip(good, [{}, {"time_limit": 1.0}]):
                    found = plan_apart(kind, count, seed, minimize=objective, **limits)
                    good[name] += found["log2_costs"][objective] <= best["log2_costs"][objective] + 1e-9
            row = [kind, str(count), objective, str(networks), str(proven), f"{slowest:.2f}", f"{busiest:.2f}"]
            print("|", " | ".join([*row, *map(str, good.values())]), "|", flush=True)
    print()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument(
        "--tensors", default="100000,1000000", metavar="N,...", help="for greedy (default: %(default)s)"
    )
    parser.add_argument("--no-exact", action="store_true", help="leave out the exact search")
    parser.add_argument("--no-greedy", action="store_true", help="leave out the greedy search")
    parser.add_argument(
        "--objectives", default=",".join(OBJECTIVES), metavar="NAME,...", help="of the exact search (default: %(default)s)"
    )
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        kind, count, seed, keywords = json.loads(options.one)
        print(json.dumps(plan_one(kind, count, seed, keywords)))
        return
    try:
        counts = [int(text) for text in options.tensors.split(",")]
    except ValueError:
        parser.error(f"--tensors: '{options.tensors}' is no list of numbers")
    if min(counts) < 2:
        parser.error("--tensors: expected at least 2")
    objectives = options.objectives.split(",")
    if unknown := [name for name in objectives if name not in OBJECTIVES]:
        parser.error(f"--objectives: '{unknown[0]}' is none of {', '.join(OBJECTIVES)}")
    if not options.no_greedy:
        measure_greedy(counts)
    if not options.no_exact:
        measure_exact(objectives)


if __name__ == "__main__":
    main()
