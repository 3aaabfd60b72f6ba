#!/usr/bin/env python3
"""Lists the seeded bugs of include/tenon/Support/SeededBug.def, or checks that everything that is about them agrees.

usage: seeded_bugs.py [--check]

Without --check: a line for each, `NAME: FILE: what is wrong`. With it: each bug is asked about in the file that the table
says and in no other, has a program in test/Seeded, and a line in benchmarks/fuzz/seeded-bugs.txt.
"""
import argparse
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
ENTRY = re.compile(r'TENON_BUG\((\w+), "([^"]+)", "([^"]+)",\s*"([^"]+)"\)')


def askers() -> dict[str, set[str]]:
    """For each identifier the source files that ask about it."""
    found: dict[str, set[str]] = {}
    for folder in ("lib", "runtime", "tools"):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in (".cpp", ".h"):
                for identifier in re.findall(r"isSeeded\((?:tenon::)?SeededBug::(\w+)\)", path.read_text()):
                    found.setdefault(identifier, set()).add(str(path.relative_to(ROOT)))
    return found


def faults(bugs: list[tuple[str, str, str, str]]) -> list[str]:
    problems, asked = [], askers()
    for identifier, name, file, _ in bugs:
        if (where := asked.pop(identifier, set())) != {file}:
            problems.append(f"{name}: asked about in {sorted(where) or 'no file'}, expected {file}")
        if not (ROOT / "test" / "Seeded" / f"{name}.mlir").exists():
            problems.append(f"{name}: there is no test/Seeded/{name}.mlir")
    problems += [f"SeededBug::{identifier}: is not in the table" for identifier in asked]
    names = [name for _, name, _, _ in bugs]
    problems += [f"test/Seeded/{path.name}: there is no such bug" for path in (ROOT / "test" / "Seeded").glob("*.mlir") if path.stem not in names]
    listed = ROOT / "benchmarks" / "fuzz" / "seeded-bugs.txt"
    if listed.read_text().split() != names:
        problems.append(f"{listed.relative_to(ROOT)}: expected the names of the table, in its order, a line each")
    # Who looks for the faults must not know which there is.
    fuzzer = [path for path in (ROOT / "lib" / "Fuzz").rglob("*.*") if "SeededBug" in path.read_text() or "TENON_SEEDED_BUG" in path.read_text()]
    return problems + [f"{path.relative_to(ROOT)}: the fuzzer must not know of seeded bugs" for path in fuzzer]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    bugs = ENTRY.findall((ROOT / "include" / "tenon" / "Support" / "SeededBug.def").read_text())
    if not check:
        for _, name, file, sentence in bugs:
            print(f"{name}: {file}: {sentence}")
        return 0
    problems = faults(bugs)
    for problem in problems:
        print(problem, file=sys.stderr)
    if not problems:
        print(f"{len(bugs)} seeded bugs, as the table says")
    return 1 if problems or not bugs else 0


if __name__ == "__main__":
    sys.exit(main())
