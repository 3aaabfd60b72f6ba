"""One run of one planner, in a process of its own: `python child.py REQUEST.json`.

The request names network, planner, budget and the moment (of time.monotonic(), one clock for all processes) at which
the parent started this process. The answer is the path, how long it took from that moment, and how busy it was.
"""

from __future__ import annotations

import json
import os
import pathlib
import sys
import threading
import time

sys.path[:0] = [str(folder) for folder in pathlib.Path(__file__).resolve().parents[1:3]]

from bench.peers import PEERS, Found, Task
from common.machine import busy_seconds, session_seconds
from common.network import read_network


def main() -> None:
    request = json.loads(pathlib.Path(sys.argv[1]).read_text())
    network = read_network(pathlib.Path(request["network"]))
    task = Task(
        network=network,
        minimize=request["minimize"],
        largest=request["largest"],
        workers=request["workers"],
        seed=request["seed"],
        deadline=request["started"] + request["seconds"],
    )
    lock = threading.Lock()

    def deliver(found: Found) -> None:
        if not lock.acquire(blocking=False):
            time.sleep(3600)  # the other thread is about to end the process
        elapsed = time.monotonic() - request["started"]
        busy, own = busy_seconds(), session_seconds(os.getsid(0))
        labels = {label: number for number, label in enumerate(network.labelled()[2])}
        answer = {
            "elapsed": elapsed,
            "busy": busy,
            "own": own,
            "driver": found.driver,
            "path": [list(map(int, step)) for step in found.path],
            "sliced": [labels[label] for label in found.sliced],
        }
        partial = pathlib.Path(request["answer"] + ".part")
        partial.write_text(json.dumps(answer))
        partial.rename(request["answer"])
        # Pools of the peers may still be at work; the parent ends the whole session.
        os._exit(0)

    PEERS[request["who"]].run(task, deliver)


if __name__ == "__main__":
    main()
