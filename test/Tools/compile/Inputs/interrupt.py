"""Interrupts tenon-compile while its linker runs, and prints how it ended and what it left.

usage: interrupt.py FILE.mlir FOLDER SIGNAL
The linker is a script that says that it runs and then waits.
"""

import os
import shlex
import shutil
import signal
import subprocess
import sys

source, folder, name = sys.argv[1:]
interrupt = signal.Signals[name]
program = shutil.which("tenon-compile")
for name in ("bin", "out", "tmp"):
    os.makedirs(os.path.join(folder, name))
linker = os.path.join(folder, "bin", "ld.lld-22")
started = os.path.join(folder, "started")
os.mkfifo(started)
with open(linker, "w") as file:
    file.write(f"#!/bin/sh\necho started > {shlex.quote(started)}\nexec sleep 60\n")
os.chmod(linker, 0o755)

environment = dict(os.environ, PATH=os.path.dirname(linker) + ":" + os.environ["PATH"], TMPDIR=os.path.join(folder, "tmp"))
process = subprocess.Popen(
    [program, source, "-o", os.path.join(folder, "out", "net.so")],
    env=environment,
    start_new_session=True,
    stderr=subprocess.PIPE,
    text=True,
    preexec_fn=lambda: signal.signal(interrupt, signal.SIG_DFL),
)
with open(started) as file:
    file.read()
# As a terminal does: to the compiler and its linker alike.
os.killpg(process.pid, interrupt)
_, errors = process.communicate()
print(errors, end="")
print("status", process.returncode)
print("left", os.listdir(os.path.join(folder, "out")), os.listdir(os.path.join(folder, "tmp")))
