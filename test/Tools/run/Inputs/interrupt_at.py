"""Runs a command, sends it SIGINT when its standard error has a line with a word, and prints those lines and its status.

usage: interrupt_at.py WORD COMMAND...
"""

import signal
import subprocess
import sys

word, command = sys.argv[1], sys.argv[2:]
process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
for line in process.stderr:
    print(line, end="")
    if word in line:
        process.send_signal(signal.SIGINT)
print("status", process.wait())
