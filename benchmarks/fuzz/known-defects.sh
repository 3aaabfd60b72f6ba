#!/usr/bin/env bash
# Which of the known defects of MLIR 22.1 (D1 to D7, docs/fuzzing.md) the fuzzer finds anew without its guards.
source "$(dirname "${BASH_SOURCE[0]}")/../../scripts/lib.sh"

if [ "${1:-}" = --help ] || [ "${1:-}" = -h ]; then
  cat <<'HELP'
usage: benchmarks/fuzz/known-defects.sh MINUTES [--seed=N] [--workers=N] [--preset=NAME] [--out=DIR] [--table]

Runs two campaigns without guards, half of MINUTES each: genomes, and the files of the lit suite as IR (but for those
that show the defects). Then tells which defect a finding is by the guilty pass and the IR that it was given; cases that
could show several are reduced. Prints a line for each defect, and last `rediscovered N of 7`. Exit status 0 where it is at least 6.

  --table   runs nothing: tells from the campaigns that are in DIR (build/benchmarks/known-defects by default)
HELP
  exit 0
fi
exec python3 "$root/benchmarks/fuzz/known_defects.py" "$@"
