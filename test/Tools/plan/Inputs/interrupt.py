"""Interrupts tenon-plan while it searches, and prints how it ended and what it found.

usage: interrupt.py NETWORK.json SIGNAL
"""

import json
import signal
import subprocess
import sys

source, name = sys.argv[1:]
interrupt = signal.Signals[name]
# A search that would take hours.
command = ["tenon-plan", source, "--method=random-greedy", "--restarts=1000000000", "--progress=always", "--emit=ssa"]
# A test runner in the background may have had SIGINT ignored.
process = subprocess.Popen(
    command,
    stdout=subprocess.PIPE,
    stderr=subprocess.PIPE,
    text=True,
    preexec_fn=lambda: signal.signal(interrupt, signal.SIG_DFL),
)
process.stderr.readline()
process.send_signal(interrupt)
out, rest = process.communicate()
print("status", process.returncode)
print(rest.splitlines()[-1])
print("path of", len(json.loads(out)), "steps")
