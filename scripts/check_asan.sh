#!/usr/bin/env bash
# Builds the preset `asan` (AddressSanitizer and UndefinedBehaviorSanitizer) and runs the unit and lit suites in it.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
source "$root/scripts/suites.sh"

only_help "$@" <<'HELP'
usage: scripts/check_asan.sh

Installs what is missing, builds build/asan with AddressSanitizer and UndefinedBehaviorSanitizer, and runs
the unit and lit suites in it. Ends with one line, `N passed, N failed, N skipped`. Logs are in build/asan/logs.
HELP

install_packages
install_python
# The MLIR archives are not instrumented: their containers and allocators look wrong to the sanitizer.
export ASAN_OPTIONS=detect_container_overflow=0:allow_user_poisoning=0:allocator_may_return_null=1:detect_leaks=0
export UBSAN_OPTIONS=print_stacktrace=1
build_preset asan
run_suites asan unit lit
