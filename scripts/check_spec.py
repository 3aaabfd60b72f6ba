#!/usr/bin/env python3
"""Checks that every numbered constraint of docs/spec.md has a test.

A constraint is a list item of the specification that begins with its number (`* C4 All static ...`).
It is tested when an expected-error below test/ quotes `C4:`, the prefix that diagnostics carry.
Prints each constraint without a test, and each number that a test expects but the specification
lacks, and then fails."""

import argparse
import pathlib
import re
import sys

CONSTRAINT = re.compile(r"^\* ([A-Z]\d+) ", re.MULTILINE)
EXPECTED = re.compile(r"expected-error.*?\{\{.*?\b([A-Z]\d+): ")


def main() -> int:
    root = pathlib.Path(__file__).resolve().parent.parent
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--spec", type=pathlib.Path, default=root / "docs" / "spec.md")
    parser.add_argument("--tests", type=pathlib.Path, default=root / "test")
    arguments = parser.parse_args()

    listed = CONSTRAINT.findall(arguments.spec.read_text())
    repeated = sorted({number for number in listed if listed.count(number) > 1})
    tested = set()
    for path in sorted(arguments.tests.rglob("*.mlir")):
        tested.update(EXPECTED.findall(path.read_text()))

    problems = [f"{number}: numbered twice in {arguments.spec.name}" for number in repeated]
    problems += [f"{number}: no expected-error names it" for number in listed if number not in tested]
    problems += [
        f"{number}: a test expects it, but {arguments.spec.name} has no such constraint"
        for number in sorted(tested - set(listed))
    ]
    if not listed:
        problems.append(f"{arguments.spec}: no numbered constraint found")
    for problem in problems:
        print(f"check_spec: {problem}", file=sys.stderr)
    if not problems:
        print(f"check_spec: {len(listed)} constraints, each with a test")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
