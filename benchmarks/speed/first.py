"""The first result, in a fresh process: `python first.py REQUEST.json`. Prints seconds.

Beforehand: interpreter, imports, operands, and the path as the peer takes it. Inside: all that the peer does for the case.
"""

from __future__ import annotations

import json
import os
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))


def main() -> None:
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    request = json.loads(pathlib.Path(sys.argv[1]).read_text())
    from speed.cases import Case
    from speed.operands import make_operands
    from speed.peers import PEERS, processors

    os.sched_setaffinity(0, processors(request["threads"]))
    case = Case(**request["case"])
    peer = PEERS[request["peer"]](request["threads"])
    peer.get_ready(case)
    operands = make_operands(case, request["dtype"])
    start = time.perf_counter()
    peer.prepare(case, request["dtype"], operands)()
    json.dump({"seconds": time.perf_counter() - start}, answers)


if __name__ == "__main__":
    main()
