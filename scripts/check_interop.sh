#!/usr/bin/env bash
# Runs the Python tests that need torch, JAX and quimb, in an environment of their own.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

only_help "$@" <<'HELP'
usage: scripts/check_interop.sh

Runs test_interop.py and test_optimizer.py of test/python on the Python package of build/dev, which must be
built, with torch, JAX, quimb, opt_einsum and cotengra in the versions of python/requirements-interop.txt. The first run downloads them
(gigabytes) into build/interop. Ends with one line, `N passed, N failed, N skipped`; any skipped test is a
failure. The log is in build/interop/logs.
HELP

compgen -G 'build/dev/python/tenon/_tenon.*.so' >/dev/null ||
  die "build/dev has no Python package: build it with cmake --preset dev && ninja -C build/dev tenon-python"

environment=build/interop
logs=$environment/logs
install_environment "$environment/venv" python/requirements-interop.txt
rm -rf "$logs"
mkdir -p "$logs"
say "interop tests"
PYTHONPATH=$root/build/dev/python timeout 600 "$environment/venv/bin/python" -m pytest -q -p no:cacheprovider \
  --junitxml="$logs/interop.xml" test/python/test_interop.py test/python/test_optimizer.py >"$logs/interop.log" 2>&1 || tail -n 60 "$logs/interop.log"
[ -s "$logs/interop.xml" ] || echo interop >"$logs/interop.crashed"
say "the log is in $logs"
# No reason for a skip is on this list.
"$environment/venv/bin/python" scripts/summarize_tests.py --allowed-skips /dev/null "$logs"
