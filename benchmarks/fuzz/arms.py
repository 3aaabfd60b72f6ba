#!/usr/bin/env python3
"""What each part of the fuzzer brings: arms with equal time, several trials each, blocks counted by one replay.

  a  libFuzzer on the bytes of .mlir files (seeds: the lit suite), with its own coverage of Tenon's code
  b  programs from the grammar through one fixed pipeline, no feedback
  c  programs and pass lists from the generator, no feedback
  d  mutation of programs with edges of Tenon's code as feedback, one fixed pipeline
  e  d with blocks of MLIR as feedback, too
  f  e with programs and pass lists mutated together (patterns as feedback, too)
  g  f with the schedule of Tzer

Every arm keeps each case that shows a new block, whatever its own feedback is: what it reached is then counted by `tenon-fuzz coverage` of
one build on all of them. All arms run the oracles that need no data, but for a, which runs none: it is given the same
passes. Results are written after each trial; the same command goes on where it was.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import re
import shutil
import signal
import subprocess
import json
import time

import campaign
import stats

PIPELINE = "tn-simplify,tn-plan,tn-propagate-layouts,tn-fuse,convert-tn-to-linalg,canonicalize,cse"
COMMON = ["--workers=1", "--oracles=verifier", "--observe=blocks", "--native-share=0", "--recycle=10000000"]
ARMS = {
    "b": ["--policy=generate", "--feedback=none", f"--passes={PIPELINE}"],
    "c": ["--policy=generate", "--feedback=none"],
    "d": ["--policy=bandit", "--feedback=edges", f"--passes={PIPELINE}"],
    "e": ["--policy=bandit", "--feedback=edges,blocks", f"--passes={PIPELINE}"],
    "f": ["--policy=bandit", "--feedback=edges,blocks,patterns"],
    "g": ["--policy=tzer", "--feedback=edges,blocks,patterns"],
}
NAMES = {
    "a": "libFuzzer on .mlir bytes",
    "b": "grammar, fixed pipeline",
    "c": "generator, no feedback",
    "d": "mutation, edges, fixed pipeline",
    "e": "mutation, edges and blocks, fixed pipeline",
    "f": "joint mutation, all feedback",
    "g": "joint mutation, Tzer's schedule",
}
# What the issue asks for: (arm, against, figure, least ratio).
AIMS = [("f", "c", "blocks", 1.15), ("f", "a", "blocks", 1.75), ("f", "b", "blocks", 1.75),
        ("f", "a", "valuable", 1.5), ("f", "b", "valuable", 1.5)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=300, help="of each trial; default 300")
    parser.add_argument("--trials", type=int, default=5, help="of each arm; default 5")
    parser.add_argument("--arms", default="a,b,c,d,e,f,g", help="a list; default all")
    parser.add_argument("--parallel", type=int, default=os.cpu_count() or 1, help="trials at once; default the cores")
    parser.add_argument("--out", type=pathlib.Path, default=campaign.ROOT / "build/benchmarks/arms")
    parser.add_argument("--table", action="store_true", help="run nothing, print tables of what is there")
    options = parser.parse_args()
    arms = options.arms.split(",")
    if unknown := [arm for arm in arms if arm not in NAMES]:
        parser.error(f"unknown arm {unknown[0]}; there are {', '.join(NAMES)}")

    file = options.out / "results.json"
    results = campaign.load(file)
    if not options.table:
        measure(options, arms, file, results)
    print_tables(results, arms, options.seconds)
    return 0


def measure(options: argparse.Namespace, arms: list[str], file: pathlib.Path, results: dict) -> None:
    tool = campaign.require(campaign.ROOT / "build/fuzz/bin/tenon-fuzz", "tenon-fuzz")
    # Trials of all arms take turns: what slows the machine down for a while slows all arms.
    missing = [
        (trial, arm)
        for trial in range(1, options.trials + 1)
        for arm in arms
        if key_of(arm, trial, options.seconds) not in results
    ]
    running: list[Trial] = []
    try:
        while missing or running:
            while missing and len(running) < options.parallel:
                trial, arm = missing.pop(0)
                running.append(Trial(tool, arm, trial, options))
            time.sleep(0.5)
            for each in [each for each in running if each.is_over()]:
                running.remove(each)
                results[key_of(each.arm, each.trial, options.seconds)] = each.result()
                campaign.save(file, results)
                print(f"{each.arm} {each.trial}: {results[key_of(each.arm, each.trial, options.seconds)]}", flush=True)
    finally:
        for each in running:
            each.kill()


def key_of(arm: str, trial: int, seconds: float) -> str:
    return f"{arm} {seconds:g} s {trial}"


class Trial:
    """One campaign of one arm, and then the replay of what it kept."""

    def __init__(self, tool: pathlib.Path, arm: str, trial: int, options: argparse.Namespace):
        self.tool, self.arm, self.trial, self.seconds = tool, arm, trial, options.seconds
        self.directory = options.out / f"{arm}-{trial}"
        shutil.rmtree(self.directory, ignore_errors=True)
        self.directory.parent.mkdir(parents=True, exist_ok=True)
        self.log = self.directory.with_suffix(".log")
        environment = dict(os.environ)
        if arm == "a":
            command = self._libfuzzer(environment)
        else:
            command = [str(tool), "run", str(self.directory), f"--time={round(self.seconds)}", f"--seed={trial}"]
            command += COMMON + ARMS[arm]
        with self.log.open("w", encoding="utf-8") as stream:
            self.process = subprocess.Popen(
                command, stdout=stream, stderr=stream, env=environment, start_new_session=True
            )
        self.begin = time.monotonic()

    def _libfuzzer(self, environment: dict[str, str]) -> list[str]:
        fuzzer = campaign.require(campaign.ROOT / "build/fuzz/bin/mlir-bytes-fuzzer", "mlir-bytes-fuzzer")
        corpus, seeds = self.directory / "own", self.directory / "seeds"
        for folder in (corpus, seeds, self.directory / "corpus", self.directory / "crashes"):
            folder.mkdir(parents=True)
        for number, source in enumerate(sorted((campaign.ROOT / "test").rglob("*.mlir"))):
            if "Inputs" not in source.parts and "BadInput" not in source.parts:
                shutil.copy(source, seeds / f"{number}.mlir")
        environment["TENON_OBSERVED"] = str(self.directory / "corpus")
        environment["TENON_PASSES"] = PIPELINE
        return [
            str(fuzzer), str(corpus), str(seeds), "-fork=1", "-ignore_crashes=1", "-ignore_timeouts=1", "-ignore_ooms=1",
            "-timeout=10", "-rss_limit_mb=2048", "-max_len=8192", "-detect_leaks=0", f"-seed={self.trial}",
            f"-max_total_time={round(self.seconds)}", f"-artifact_prefix={self.directory}/crashes/",
        ]  # fmt: skip

    def is_over(self) -> bool:
        if self.process.poll() is not None:
            return True
        if time.monotonic() - self.begin > 1.5 * self.seconds + 120:
            self.kill()
            raise campaign.Failure(f"arm {self.arm} does not end; its words are in {self.log}")
        return False

    def result(self) -> dict:
        if self.process.returncode not in (0, 1, 130):
            raise campaign.Failure(
                f"arm {self.arm} ended with status {self.process.returncode}; its words are in {self.log}"
            )
        replay = subprocess.run(
            [str(self.tool), "coverage", str(self.directory), f"--passes={PIPELINE}"], capture_output=True, text=True
        )
        if replay.returncode != 0:
            raise campaign.Failure(f"tenon-fuzz coverage {self.directory}: {replay.stderr.strip()}")
        counts = json.loads(replay.stdout)
        return {
            "blocks": counts["blocks"],
            "edges": counts["edges"],
            "patterns": counts["patterns"],
            "valuable": counts["valuable"],
            "executions": self._executions(),
        }

    def _executions(self) -> float:
        if self.arm != "a":
            return campaign.last(self.directory).get("executions", 0)
        counts = re.findall(r"^#(\d+)", self.log.read_text(encoding="utf-8", errors="replace"), re.MULTILINE)
        return max(map(int, counts), default=0)

    def kill(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def samples(results: dict, arm: str, seconds: float, figure: str) -> list[float]:
    prefix = key_of(arm, 0, seconds)[:-1]
    return [results[key][figure] for key in sorted(results) if key.startswith(prefix)]


def print_tables(results: dict, arms: list[str], seconds: float) -> None:
    print("\n| arm | | trials | blocks | quartiles | valuable tests | edges | executions/s |")
    print("|---|---|--:|--:|---|--:|--:|--:|")
    for arm in arms:
        blocks = samples(results, arm, seconds, "blocks")
        if not blocks:
            continue
        first, middle, third = stats.quartiles(blocks)

        def median(figure: str) -> float:
            return stats.quartiles(samples(results, arm, seconds, figure))[1]

        print(
            f"| {arm} | {NAMES[arm]} | {len(blocks)} | {middle:.0f} | {first:.0f} – {third:.0f} | {median('valuable'):.0f} "
            f"| {median('edges'):.0f} | {median('executions') / seconds:.0f} |"
        )
    print("\n| figure | ratio of medians | aim | Mann–Whitney p |\n|---|--:|--:|--:|")
    for arm, other, figure, aim in AIMS:
        mine, theirs = samples(results, arm, seconds, figure), samples(results, other, seconds, figure)
        if mine and theirs and stats.quartiles(theirs)[1] > 0:
            ratio = stats.quartiles(mine)[1] / stats.quartiles(theirs)[1]
            p = stats.mann_whitney(mine, theirs)
            print(f"| {figure}, {arm} over {other} | {ratio:.2f} | {aim:.2f} | {p:.3f} |")


if __name__ == "__main__":
    campaign.command(main)
