"""Interrupts tenon-run while it runs slices, and prints how it ended and what it left.

usage: interrupt.py FILE.mlir FOLDER SIGNAL
"""

import os
import signal
import subprocess
import sys

source, folder, name = sys.argv[1:]
interrupt = signal.Signals[name]
os.makedirs(folder)
target = os.path.join(folder, "out.npy")
with open(target, "w") as file:
    file.write("old\n")

command = ["tenon-run", source, "--random=1", "--progress=always", "--threads=2", "--bench=1000000", "-o", target]
# A test runner in the background may have had SIGINT ignored.
process = subprocess.Popen(
    command,
    stderr=subprocess.PIPE,
    text=True,
    preexec_fn=lambda: signal.signal(interrupt, signal.SIG_DFL),
)
for line in process.stderr:
    if line.startswith("slices"):
        process.send_signal(interrupt)
        break
rest = process.stderr.read()
status = process.wait()
print("status", status)
print(rest.splitlines()[-1])
with open(target) as file:
    print("kept" if file.read() == "old\n" else "lost", os.listdir(folder))
