# Shared by the scripts of this directory; sourced, not run.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

say() { printf '\n== %s\n' "$*"; }
die() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; exit 1; }

# Of a script without arguments: prints standard input for --help, and refuses all others.
only_help() {
  [ $# -eq 0 ] && return
  case $1 in
  -h | --help) cat; exit 0 ;;
  *) die "unknown argument '$1'; see --help" ;;
  esac
}

# What the build and the tests need from Debian.
packages=(
  cmake ninja-build ccache git ca-certificates
  clang-22 lld-22 llvm-22-dev llvm-22-tools libmlir-22-dev mlir-22-tools libclang-rt-22-dev
  libgtest-dev libgmock-dev python3 python3-dev python3-psutil python3-venv zlib1g-dev libzstd-dev
)

# Installs the packages that are missing, as root or through sudo.
install_packages() {
  command -v apt-get >/dev/null || die "apt-get is missing: Tenon is set up on Debian 12; elsewhere install ${packages[*]} and run cmake --preset"
  local missing=() name
  for name in "${packages[@]}"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null || true)" = installed ] || missing+=("$name")
  done
  if [ ${#missing[@]} -eq 0 ]; then return; fi
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || die "missing packages, and neither root nor sudo to install them: apt-get install ${missing[*]}"
    as_root=(sudo)
  fi
  say "installing ${missing[*]}"
  mkdir -p build
  if ! { DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get update -q &&
         DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -q -y --no-install-recommends "${missing[@]}"; } >build/install.log 2>&1; then
    tail -n 5 build/install.log >&2
    die "could not install ${missing[*]}; apt-get's words are in build/install.log"
  fi
}

# install_environment DIRECTORY REQUIREMENTS: makes a Python environment with what the file lists, unless it is there.
install_environment() {
  local directory=$1 requirements=$2 want stamp=$1/.tenon-requirements
  want=$(cat "$requirements")
  if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$want" ]; then return; fi
  say "setting up $directory"
  mkdir -p build
  rm -rf "$directory"
  /usr/bin/python3 -m venv "$directory" || die "could not make $directory: is python3-venv installed?"
  "$directory/bin/python" -m pip install -q --disable-pip-version-check -r "$requirements" >build/pip.log 2>&1 ||
    { tail -n 5 build/pip.log >&2; die "could not install $requirements; pip's words are in build/pip.log"; }
  printf '%s' "$want" >"$stamp"
}

# Makes .venv with what the Python package is built and tested with.
install_python() { install_environment .venv python/requirements-test.txt; }

# build_preset PRESET [TARGET...]: configures where needed, and builds the targets, or all.
build_preset() {
  local preset=$1
  shift
  # A precompiled header is cached only when ccache may overlook its time stamps; and a clone elsewhere shares the cache.
  export CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
  export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1
  [ -f "build/$preset/build.ninja" ] || say "configuring build/$preset"
  mkdir -p "build/$preset"
  if [ ! -f "build/$preset/build.ninja" ]; then
    cmake --preset "$preset" >"build/$preset/configure.log" 2>&1 ||
      { tail -n 20 "build/$preset/configure.log" >&2; die "cmake failed; its words are in build/$preset/configure.log"; }
  fi
  say "building build/$preset (a clean build takes some minutes)"
  ninja -C "build/$preset" "$@" >"build/$preset/build.log" 2>&1 ||
    { grep -A8 -E '(error|FAILED):' "build/$preset/build.log" | head -n 40 >&2; die "the build failed; its words are in build/$preset/build.log"; }
  tail -n 1 "build/$preset/build.log"
}
