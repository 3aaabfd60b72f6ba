"""Small C programs of the benchmark, compiled when they are needed."""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import subprocess

from common.network import BadInput

from .cases import ROOT
from .peers import processors

_HERE = pathlib.Path(__file__).resolve().parent


def build(name: str, folder: pathlib.Path) -> pathlib.Path:
    """The program of `NAME.c` in `folder`, made anew where it is older than its source."""
    source, program = _HERE / f"{name}.c", folder / name
    if program.exists() and program.stat().st_mtime > source.stat().st_mtime:
        return program
    compiler = next((found for one in ("clang-22", "clang") if (found := shutil.which(one))), None)
    if compiler is None:
        raise BadInput(f"{source.name} needs clang, which is not there: scripts/check.sh installs clang-22")
    folder.mkdir(parents=True, exist_ok=True)
    command = [compiler, "-std=gnu11", "-O3", "-march=native", "-pthread", "-I", str(ROOT / "include")]
    done = subprocess.run([*command, str(source), "-o", str(program), "-ldl"], capture_output=True, text=True)
    if done.returncode:
        raise BadInput(f"{source} does not compile: {done.stderr.strip().splitlines()[0]}")
    return program


def run(program: pathlib.Path, *arguments: str, threads: int) -> str:
    """What the program prints, pinned to as many processors as it has threads."""
    chosen = processors(threads)
    done = subprocess.run(
        [str(program), *arguments],
        capture_output=True,
        text=True,
        preexec_fn=lambda: os.sched_setaffinity(0, chosen),
    )
    if done.returncode:
        raise BadInput(f"{program.name} failed: {done.stderr.strip() or f'status {done.returncode}'}")
    return done.stdout


def measure_roofline(threads: int, folder: pathlib.Path) -> dict:
    """{"flops": {"f32", "f64"}, "bandwidth", "buffers": {bytes: bandwidth}}, all rates per second. `bandwidth` is memory's, that
    of the largest buffer; of a buffer of each thread that caches hold it is theirs."""
    return json.loads(run(build("roofline", folder), str(threads), threads=threads))
