"""Runs a tool on damaged inputs: cut short, and with bytes changed under a fixed seed.

usage: damage.py [--cuts=N] [--flips=N] [--bytes=FIRST:END] [--upstream] INPUT FOLDER COMMAND...

In COMMAND, @ stands for the damaged file, %text for its content, and OUT for a file (OUT2 for another) in a folder
that is empty before each run. Each run must end by itself with exit status 0, and say nothing of an error, or 1, with
one line that says "error:", no control character in what it prints, and nothing written. Prints how many runs were
accepted and refused. With --upstream, the command prints diagnostics as MLIR's own tools do: one parser inside another
may add an error of its own, and the source line is shown as it is.
"""

import argparse
import os
import random
import re
import resource
import subprocess
import sys

TIMEOUT_SECONDS = 60
MEMORY_BYTES = 8 << 30
LONGEST_MESSAGE = 4000
BYTES = b"\x01\n\t \x1b\x7f\x80\xff0129-+.,;:x?e\"\\'()[]{}<>/*#%@!aZ_|"


def limit():
    # A tool under AddressSanitizer reserves terabytes.
    if not os.environ.get("ASAN_OPTIONS"):
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def damaged_texts(data, window, cuts, flips):
    first, end = window
    step = max(1, (end - first) // cuts) if cuts else end - first + 1
    for length in range(first, end, step):
        yield f"cut to {length} bytes", data[:length]
    generator = random.Random(20260117)
    for number in range(flips):
        text = bytearray(data)
        for _ in range(generator.randint(1, 3)):
            place = generator.randrange(first, min(end, len(text)))
            kind = generator.randrange(4)
            if kind == 0:
                text[place] = generator.choice(BYTES)
            elif kind == 1:
                text[place] ^= 1 << generator.randrange(8)
            elif kind == 2:
                del text[place : place + generator.randint(1, 5)]
            else:
                source = generator.randrange(first, end)
                text[place:place] = text[source : source + generator.randint(1, 9)]
        yield f"flip {number}", bytes(text)


def run(command, path, text, out_folder, upstream):
    """The exit status, or what is wrong."""
    out = os.path.join(out_folder, "out")
    if "%text" in command and (b"\0" in text or text.startswith(b"-")):
        return None  # This is no argument of a process, or an option.
    arguments = [{"@": path.encode(), "%text": text}.get(word, word.replace("OUT", out).encode()) for word in command]
    arguments = [word.replace(b"@", path.encode()) if word.startswith(b"--") else word for word in arguments]
    try:
        result = subprocess.run(
            arguments, stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT_SECONDS, preexec_fn=limit
        )
    except subprocess.TimeoutExpired:
        return f"still running after {TIMEOUT_SECONDS} s"
    said = result.stderr.decode("utf-8", "replace")
    left = os.listdir(out_folder)
    for name in left:
        os.remove(os.path.join(out_folder, name))
    errors = [line for line in said.splitlines() if "error:" in line]
    problem = None
    if result.returncode not in (0, 1):
        problem = f"exit status {result.returncode}"
    elif not result.returncode <= len(errors) <= result.returncode * (2 if upstream else 1):
        problem = f"exit status {result.returncode} with {len(errors)} errors"
    elif result.returncode and (result.stdout or left):
        problem = f"an error, and an output: {result.stdout[:80]!r} {left}"
    elif result.returncode == 0 and [name for name in left if name not in ("out", "out2")]:
        problem = f"left {left}"
    elif (not upstream and re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", said)) or len(said) > LONGEST_MESSAGE:
        problem = f"a message of {len(said)} characters that a terminal should not get"
    return result.returncode if problem is None else f"{problem}\n{ascii(said[:1200])}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cuts", type=int, default=16)
    parser.add_argument("--flips", type=int, default=30)
    parser.add_argument("--bytes", default=":", help="damage only these")
    parser.add_argument("--upstream", action="store_true")
    parser.add_argument("input")
    parser.add_argument("folder")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    with open(options.input, "rb") as file:
        data = file.read()
    first, end = options.bytes.split(":")
    window = (int(first or 0), min(int(end or len(data)), len(data)))
    out_folder = os.path.join(options.folder, "out")
    os.makedirs(out_folder, exist_ok=True)
    path = os.path.join(options.folder, "damaged" + os.path.splitext(options.input)[1])

    counts, problems = {0: 0, 1: 0}, 0
    for name, text in damaged_texts(data, window, options.cuts, options.flips):
        with open(path, "wb") as file:
            file.write(text)
        outcome = run(options.command, path, text, out_folder, options.upstream)
        if isinstance(outcome, str):
            problems += 1
            print(f"{name}: {outcome}")
            with open(f"{path}.{problems}", "wb") as file:
                file.write(text)
        elif outcome is not None:
            counts[outcome] += 1
    print(f"accepted {counts[0]}, refused {counts[1]}, wrong {problems}")
    sys.exit(1 if problems else 0)


main()
