#!/usr/bin/env python3
"""Executions a second on one core: compile-only oracles, and with interpreters of every stage.

Each trial is a campaign of a fixed number of cases with one worker from an empty corpus. The time is the processor time of supervisor and
worker, which other processes on the machine hardly change; that on the clock is beside it.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import shutil
import subprocess
import time

import campaign
import stats

MODES = {
    "compile only": ["--oracles=verifier,round-trip,determinism", "--native-share=0"],
    "with stage interpreters": ["--oracles=verifier,round-trip,determinism,stage", "--native-share=0"],
    "all oracles": ["--oracles=all"],
}
AIMS = {"compile only": 500, "with stage interpreters": 50}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5000, help="cases of a trial; default 5000")
    parser.add_argument("--trials", type=int, default=5, help="default 5")
    parser.add_argument("--preset", default="fuzz", help="the build; default fuzz")
    parser.add_argument("--feedback", default="edges,blocks,patterns")
    parser.add_argument("--out", type=pathlib.Path, default=campaign.ROOT / "build/benchmarks/throughput")
    options = parser.parse_args()
    tool = campaign.require(campaign.ROOT / f"build/{options.preset}/bin/tenon-fuzz", "tenon-fuzz")

    file = options.out / "results.json"
    results = campaign.load(file)
    for trial in range(1, options.trials + 1):
        for mode in MODES:
            key = f"{options.preset} {options.feedback} {options.runs} {mode} {trial}"
            if key not in results:
                results[key] = measure(tool, mode, trial, options)
                campaign.save(file, results)
    print("| oracles | trials | executions / processor second | quartiles | / second on the clock | aim |")
    print("|---|--:|--:|---|--:|--:|")
    for mode in MODES:
        prefix = f"{options.preset} {options.feedback} {options.runs} {mode} "
        chosen = [result for key, result in results.items() if key.startswith(prefix)]
        first, middle, third = stats.quartiles([each["executions"] / each["processor"] for each in chosen])
        clock = stats.quartiles([each["executions"] / each["clock"] for each in chosen])[1]
        print(
            f"| {mode} | {len(chosen)} | {middle:.0f} | {first:.0f} – {third:.0f} | {clock:.0f} | {AIMS.get(mode, '')} |"
        )
    return 0


def measure(tool: pathlib.Path, mode: str, trial: int, options: argparse.Namespace) -> dict:
    directory = options.out / campaign.slug(f"{mode}-{trial}")
    shutil.rmtree(directory, ignore_errors=True)
    directory.parent.mkdir(parents=True, exist_ok=True)
    command = [str(tool), "run", str(directory), f"--runs={options.runs}", "--workers=1", f"--seed={trial}"]
    command += [f"--feedback={options.feedback}", *MODES[mode]]
    log = directory.with_suffix(".log")
    with log.open("w", encoding="utf-8") as stream:
        begin, before = time.monotonic(), os.times()
        status = subprocess.run(command, stdout=stream, stderr=stream).returncode
        clock, after = time.monotonic() - begin, os.times()
    if status not in (0, 1):
        raise campaign.Failure(f"{' '.join(command)} ended with status {status}; its words are in {log}")
    processor = after.children_user + after.children_system - before.children_user - before.children_system
    executions = campaign.last(directory).get("executions", options.runs)
    return {"executions": executions, "processor": processor, "clock": clock}


if __name__ == "__main__":
    campaign.command(main)
