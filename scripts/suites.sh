# The test suites; sourced after lib.sh.

# run_suites PRESET SUITE...: runs suites of unit, lit, roundtrip, python, fuzz; prints the sum and where the logs are.
run_suites() {
  local preset=$1 suite
  shift
  logs=$root/build/$preset/logs
  rm -rf "$logs"
  mkdir -p "$logs"
  export PATH=/usr/lib/llvm-22/bin:$PATH
  # Kernels that the user's cache has would hide what these tests compile.
  export TENON_KERNEL_CACHE=off
  for suite in "$@"; do
    say "$suite tests"
    "suite_$suite" "$preset"
  done
  say "logs are in build/$preset/logs"
  .venv/bin/python scripts/summarize_tests.py --allowed-skips test/allowed-skips.txt "$logs"
}

# note_crash NAME STATUS: what ended with STATUS counts as one failure more, unless NAME.xml says which test failed.
note_crash() {
  if [ "$2" -eq 0 ] && [ -s "$logs/$1.xml" ]; then return; fi
  grep -qE '<(failure|error)[ />]' "$logs/$1.xml" 2>/dev/null || echo "status $2" >"$logs/$1.crashed"
}

# Every binary of build/PRESET/unittests, two at a time. Each suite leaves NAME.xml (JUnit) and NAME.log.
suite_unit() {
  export logs
  export -f note_crash
  find "build/$1/unittests" -maxdepth 1 -type f -name '*Tests' -print0 | sort -z |
    xargs -0 -P 2 -I{} bash -c '
      name=$(basename "$1") status=0
      timeout 900 "$1" --gtest_output=xml:"$logs/$name.xml" >"$logs/$name.log" 2>&1 || status=$?
      note_crash "$name" "$status"
      if [ "$status" -ne 0 ]; then echo "  FAILED $name (status $status)"
      elif [ -e "$logs/$name.crashed" ]; then echo "  FAILED $name (status 0, no report)"
      else echo "  ok     $name"; fi' bash {}
}

# run_logged NAME COMMAND...: a suite of one process, which leaves NAME.xml and NAME.log.
run_logged() {
  local name=$1 status=0
  shift
  "$@" >"$logs/$name.log" 2>&1 || { status=$?; tail -n 60 "$logs/$name.log"; }
  note_crash "$name" "$status"
}

suite_lit() {
  run_logged lit lit -sv --timeout 600 --xunit-xml-output "$logs/lit.xml" "build/$1/test"
}

# The lit suite again; every tenon-opt also prints, parses and compares what it reads.
suite_roundtrip() {
  run_logged roundtrip env TENON_VERIFY_ROUNDTRIP=1 lit -sv --timeout 600 --xunit-xml-output "$logs/roundtrip.xml" "build/$1/test"
}

suite_python() {
  run_logged python env PYTHONPATH="$root/build/$1/python" timeout 1200 .venv/bin/python -m pytest -q -p no:cacheprovider \
    --junitxml="$logs/python.xml" test/python
}

# A campaign of fixed seed and length, about two minutes, which must find nothing. What it finds stays in the logs. By patterns
# alone it has the same cases on every machine.
suite_fuzz() {
  local status=0 result=
  timeout 900 "build/$1/bin/tenon-fuzz" run "$logs/fuzz" --runs=7000 --seed=1 --workers=1 --feedback=patterns --quiet >"$logs/fuzz.log" 2>&1 || status=$?
  if [ "$status" -ne 0 ]; then
    tail -n 60 "$logs/fuzz.log"
    result="<failure message=\"status $status\"/>"
  fi
  printf '<testsuite><testcase classname="fuzz" name="seed-1">%s</testcase></testsuite>\n' "$result" >"$logs/fuzz.xml"
}
