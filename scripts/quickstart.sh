#!/usr/bin/env bash
# Installs what is missing, builds the preset `release`, and does the main job: one amplitude of a 53-qubit circuit.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

type=c128
for argument in "$@"; do
  case $argument in
  -h | --help)
    cat <<'HELP'
usage: scripts/quickstart.sh [--type=c64|c128]

Installs what is missing (Debian packages as root or through sudo; a Python environment in .venv), builds
build/release, and computes the amplitude of the all-zero bit string of examples/sycamore_n53_m10.qsim, a random
circuit of 53 qubits and 10 cycles: the circuit becomes a tensor network, which is simplified, planned, sliced to
256 MiB, compiled, and run on all cores. Prints the amplitude, what the plan promised and what was measured, and
compares with the amplitude that others computed. The built tools are in build/release/bin.
HELP
    exit 0 ;;
  --type=c64 | --type=c128) type=${argument#--type=} ;;
  *) die "unknown argument '$argument'; see --help" ;;
  esac
done

install_packages
install_python
build_preset release

out=build/quickstart
mkdir -p "$out"
say "the main job: <0…0|U|0…0> of examples/sycamore_n53_m10.qsim, in $type"
build/release/bin/tenon-translate --import-qsim examples/sycamore_n53_m10.qsim --bitstring="$(printf '0%.0s' {1..53})" \
  --type="$type" -o "$out/amplitude.mlir"
build/release/bin/tenon-run "$out/amplitude.mlir" --memory-limit=256MiB --plan='min-slices=8' --stats -o "$out/amplitude.npy"
.venv/bin/python scripts/compare_amplitude.py "$out/amplitude.npy" examples/sycamore_n53_m10.amplitudes.json
say "what you can do now: README.md shows the tools and the Python package; build/release/bin has the tools"
