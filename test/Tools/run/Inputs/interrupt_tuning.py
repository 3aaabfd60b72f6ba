"""Interrupts a run with --tune when the first contraction has been searched, and prints how it ended.

usage: interrupt_tuning.py NETWORK.mlir TUNING
"""

import signal
import subprocess
import sys

source, tuning = sys.argv[1:]
command = ["tenon-run", source, "--random=1", "--tune=10000", f"--tuning={tuning}"]
# A test runner in the background may have had SIGINT ignored.
process = subprocess.Popen(
    command,
    stdout=subprocess.PIPE,
    stderr=subprocess.PIPE,
    text=True,
    preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
)
for line in process.stderr:
    if "tuning: plus-times" in line:
        break
process.send_signal(signal.SIGINT)
out, rest = process.communicate()
print("status", process.returncode)
print("output", repr(out))
print(rest.splitlines()[-1])
