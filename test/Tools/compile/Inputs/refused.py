"""usage: refused.py IR NAMES: prints which of the names in a file tenon-compile accepts for the C function."""
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor


def accepts(name):
    command = ["tenon-compile", sys.argv[1], "-o", "/dev/null", "--emit=header", f"--symbol={name}"]
    done = subprocess.run(command, capture_output=True, text=True)
    return done.returncode != 1 or f"'{name}' is not free" not in done.stderr


with open(sys.argv[2]) as file:
    names = sorted(set(file.read().split()))
with ThreadPoolExecutor(2) as pool:
    for name, accepted in zip(names, pool.map(accepts, names)):
        if accepted:
            print(name)
