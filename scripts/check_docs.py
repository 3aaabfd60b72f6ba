#!/usr/bin/env python3
"""Runs the commands that documentation shows, and compares their output with what it shows.

A block of a Markdown file is run if its fence says `console`. In it, a line `$ command` is run by
bash, and continues on the next line after a backslash; the lines up to the next command are what
it prints (standard output and standard error together). In them, `…` stands for any text within a
line, and a line that is only `…` for any lines. A command without such lines may print anything.
Commands succeed, but for those of a block `console fails`, which must all fail.

The commands of one file share an empty directory in which the repository's `examples` and `include`
lie, and the files that the page shows: a block whose fence has a name, as in `c main.c`, is one.
"""

import argparse
import difflib
import os
import re
import subprocess
import sys
import tempfile

REPOSITORY = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TIMEOUT_SECONDS = 300


class Command:
    def __init__(self, line, text, must_fail):
        self.line = line
        self.text = text
        self.must_fail = must_fail
        self.expected = []


def read_commands(path):
    """The commands of a Markdown file, in order. Raises ValueError on a block that is ill-formed."""
    commands, fence = [], None
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            line = line.rstrip("\n")
            opening = re.fullmatch(r"```console(| fails)", line)
            if opening:
                fence, must_fail, first = number, bool(opening[1]), len(commands)
            elif fence and line == "```":
                fence = None
            elif fence and commands[first:] and commands[-1].text.endswith("\\"):
                commands[-1].text += "\n" + line
            elif fence and line.startswith("$ "):
                commands.append(Command(number, line[2:], must_fail))
            elif fence and len(commands) == first:
                raise ValueError(f"{path}:{number}: a console block begins with a line '$ command'")
            elif fence:
                commands[-1].expected.append(line)
    if fence:
        raise ValueError(f"{path}:{fence}: the block is not closed")
    if not commands:
        raise ValueError(f"{path}: no block to run; fences of those say ```console")
    return commands


def read_files(path):
    """The files that a Markdown file shows, by name."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    return dict(re.findall(r"^```\w+ ([\w-]+\.\w+)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE))


def matches(expected, printed):
    pattern = ""
    for line in expected:
        if line.strip() == "…":
            pattern += r"(?:.*\n)*?"
        else:
            pattern += ".*?".join(re.escape(part) for part in line.split("…")) + "\n"
    return re.fullmatch(pattern, printed) is not None


def run(command, folder):
    """What is wrong with the command, or nothing."""
    try:
        result = subprocess.run(
            ["bash", "-c", command.text],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=TIMEOUT_SECONDS,
        )
    except subprocess.TimeoutExpired:
        return f"still running after {TIMEOUT_SECONDS} s"
    printed = result.stdout.decode("utf-8", "replace")
    if (result.returncode != 0) != command.must_fail:
        wanted = "a failure" if command.must_fail else "success"
        return f"expected {wanted}, found exit status {result.returncode}\n{printed}"
    # A document shows no difference between a line with a line break and one without.
    if printed and not printed.endswith("\n"):
        printed += "\n"
    if command.expected and not matches(command.expected, printed):
        lines = printed.splitlines()
        return "\n".join(
            difflib.unified_diff(command.expected, lines, "documented", "printed", lineterm="")
        )
    return None


def check(path):
    """Runs a file's commands; returns their number and how many failed."""
    try:
        commands, files = read_commands(path), read_files(path)
    except (OSError, ValueError) as error:
        print(error)
        return 0, 1
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        for name in ("examples", "include"):
            os.symlink(os.path.join(REPOSITORY, name), os.path.join(folder, name))
        for name, text in files.items():
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write(text)
        for command in commands:
            problem = run(command, folder)
            if problem is not None:
                failures += 1
                print(f"{path}:{command.line}: $ {command.text}\n{problem}")
    return len(commands), failures


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="+", metavar="FILE.md")
    parser.add_argument("--preset", help="take the tools of build/PRESET/bin (else those on PATH)")
    options = parser.parse_args()
    if options.preset:
        tools = os.path.join(REPOSITORY, "build", options.preset, "bin")
        if not os.path.isdir(tools):
            sys.exit(f"check_docs.py: {tools} does not exist; build the preset first")
        os.environ["PATH"] = tools + os.pathsep + os.environ["PATH"]

    results = [check(path) for path in options.files]
    total, failed = (sum(column) for column in zip(*results))
    print(f"{total} commands in {len(results)} files, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
