#!/usr/bin/env python3
"""Adds up the JUnit files of a directory and prints `N passed, N failed, N skipped`.

usage: summarize_tests.py --allowed-skips FILE DIRECTORY

Every NAME.xml is a suite; NAME.crashed says that a suite ended without a report, or in an error that its report does
not show, and counts as a failure. A skipped test fails the run unless a line of FILE (a regular expression; `#` begins
a comment) matches its reason. Exits with 1 when anything failed, or when nothing ran.
"""
import argparse
import pathlib
import re
import sys
import xml.etree.ElementTree as ElementTree


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--allowed-skips", type=pathlib.Path, required=True)
    parser.add_argument("directory", type=pathlib.Path)
    arguments = parser.parse_args()
    allowed = [line.split("#")[0].strip() for line in arguments.allowed_skips.read_text().splitlines()]
    allowed = [re.compile(line) for line in allowed if line]

    passed = skipped = 0
    failures = [f"{path.stem}: ended with {path.read_text().strip()}, which no test of its report explains" for path in sorted(arguments.directory.glob("*.crashed"))]
    for path in sorted(arguments.directory.glob("*.xml")):
        for case in ElementTree.parse(path).getroot().iter("testcase"):
            name = f"{path.stem}: {case.get('classname', '')}.{case.get('name', '')}"
            skip = case.find("skipped")
            if case.find("failure") is not None or case.find("error") is not None:
                failures.append(name)
            elif skip is not None or case.get("result") == "skipped":
                reason = ((skip.get("message") or "") + (skip.text or "")) if skip is not None else ""
                if any(pattern.search(reason) for pattern in allowed):
                    skipped += 1
                else:
                    failures.append(f"{name}: skipped for a reason that is not on the list: {reason.strip()[:120]!r}")
            else:
                passed += 1
    for failure in failures:
        print("FAILED", failure)
    print(f"{passed} passed, {len(failures)} failed, {skipped} skipped")
    return 1 if failures or passed == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
