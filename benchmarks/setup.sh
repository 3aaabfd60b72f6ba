#!/usr/bin/env bash
# Puts the peers of benchmarks/run.py, in pinned versions, into an environment of their own.
source "$(dirname "${BASH_SOURCE[0]}")/../scripts/lib.sh"

only_help "$@" <<'HELP'
usage: benchmarks/setup.sh

Makes build/peers with NumPy, PyTorch, JAX, pytblis, opt_einsum and cotengra in the versions of
benchmarks/requirements.txt (gigabytes, as PyTorch's default wheel brings CUDA). What is there in the same
versions is kept. Then:

  PYTHONPATH=build/release/python build/peers/bin/python benchmarks/run.py --quick
HELP

install_environment build/peers benchmarks/requirements.txt
say "build/peers is ready"
