"""Runs the RUN lines of a test that tenon-fuzz has exported, as lit would: run_exported.py TEST SCRATCH."""

import re
import subprocess
import sys

test, scratch = sys.argv[1:]
with open(test, encoding="utf-8") as file:
    lines = re.findall(r"^// RUN: (.*)$", file.read(), re.MULTILINE)
if not lines:
    sys.exit("no RUN line")
for line in lines:
    command = line.replace("%s", test).replace("%t", scratch)
    result = subprocess.run(["bash", "-c", "set -o pipefail; " + command], capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"{command}\n{result.stdout}{result.stderr}")
