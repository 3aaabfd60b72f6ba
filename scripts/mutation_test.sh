#!/usr/bin/env bash
# Says for each seeded bug which tests of the suite notice it.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

if [ "${1:-}" = --help ] || [ "${1:-}" = -h ]; then
  cat <<'HELP'
usage: scripts/mutation_test.sh [BUG...]

Builds the preset `fuzz`, runs the lit suite and the unit tests with each seeded bug switched on (all of the table, or
those that are named), and prints a line for each: how many lit tests and unit-test programs fail that pass with nothing
seeded, and the first few of them; last, how many bugs some test noticed. The proofs in test/Seeded are left out, being made
for the bugs. Takes a run of the suites for each bug. LIT_FILTER=REGEX restricts the lit tests, as lit says; UNIT_TESTS=NAMES
(separated by blanks; default: all that are built but the fuzzer's own) the unit tests. Logs are in build/fuzz/mutation.
HELP
  exit 0
fi

build_preset fuzz
logs=build/fuzz/mutation
rm -rf "$logs"
mkdir -p "$logs"
export PATH=/usr/lib/llvm-22/bin:$PATH
export TENON_KERNEL_CACHE=off
bugs=("$@")
[ $# -gt 0 ] || mapfile -t bugs <benchmarks/fuzz/seeded-bugs.txt
for bug in "${bugs[@]}"; do
  grep -qx -e "$bug" benchmarks/fuzz/seeded-bugs.txt || die "there is no seeded bug '$bug'; see benchmarks/fuzz/seeded-bugs.txt"
done
read -r -a units <<<"${UNIT_TESTS:-$(find build/fuzz/unittests -maxdepth 1 -type f -name '*Tests' ! -name 'Fuzz*' -printf '%f ' | sort)}"

# failures NAME [BUG]: what fails, sorted, a line each, to $logs/NAME.
failures() {
  local name=$1 unit
  {
    # Without a list of excluded tests lit would run the proofs, which switch bugs on and off themselves.
    env ${2:+TENON_SEEDED_BUG=$2} lit -q --timeout 300 --filter-out '^Seeded/|mutation|seeded' build/fuzz/test 2>/dev/null |
      sed -n -E 's/^(FAIL|TIMEOUT|UNRESOLVED|XPASS)[^:]*: tenon :: ([^ ]+).*/lit \2/p;s/^  tenon :: (.*)/lit \1/p'
    for unit in "${units[@]}"; do
      env ${2:+TENON_SEEDED_BUG=$2} timeout 900 "build/fuzz/unittests/$unit" >"$logs/$name.$unit.log" 2>&1 || echo "unit $unit"
    done
  } | sort -u >"$logs/$name"
}

say "with nothing seeded"
failures baseline
cat "$logs/baseline"
noticed=0
for bug in "${bugs[@]}"; do
  failures "$bug" "$bug"
  comm -13 "$logs/baseline" "$logs/$bug" >"$logs/$bug.noticed"
  lit=$(grep -c '^lit ' "$logs/$bug.noticed" || true) unit=$(grep -c '^unit ' "$logs/$bug.noticed" || true)
  if [ $((lit + unit)) -gt 0 ]; then noticed=$((noticed + 1)); fi
  printf '%-28s %3d lit, %2d unit  %s\n' "$bug" "$lit" "$unit" "$(head -n 3 "$logs/$bug.noticed" | cut -d' ' -f2 | tr '\n' ' ')"
done
echo "noticed $noticed of ${#bugs[@]}"
