"""memory_limits.py FILE.mlir FOLDER THREADS LIMIT...: compiles a network under each limit, in bytes. What is accepted
keeps it; what is refused names the smallest bound, the same each time, which is then accepted. Prints a line for each."""

import ctypes
import pathlib
import re
import subprocess
import sys


def compile_for(limit):
    """The workspace of the library, or the bound that the refusal names as a negative number."""
    library = folder / f"limit{limit}.so"
    done = subprocess.run(["tenon-compile", source, f"--threads={threads}", "--plan=restarts=4", f"--memory-limit={limit}", "--symbol=net", "-o", library],
                          capture_output=True, text=True)
    if done.returncode:
        assert not library.exists(), "a refused compilation left a file"
        found = re.search(r"cannot be kept: the smallest peak that slicing reaches is (\d+) bytes", done.stderr)
        assert found, done.stderr
        return -int(found[1])
    size = ctypes.CDLL(str(library)).net_workspace_size
    size.restype = ctypes.c_int64
    return size()


source, folder, threads = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3]
named = set()
for limit in map(int, sys.argv[4:]):
    workspace = compile_for(limit)
    if workspace >= 0:
        assert 0 < workspace <= limit, f"a limit of {limit} bytes: the workspace takes {workspace}"
        print(f"{limit}: accepted")
        continue
    assert -workspace > limit
    named.add(-workspace)
    print(f"{limit}: refused")
assert len(named) <= 1, f"refusals name several bounds: {named}"
for smallest in named:
    assert 0 < compile_for(smallest) <= smallest
    print("the bound named: accepted")
