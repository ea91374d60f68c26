# (clang counts -Wsign-conversion to -Wconversion; that of g++ 12 mistakes array bounds that are template arguments.)
# Read by the scripts here: the flags of all compilations, and what "skipped" means to ctest.
set -euo pipefail
export LC_ALL=C
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
flags=(-std=c++20 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -fmessage-length=0 "-I$root/include")
third_party='oneapi/|dnnl|Eigen/|png\.h|jpeglib\.h|turbojpeg\.h|mpi\.h|nccl\.h'

# Where headers of other projects lie that are not in the compiler's own path: given by CMake, separated by colons.
IFS=: read -r -a others <<<"${AFIRE_INCLUDES:-}"
for folder in ${others[@]+"${others[@]}"}; do [ "$folder" = /usr/include ] || flags+=(-isystem "$folder"); done

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

# closure HEADER: the header and all of ours that it reads, as paths below include/ (every #include is followed, whatever its #if says).
closure() {
  local todo=("$1") done=' ' header
  while [ ${#todo[@]} -gt 0 ]; do
    header=${todo[0]}
    todo=("${todo[@]:1}")
    if [[ $done == *" $header "* || ! -f $root/include/$header ]]; then continue; fi
    done+="$header "
    mapfile -t -O ${#todo[@]} todo < <(sed -nE 's/^ *# *include *[<"](afire\/[^>"]*)[>"].*/\1/p' "$root/include/$header")
  done
  printf '%s\n' $done
}
