#!/usr/bin/env python3
"""Checks that the files that documentation names exist.

In Markdown, a code span that begins with a folder of the repository (`test/python/test_equation.py`,
`lib/Planner`) names a file or folder, and may be a pattern (`test/**/errors.mlir`). With a name behind it
(`unittests/Frontend/MutationTest.cpp::Qsim`) the file has to contain that word. Links to files are
followed too. Prints each that leads nowhere, and then fails.
"""

import argparse
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([\w./*-]+)(?:::(\w+))?`")
LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)\s]*)?\)")
FOLDERS = tuple(
    path.name + "/" for path in ROOT.iterdir() if path.is_dir() and path.name[0] != "." and path.name != "build"
)


def problems(path):
    text = FENCE.sub(lambda block: "\n" * block[0].count("\n"), path.read_text(encoding="utf-8"))
    for match in SPAN.finditer(text):
        name, word = match.groups()
        if not name.startswith(FOLDERS):
            continue
        found = sorted(ROOT.glob(name.rstrip("/")))
        line = text.count("\n", 0, match.start()) + 1
        if not found:
            yield line, f"there is no {name}"
        elif word and not any(x.is_file() and re.search(rf"\b{word}\b", x.read_text(encoding="utf-8")) for x in found):
            yield line, f"{name} has no {word}"
    for match in LINK.finditer(text):
        if not (path.parent / match[1]).exists():
            yield text.count("\n", 0, match.start()) + 1, f"the link leads to no file: {match[1]}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=pathlib.Path, metavar="FILE.md")
    failures = 0
    files = parser.parse_args().files
    for path in files:
        for line, problem in problems(path):
            failures += 1
            print(f"{path}:{line}: {problem}")
    print(f"{len(files)} files, {failures} names without a file")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
