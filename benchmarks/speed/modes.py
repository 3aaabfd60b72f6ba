"""What is measured of a case: `steady` calls, the `first` result, the `overhead` of a call, `compile` time of kernels."""

from __future__ import annotations

import dataclasses
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from statistics import median

from common.network import BadInput

from . import native
from .cases import Case, from_einsum
from .client import Client, PeerFailed
from .measure import Effort, measure
from .peers import PEERS, environment, processors

_HERE = pathlib.Path(__file__).resolve().parent

#: what a compiled library calls its network
_SYMBOL = "network"

#: tiny operands, of which a call costs more than the numbers
TINY = (
    from_einsum("overhead", "2x2 times 2x2", "ik,kj->ij", {"i": 2, "j": 2, "k": 2}),
    from_einsum("overhead", "2x3 times 3", "ij,j->i", {"i": 2, "j": 3}),
    from_einsum("overhead", "3 times 3", "i,i->", {"i": 3}),
)


class Steady:
    """Warm calls, by all peers in turn."""

    name = "steady"

    def __init__(self, folder: pathlib.Path, effort: Effort, patience: float):
        self._folder, self._effort, self._patience = folder, effort, patience
        self._clients: dict[tuple[str, int], Client] = {}
        self._versions: dict[str, str] = {}

    def measure(self, case: Case, dtype: str, threads: int, peers: list[str]) -> dict:
        clients = [self._client(name, threads) for name in peers if dtype in PEERS[name].dtypes]
        figures = measure(case, dtype, clients, self._effort)
        for name in figures:
            figures[name]["version"] = self._versions[name]
        return figures | {name: {"unsupported": f"has no {dtype}"} for name in peers if name not in figures}

    def _client(self, name: str, threads: int) -> Client:
        if (name, threads) not in self._clients:
            self._folder.mkdir(parents=True, exist_ok=True)
            client = Client(name, threads, self._folder / f"{name}.log", self._patience)
            self._clients[name, threads] = client
            self._versions[name] = client.version()
        return self._clients[name, threads]

    def close(self) -> None:
        for client in self._clients.values():
            client.stop()


class First:
    """The first result in a fresh process, the path given and nothing cached; `tenon-cached`: with the cache on disk that
    the run before left."""

    name = "first"

    def __init__(self, effort: Effort, patience: float):
        self._rounds, self._patience = effort.rounds, patience

    def measure(self, case: Case, dtype: str, threads: int, peers: list[str]) -> dict:
        figures: dict[str, dict] = {}
        for _ in range(self._rounds):
            for name in peers:
                if dtype not in PEERS[name].dtypes:
                    figures[name] = {"unsupported": f"has no {dtype}"}
                    continue
                with tempfile.TemporaryDirectory(prefix="speed-") as folder:
                    self._add(figures, name, self._once(case, dtype, threads, name, folder))
                    if name == "tenon":
                        self._add(figures, "tenon-cached", self._once(case, dtype, threads, name, folder))
        return figures

    @staticmethod
    def _add(figures: dict, name: str, found: float | str) -> None:
        if isinstance(found, str):
            kind = "unsupported" if found.startswith("NotSupported") or "NotSupported: " in found else "failed"
            figures[name] = {kind: found}
        elif "failed" not in figures.setdefault(name, {"rounds": []}):
            figures[name]["rounds"].append(found)

    def _once(self, case: Case, dtype: str, threads: int, peer: str, folder: str) -> float | str:
        """Seconds, or the last line of an error."""
        request = pathlib.Path(folder, "request.json")
        asked = {"case": dataclasses.asdict(case), "dtype": dtype, "threads": threads, "peer": peer}
        request.write_text(json.dumps(asked))
        caches = {"TENON_CACHE_DIR": str(pathlib.Path(folder, "tenon")), "XDG_CACHE_HOME": str(pathlib.Path(folder, "cache"))}
        try:
            done = subprocess.run(
                [sys.executable, str(_HERE / "first.py"), str(request)],
                capture_output=True,
                text=True,
                env=environment(threads) | caches,
                timeout=self._patience,
            )
        except subprocess.TimeoutExpired:
            return f"no result in {self._patience:g} s"
        if done.returncode:
            return (done.stderr.strip().splitlines() or [f"status {done.returncode}"])[-1][:300]
        return json.loads(done.stdout)["seconds"]

    def close(self) -> None:
        pass


class Overhead:
    """Calls on tiny operands, from Python and (`tenon-c`) from C."""

    name = "overhead"

    def __init__(self, steady: Steady, build: pathlib.Path, folder: pathlib.Path, effort: Effort):
        self._steady, self._build, self._folder, self._effort = steady, build, folder, effort

    def measure(self, case: Case, dtype: str, threads: int, peers: list[str]) -> dict:
        figures = self._steady.measure(case, dtype, threads, peers)
        library = self._library(case)
        program = native.build("call", self._folder)
        extents = ["x".join(map(str, shape)) or "-" for shape in [*case.shapes, [case.sizes[i] for i in case.output]]]
        figures["tenon-c"] = {
            "rounds": [
                float(native.run(program, str(library), _SYMBOL, str(self._effort.seconds), *extents, threads=threads))
                for _ in range(self._effort.rounds)
            ]
        }
        return figures

    def _library(self, case: Case) -> pathlib.Path:
        self._folder.mkdir(parents=True, exist_ok=True)
        library = self._folder / f"{case.digest()}.so"
        tools = [self._build / "bin" / name for name in ("tenon-translate", "tenon-compile")]
        for tool in tools:
            if not tool.exists():
                raise BadInput(f"there is no {tool}: build the tools, or say --build")
        shapes = ",".join("x".join(map(str, shape)) for shape in case.shapes)
        source = library.with_suffix(".mlir")
        for command in (
            [tools[0], "--import-einsum", case.equation, "--shapes", shapes, "--type", "f64", "-o", source],
            [tools[1], source, "-o", library, f"--symbol={_SYMBOL}"],
        ):
            done = subprocess.run([*map(str, command)], capture_output=True, text=True)
            if done.returncode:
                raise BadInput(f"{command[0].name} failed: {done.stderr.strip()}")
        return library

    def close(self) -> None:
        self._steady.close()


class Compile:
    """Compilation of distinct kernels, one after the other in one process: each of the first half, each of the second.
    Kernels that are part of Tenon are left out."""

    name = "compile"

    def __init__(self, effort: Effort, patience: float, networks: int | None = None):
        """`networks`: how many, by default all that kernels.py has."""
        self._effort, self._patience = effort, patience
        self._arguments = [] if networks is None else [str(networks)]

    def measure_halves(self, threads: int) -> Iterator[dict[str, float]]:
        """{name: median processor seconds of a kernel} of each round."""
        rounds, number = self._effort.rounds, 0
        while number < rounds:
            start = time.perf_counter()
            seconds = self._once(threads)
            if time.perf_counter() - start > self._effort.long_round:
                rounds = min(rounds, self._effort.few_rounds)
            number += 1
            half = len(seconds) // 2
            halves = {"first": seconds[:half], "second": seconds[half:]}
            yield {f"a kernel of the {name} {len(part)}": median(part) for name, part in halves.items()}

    def _once(self, threads: int) -> list[float]:
        """Processor seconds of each kernel, in a fresh process that finds none."""
        switches = {"TENON_PREBUILT": "0", "TENON_KERNEL_CACHE": "off"}
        try:
            done = subprocess.run(
                [sys.executable, str(_HERE / "kernels.py"), *self._arguments],
                capture_output=True,
                text=True,
                env=environment(threads) | switches,
                preexec_fn=lambda: os.sched_setaffinity(0, processors(threads)),
                timeout=self._patience,
            )
        except subprocess.TimeoutExpired:
            raise PeerFailed(f"kernels did not compile in {self._patience:g} s") from None
        if done.returncode:
            raise PeerFailed((done.stderr.strip().splitlines() or [f"status {done.returncode}"])[-1])
        seconds = [seconds / kernels for kernels, seconds in json.loads(done.stdout) if kernels]
        if len(seconds) < 2:
            raise PeerFailed(f"{len(seconds)} kernels were compiled; expected two halves")
        return seconds
