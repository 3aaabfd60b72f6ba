#!/usr/bin/env bash
# Installs what is missing, builds the preset `dev` (assertions on), and runs every test.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
source "$root/scripts/suites.sh"

only_help "$@" <<'HELP'
usage: scripts/check.sh

Installs what is missing (Debian packages as root or through sudo; a Python environment in .venv), builds
build/dev with assertions on, and runs every test: GoogleTest, lit, lit again with round trips, pytest,
and a campaign of the fuzzer (7,000 cases of one seed, about two minutes), which must find nothing.
Ends with one line, `N passed, N failed, N skipped`. A skipped test is a failure unless
test/allowed-skips.txt knows its reason. Logs are in build/dev/logs.
HELP

install_packages
install_python
build_preset dev
run_suites dev unit lit roundtrip python fuzz
