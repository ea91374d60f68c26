# (clang counts -Wsign-conversion to -Wconversion; that of g++ 12 mistakes array bounds that are template arguments.)
# Read by the scripts here: the flags of all compilations, and what "skipped" means to ctest.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
flags=(-std=c++20 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -fmessage-length=0 "-I$root/include")
third_party='oneapi/|dnnl|Eigen/|png\.h|jpeglib\.h|turbojpeg\.h|mpi\.h|nccl\.h'

skip() { echo "skipped: $*"; exit 77; }
fail() { echo "failed: $*"; exit 1; }
have() { command -v "$1" >/dev/null || skip "no $1"; }

# compile COMPILER ARGS...: the compiler's words on standard output. Skips if another project's header is not installed.
compile() {
  local words compiler=$1
  shift
  if words=$("$compiler" "${flags[@]}" "$@" 2>&1); then return 0; fi
  printf '%s\n' "$words"
  if grep -qE "fatal error: '?($third_party).*(No such file|not found)" <<<"$words"; then exit 77; fi
  return 1
}
