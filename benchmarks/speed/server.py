"""The process of one peer: `python server.py PEER THREADS`.

Reads a command a line from standard input and answers each with a line, both JSON. Libraries print where standard error
goes. The end of the input ends the process.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import pathlib
import sys
import time
from statistics import median

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

#: A sample is of as many calls as take this long, so that reading the clock does not count.
SAMPLE_SECONDS = 1e-3


class Server:
    def __init__(self, name: str, threads: int):
        from speed.peers import PEERS, processors

        os.sched_setaffinity(0, processors(threads))
        self.peer = PEERS[name](threads)
        self.call = None

    def hello(self) -> dict:
        for module in self.peer.needs:
            importlib.import_module(module)
        return {"version": self.peer.version()}

    def prepare(self, case: dict, dtype: str, samples: str | None) -> dict:
        """Makes operands, and calls once. `samples`: the file that takes the samples of the result."""
        import numpy as np

        from speed.cases import Case
        from speed.operands import make_operands
        from speed.reference import choose_samples, take_samples

        self.release()
        described = Case(**case)
        self.peer.get_ready(described)
        self.call = self.peer.prepare(described, dtype, make_operands(described, dtype))
        start = time.perf_counter()
        result = self.call()
        first = time.perf_counter() - start
        if samples:
            np.save(samples, take_samples(self.peer.to_numpy(result), choose_samples(described)))
        return {"first": first}

    def run(self, seconds: float) -> dict:
        """Calls for about so long: the median of the samples, each seconds per call."""
        calls, samples = 1, []
        own, end = time.process_time(), time.perf_counter() + seconds
        while not samples or time.perf_counter() < end:
            start = time.perf_counter()
            for _ in range(calls):
                self.call()
            took = time.perf_counter() - start
            samples.append(took / calls)
            if took < SAMPLE_SECONDS:
                calls = min(4 * calls, int(calls * SAMPLE_SECONDS / max(took, 1e-9)) + 1)
        return {"seconds": median(samples), "samples": len(samples), "own": time.process_time() - own}

    def release(self) -> dict:
        self.call = None
        gc.collect()
        return {}


def main() -> None:
    # What a library prints must not be taken for an answer.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    server = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if server is None:
                server = Server(sys.argv[1], int(sys.argv[2]))
            answer = getattr(server, request.pop("do"))(**request)
        except Exception as error:
            kind = "unsupported" if type(error).__name__ == "NotSupported" else "failed"
            text = (str(error).strip().splitlines() or [""])[0]
            answer = {kind: f"{type(error).__name__}: {text}"[:300]}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
