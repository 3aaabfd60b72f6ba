#!/usr/bin/env bash
# Builds what Tenon runs threads in without LLVM, the runtime and the planner, with ThreadSanitizer, and runs their tests.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
source "$root/scripts/suites.sh"

only_help "$@" <<'HELP'
usage: scripts/check_tsan.sh

Installs what is missing, builds the unit tests of the runtime and the planner with ThreadSanitizer in build/tsan,
and runs them. Ends with one line, `N passed, N failed, N skipped`. Logs are in build/tsan/logs.
HELP

install_packages
install_python
# LLVM is not instrumented: what has it inside would report races where there are none.
build_preset tsan RuntimeTests PlannerTests
# A child of fork() goes on with threads of its own, which is what some tests are about.
export TSAN_OPTIONS=die_after_fork=0:second_deadlock_stack=1:report_signal_unsafe=0
run_suites tsan unit
