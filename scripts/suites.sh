# The test suites; sourced after lib.sh.

# run_suites PRESET SUITE...: runs suites of unit, lit, roundtrip, python; prints the sum and where the logs are.
run_suites() {
  local preset=$1 suite
  shift
  logs=$root/build/$preset/logs
  rm -rf "$logs"
  mkdir -p "$logs"
  export PATH=/usr/lib/llvm-22/bin:$PATH
  for suite in "$@"; do
    say "$suite tests"
    "suite_$suite" "$preset"
  done
  say "logs are in build/$preset/logs"
  .venv/bin/python scripts/summarize_tests.py --allowed-skips test/allowed-skips.txt "$logs"
}

# Every binary of build/PRESET/unittests, two at a time. Each suite leaves NAME.xml (JUnit) and NAME.log.
suite_unit() {
  find "build/$1/unittests" -maxdepth 1 -type f -name '*Tests' -print0 | sort -z |
    xargs -0 -P 2 -I{} sh -c '
      name=$(basename "$1")
      if timeout 900 "$1" --gtest_output=xml:"$2/$name.xml" >"$2/$name.log" 2>&1; then echo "  ok     $name"
      else echo "  FAILED $name (status $?)"; [ -s "$2/$name.xml" ] || printf "%s\n" "$name" >"$2/$name.crashed"; fi' sh {} "$logs" || true
}

suite_lit() {
  lit -sv --timeout 600 --xunit-xml-output "$logs/lit.xml" "build/$1/test" >"$logs/lit.log" 2>&1 || tail -n 60 "$logs/lit.log"
  [ -s "$logs/lit.xml" ] || echo lit >"$logs/lit.crashed"
}

# The lit suite again; every tenon-opt also prints, parses and compares what it reads.
suite_roundtrip() {
  TENON_VERIFY_ROUNDTRIP=1 lit -sv --timeout 600 --xunit-xml-output "$logs/roundtrip.xml" "build/$1/test" >"$logs/roundtrip.log" 2>&1 || tail -n 60 "$logs/roundtrip.log"
  [ -s "$logs/roundtrip.xml" ] || echo roundtrip >"$logs/roundtrip.crashed"
}

suite_python() {
  PYTHONPATH=$root/build/$1/python timeout 1200 .venv/bin/python -m pytest -q -p no:cacheprovider --junitxml="$logs/python.xml" test/python \
    >"$logs/python.log" 2>&1 || tail -n 60 "$logs/python.log"
  [ -s "$logs/python.xml" ] || echo python >"$logs/python.crashed"
}
