#!/usr/bin/env bash
# Runs the fuzzer against each seeded bug: a line for each, and last `found N of M`.
source "$(dirname "${BASH_SOURCE[0]}")/../../scripts/lib.sh"

usage() {
  cat <<'HELP'
usage: benchmarks/fuzz/seeded.sh MINUTES [--seed=N] [--workers=N] [--native-share=X] [--bug=NAME]...
                                 [--out=DIR] [--again]

Switches the seeded bugs of include/tenon/Support/SeededBug.h on, one after another (TENON_SEEDED_BUG), and lets
`tenon-fuzz run` of build/fuzz search for each until its first finding, for its share of MINUTES at most. What a bug leaves of its
share goes to those that are still to come. Prints

  NAME  found after SECONDS s  SIGNATURE
  NAME  not found in SECONDS s

and last `found N of M`. Exit status 0 where all were found.

  --seed=N      of the campaigns; 1 by default
  --workers=N   of each campaign; all cores by default
  --native-share=X  of each campaign; 0.04 by default, as the fuzzer's own
  --bug=NAME    only this one; may be repeated
  --out=DIR     where campaigns and results.json go; build/benchmarks/seeded by default. Bugs that it has a result of with the
                same time, seed and workers are not run again
  --again       runs them again
HELP
}

minutes='' seed=1 workers=$(nproc) native=0.04 out=$root/build/benchmarks/seeded again=0 bugs=()
while [ $# -gt 0 ]; do
  case $1 in
  -h | --help) usage; exit 0 ;;
  --seed=*) seed=${1#*=} ;;
  --workers=*) workers=${1#*=} ;;
  --native-share=*) native=${1#*=} ;;
  --bug=*) bugs+=("${1#*=}") ;;
  --out=*) out=${1#*=} ;;
  --again) again=1 ;;
  -*) die "unknown argument '$1'; see --help" ;;
  *) [ -z "$minutes" ] || die "unknown argument '$1'; see --help"; minutes=$1 ;;
  esac
  shift
done
[[ $minutes =~ ^[0-9]+([.][0-9]+)?$ ]] || die "expected the minutes that all bugs may take in all; see --help"
fuzz=$root/build/fuzz/bin/tenon-fuzz
[ -x "$fuzz" ] || die "build/fuzz/bin/tenon-fuzz is missing: cmake --preset fuzz && ninja -C build/fuzz tenon-fuzz"

mapfile -t all <"$root/benchmarks/fuzz/seeded-bugs.txt"
[ ${#bugs[@]} -gt 0 ] || bugs=("${all[@]}")
for bug in "${bugs[@]}"; do
  [[ " ${all[*]} " == *" $bug "* ]] || die "there is no seeded bug '$bug'; there are: ${all[*]}"
done

mkdir -p "$out"
exec python3 "$root/benchmarks/fuzz/seeded.py" --fuzz "$fuzz" --seconds "$(awk "BEGIN {print $minutes * 60}")" --seed "$seed" \
  --workers "$workers" --native-share "$native" --out "$out" $([ "$again" = 1 ] && echo --again) "${bugs[@]}"
