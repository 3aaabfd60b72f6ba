"""Starts a planner, waits for its answer, counts it."""

from __future__ import annotations

import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

from common.machine import busy_seconds
from common.network import Network

from .count import BadPath, count_path

_CHILD = pathlib.Path(__file__).with_name("child.py")


@dataclass(frozen=True)
class Run:
    """What is asked; `seed` numbers the repetitions of planners that have no seed."""

    path: pathlib.Path
    network: Network
    who: str
    minimize: str
    largest: float | None
    seconds: float
    workers: int
    seed: int

    def key(self) -> dict:
        return {
            "network": self.network.name,
            "digest": self.network.digest,
            "who": self.who,
            "minimize": self.minimize,
            "largest": self.largest,
            "seconds": self.seconds,
            "workers": self.workers,
            "seed": self.seed,
        }


def patience(seconds: float) -> float:
    """A planner that has nothing after this long has failed: trials of large networks can outlast any budget."""
    return 3 * seconds + 10


def execute(run: Run) -> dict:
    """The record of a run: its key, and figures or, under `failed`, why there are none."""
    record = run.key()
    with tempfile.TemporaryDirectory(prefix="planner-benchmark-") as directory:
        folder = pathlib.Path(directory)
        answer = folder / "answer.json"
        environment = dict(os.environ)
        # Caches on disk start empty, and libraries that count cores see the workers.
        environment.update(
            TENON_CACHE_DIR=str(folder / "plans"),
            XDG_CACHE_HOME=str(folder / "cache"),
            COTENGRA_NUM_WORKERS=str(run.workers),
            OMP_NUM_THREADS=str(run.workers),
            PYTHONHASHSEED=str(run.seed),
        )
        request = folder / "request.json"
        busy, started = busy_seconds(), time.monotonic()
        asked = run.key() | {"network": str(run.path.resolve()), "started": started, "answer": str(answer)}
        request.write_text(json.dumps(asked))
        with open(folder / "errors.txt", "wb") as errors:
            child = subprocess.Popen(
                [sys.executable, str(_CHILD), str(request)],
                stdin=subprocess.DEVNULL,
                stdout=errors,
                stderr=errors,
                env=environment,
                start_new_session=True,
            )
            try:
                child.wait(timeout=patience(run.seconds))
            except subprocess.TimeoutExpired:
                pass
            finally:
                _end_session(child)
        if not answer.exists():
            return record | {"failed": _reason(child.returncode, folder / "errors.txt", run.seconds)}
        found = json.loads(answer.read_text())
    try:
        cost = count_path(run.network, found["path"], found["sliced"])
    except BadPath as error:
        return record | {"failed": f"not a path: {error}", "driver": found["driver"]}
    own, busy = found["own"], found["busy"] - busy
    return record | {
        "driver": found["driver"],
        "elapsed": round(found["elapsed"], 3),
        "log10_madds": round(cost.log10_madds, 6),
        "log10_madds_hoisted": round(cost.log10_madds_hoisted, 6),
        "log10_half_operations": round(cost.log10_half_operations, 6),
        "log2_size": round(cost.log2_size, 6),
        "slices": cost.slices,
        # What others took of the processors meanwhile, as a share of all of them.
        "foreign_load": round(max(0.0, busy - own) / (found["elapsed"] * (os.cpu_count() or 1)), 3),
    }


def _end_session(child: subprocess.Popen) -> None:
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    child.wait()


def _reason(status: int, errors: pathlib.Path, seconds: float) -> str:
    if status == -signal.SIGKILL:
        return f"no tree after {patience(seconds):g} s"
    lines = errors.read_text(errors="replace").strip().splitlines() or [f"exit status {status}, no message"]
    return lines[-1][:300]
