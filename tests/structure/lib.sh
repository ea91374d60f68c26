# (clang counts -Wsign-conversion to -Wconversion; that of g++ 12 mistakes array bounds that are template arguments.)
# Read by the scripts here: the flags of all compilations, and what "skipped" means to ctest.
set -euo pipefail
export LC_ALL=C
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
flags=(-std=c++20 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -fmessage-length=0 "-I$root/include")
third_party='oneapi/|dnnl|Eigen/|png[.]h|jpeglib[.]h|turbojpeg[.]h|mpi[.]h|nccl[.]h|cublasLt[.]h'

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

# graph: a line for each of our headers: the header; what of ours it reads, itself included, directly or through others; the same for
# headers of other projects. Every #include is followed, whatever its #if says. Fields are separated by |, names by blanks.
graph() {
  (cd "$root/include" && find afire -name '*.hpp' | sort | xargs awk -v third="$third_party" '
    FNR == 1 { all[++n] = FILENAME }
    /^ *# *include *[<"]/ {
      name = $0; sub(/^[^<"]*[<"]/, "", name); sub(/[>"].*/, "", name)
      if (name ~ /^afire\//) reads[FILENAME] = reads[FILENAME] " " name
      else if (name ~ "^(" third ")") theirs[FILENAME] = theirs[FILENAME] " " name
    }
    function follow(file,   k, count, next_file) {
      if (file in seen) return
      seen[file] = 1; ours = ours " " file; others = others theirs[file]
      count = split(reads[file], next_file, " ")
      for (k = 1; k <= count; k++) follow(next_file[k])
    }
    END { for (i = 1; i <= n; i++) { split("", seen); ours = others = ""; follow(all[i]); print all[i] "|" ours " |" others } }')
}
