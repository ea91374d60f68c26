#!/usr/bin/env bash
# header.sh COMPILER HEADER [FLAGS]: the header compiles alone, twice in a file, beside hostile macros, without a warning.
source "$(dirname "$0")/lib.sh"
compiler=$1 header=$2
shift 2
have "$compiler"
printf '#include <afire/%s>\n#include <afire/%s>\nint main() {}\n' "$header" "$header" |
  compile "$compiler" -include "$root/tests/structure/poison.hpp" "$@" -fsyntax-only -x c++ - || fail "$header with $compiler"
lines=$(wc -l <"$root/include/afire/$header")
[ "$lines" -le 400 ] || fail "$header has $lines lines; 400 is the limit, 250 the aim: is it two ideas?"
[ "$lines" -le 250 ] || echo "warning: $header has $lines lines; is it two ideas?"
