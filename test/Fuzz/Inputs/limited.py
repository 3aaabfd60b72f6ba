"""limited.py BYTES STATUS[,STATUS] COMMAND...: runs a command that may write no file of more than BYTES, passes on what it prints, and fails where
its exit status is another one."""
import resource
import subprocess
import sys

limit, expected = int(sys.argv[1]), [int(status) for status in sys.argv[2].split(",")]
result = subprocess.run(
    sys.argv[3:],
    stdout=subprocess.PIPE,
    stderr=subprocess.STDOUT,
    timeout=300,
    preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
)
sys.stdout.buffer.write(result.stdout)
if result.returncode not in expected:
    sys.exit(f"expected exit status {sys.argv[2]}, found {result.returncode}")
