#!/bin/sh
# In place of a test binary, lit or Python: writes the report that its arguments ask for, and ends as its name says.
report= previous=
for argument; do
  case $argument in
  --gtest_output=xml:*) report=${argument#--gtest_output=xml:} ;;
  --junitxml=*) report=${argument#--junitxml=} ;;
  esac
  if [ "$previous" = --xunit-xml-output ]; then report=$argument; fi
  previous=$argument
done

write() {
  printf '<testsuites failures="0" errors="0"><testsuite name="suite"><testcase classname="suite" name="one"/>%s</testsuite></testsuites>\n' "$1" >"$report"
}

case $(basename "$0") in
PassesTests) write '' ;;
FailsTests) write '<testcase classname="suite" name="two"><failure message="1 is not 2"/></testcase>'; exit 1 ;;
EmptyTests) ;;
SilentTests) exit 4 ;;
*) write ''; exit 3 ;;
esac
