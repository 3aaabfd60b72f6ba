"""status.py STATUS[,STATUS] COMMAND...: runs a command, passes on what it prints, and fails where its exit status is another one."""
import subprocess
import sys

expected = [int(status) for status in sys.argv[1].split(",")]
result = subprocess.run(sys.argv[2:], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300)
sys.stdout.buffer.write(result.stdout)
if result.returncode not in expected:
    sys.exit(f"expected exit status {sys.argv[1]}, found {result.returncode}")
