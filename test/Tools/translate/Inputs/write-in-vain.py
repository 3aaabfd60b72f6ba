"""Replaces a file under a limit on file sizes, which strikes in the middle of the writing.

Where the signal of the limit is ignored, the write fails as on a full disk; where it is not, the
process dies as at any interruption. Either way the old file stays, and nothing beside it.
"""

import os
import resource
import signal
import subprocess
import sys

folder = sys.argv[1]
os.makedirs(folder)
target = os.path.join(folder, "out.mlir")
EQUATION = ",".join(["ij"] * 20000)


def attempt(action):
    with open(target, "w") as file:
        file.write("old\n")

    def limit():
        signal.signal(signal.SIGXFSZ, action)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100000, 100000))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    command = ["tenon-translate", "--import-einsum", EQUATION, "-o", target]
    result = subprocess.run(
        command, stderr=subprocess.PIPE, preexec_fn=limit, restore_signals=False, text=True
    )
    with open(target) as file:
        kept = "kept" if file.read() == "old\n" else "lost"
    alone = "alone" if os.listdir(folder) == ["out.mlir"] else "not alone"
    return result, f"{kept}, {alone}"


result, state = attempt(signal.SIG_IGN)
print(f"full: status {result.returncode}, '{result.stderr.strip().partition('error: ')[2]}', {state}")
result, state = attempt(signal.SIG_DFL)
print(f"interrupted: signal {signal.Signals(-result.returncode).name}, {state}")
