"""status.py STATUS COMMAND...: runs a command, passes on what it prints, and fails where its exit status is another one."""
import subprocess
import sys

expected = int(sys.argv[1])
result = subprocess.run(sys.argv[2:], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300)
sys.stdout.buffer.write(result.stdout)
if result.returncode != expected:
    sys.exit(f"expected exit status {expected}, found {result.returncode}")
