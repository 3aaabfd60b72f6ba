"""The parent's side of a peer's process."""

from __future__ import annotations

import dataclasses
import json
import pathlib
import selectors
import subprocess
import sys
import time

from common.machine import is_running
from common.network import BadInput

from .cases import Case
from .peers import environment

_SERVER = pathlib.Path(__file__).with_name("server.py")


class PeerFailed(Exception):
    """The case fails with this peer: one line why. `unsupported`: it was never meant to run."""

    def __init__(self, message: str, unsupported: bool = False):
        super().__init__(message)
        self.unsupported = unsupported


class Client:
    """A peer in a process of its own; after a crash or a timeout the next request starts a new one."""

    def __init__(self, name: str, threads: int, log: pathlib.Path, patience: float, server: pathlib.Path = _SERVER):
        self.name, self._threads, self._log, self._patience, self._server = name, threads, log, patience, server
        self._process: subprocess.Popen | None = None
        #: what `prepare` was last asked: a new process knows nothing of it
        self.is_prepared = False

    def version(self) -> str:
        try:
            return self._ask(do="hello")["version"]
        except PeerFailed as error:
            raise BadInput(
                f"{self.name} does not start: {error}; run benchmarks/setup.sh, and benchmarks/run.py with its Python "
                "(for tenon: PYTHONPATH=build/release/python), or leave it out of --peers"
            ) from None

    def prepare(self, case: Case, dtype: str, samples: pathlib.Path | None) -> float:
        """Seconds of the first call, compilation included."""
        self.is_prepared = False
        described = dataclasses.asdict(case)
        answer = self._ask(do="prepare", case=described, dtype=dtype, samples=None if samples is None else str(samples))
        self.is_prepared = True
        return answer["first"]

    def run(self, seconds: float) -> dict:
        return self._ask(do="run", seconds=seconds)

    def settle(self) -> None:
        """Waits until the process does nothing: threads of a library may look for more work for some milliseconds, on the
        processors that the next peer is given. Raises PeerFailed where they do not stop."""
        end = time.monotonic() + self._patience
        while self._process is not None and is_running(self._process.pid):
            if time.monotonic() > end:
                self.stop()
                raise PeerFailed(f"its threads do not come to rest in {self._patience:g} s")
            time.sleep(0.001)

    def release(self) -> None:
        if self._process is not None and self.is_prepared:
            self._ask(do="release")
        self.is_prepared = False

    def stop(self) -> None:
        self.is_prepared = False
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process.stdin.close()
            self._process.stdout.close()
            self._process = None

    def _ask(self, **request) -> dict:
        if self._process is None:
            self._start()
        try:
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
            line = self._read_line()
        except BrokenPipeError:
            line = b""
        if line is None:
            self.stop()
            raise PeerFailed(f"no answer in {self._patience:g} s")
        if not line.endswith(b"\n"):
            status = self._process.wait()
            self.stop()
            raise PeerFailed(f"the process ended with status {status}: {self._last_words()}")
        answer = json.loads(line)
        for kind in ("failed", "unsupported"):
            if kind in answer:
                raise PeerFailed(answer[kind], kind == "unsupported")
        return answer

    def _start(self) -> None:
        with open(self._log, "wb") as errors:
            self._process = subprocess.Popen(
                [sys.executable, str(self._server), self.name, str(self._threads)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                bufsize=0,
                env=environment(self._threads),
            )

    def _read_line(self) -> bytes | None:
        """A line; what there is at the end of the stream; None when patience is over."""
        line = b""
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            while not line.endswith(b"\n"):
                if not selector.select(self._patience):
                    return None
                got = self._process.stdout.read(65536)
                if not got:
                    return line
                line += got
        return line

    def _last_words(self) -> str:
        lines = self._log.read_text(errors="replace").strip().splitlines()
        return lines[-1][:200] if lines else "no message"
