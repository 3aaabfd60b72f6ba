"""Interrupts tenon-opt while a pass runs, and prints how it ended and what it left.

usage: interrupt.py FILE.mlir FOLDER SIGNAL
"""

import os
import signal
import subprocess
import sys
import time

source, folder, name = sys.argv[1:]
interrupt = signal.Signals[name]
os.makedirs(folder)
target = os.path.join(folder, "out.mlir")
with open(target, "w") as file:
    file.write("old\n")

# The planner tries a million orders, for minutes.
process = subprocess.Popen(
    ["tenon-opt", source, "--tn-plan=method=random-greedy restarts=1000000", "-o", target],
    stderr=subprocess.PIPE,
    preexec_fn=lambda: signal.signal(interrupt, signal.SIG_DFL),
)
time.sleep(0.5)
process.send_signal(interrupt)
status = process.wait(timeout=60)
print("ended", status != 0)
with open(target) as file:
    print("kept" if file.read() == "old\n" else "lost", os.listdir(folder))
