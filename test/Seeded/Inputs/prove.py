"""Proves a seeded bug by a program: with it some result is another, without it none is.

usage: prove.py FILE [--passes=OPTION]... [--native=OPTION]... [--random=SEED]

The bug has the name of the file. Without --native the interpreter runs what the passes leave, with it compiled code runs,
each compared with the interpreter on the file as it is. A process that fails proves nothing.
"""
import argparse
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy


def run(command: list[str], bug: str | None) -> subprocess.CompletedProcess:
    environment = {name: value for name, value in os.environ.items() if name != "TENON_SEEDED_BUG"}
    if bug:
        environment["TENON_SEEDED_BUG"] = bug
    return subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def results(source: pathlib.Path, seed: int, count: int, folder: pathlib.Path) -> list[numpy.ndarray]:
    """What the interpreter makes of a file, with nothing seeded."""
    outputs = [folder / f"{number}.npy" for number in range(count)]
    done = run(["tenon-run", str(source), "--reference", f"--random={seed}", *(f"-o={path}" for path in outputs)], None)
    if done.returncode:
        sys.exit(f"the interpreter failed: {done.stdout}")
    return [numpy.load(path) for path in outputs]


def agree(found: list[numpy.ndarray], expected: list[numpy.ndarray]) -> bool:
    return all(numpy.array_equal(x, y) if x.dtype.kind in "iub" else numpy.allclose(x, y, rtol=1e-4, atol=1e-5, equal_nan=True)
               for x, y in zip(found, expected, strict=True))


def agrees_after_passes(options: argparse.Namespace, bug: str | None, folder: pathlib.Path) -> bool:
    lowered = folder / "lowered.mlir"
    done = run(["tenon-opt", str(options.file), *options.passes, "-o", str(lowered)], bug)
    if done.returncode:
        sys.exit(f"the passes failed, bug {bug}: {done.stdout}")
    expected, found = (results(file, options.random, options.results, folder) for file in (options.file, lowered))
    return agree(found, expected)


def agrees_natively(options: argparse.Namespace, bug: str | None) -> bool:
    done = run(["tenon-run", str(options.file), "--check", f"--random={options.random}", *options.native], bug)
    if done.returncode != ("MISMATCH" in done.stdout) or "check: result 0: " not in done.stdout:
        sys.exit(f"the run failed, bug {bug}: {done.stdout}")
    return done.returncode == 0


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("file", type=pathlib.Path)
    parser.add_argument("--passes", action="append", default=[])
    parser.add_argument("--native", action="append", default=[])
    parser.add_argument("--random", type=int, default=1)
    parser.add_argument("--results", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        def agrees(bug: str | None) -> bool:
            return agrees_natively(options, bug) if options.native else agrees_after_passes(options, bug, pathlib.Path(name))
        if not agrees(None):
            sys.exit("results differ with nothing seeded")
        if agrees(options.file.stem):
            sys.exit(f"results are the same with {options.file.stem}")


main()
