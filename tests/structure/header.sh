#!/usr/bin/env bash
# header.sh COMPILER HEADER [FLAGS]: the header compiles alone, twice in a file, beside hostile macros, without a warning.
source "$(dirname "$0")/lib.sh"
compiler=$1 header=$2
shift 2
have "$compiler"
# Headers of other projects come before the macros: they need not bear them.
theirs=$(graph | awk -F'|' -v header="afire/$header" '$1 == header { n = split($3, name, " "); for (k = 1; k <= n; k++) print "#include <" name[k] ">" }')
{
  [ -z "$theirs" ] || printf '#include <cstddef>\n#include <cstdio>\n%s\n' "$theirs"
  printf '#include "%s"\n#include <afire/%s>\n#include <afire/%s>\nint main() {}\n' "$root/tests/structure/poison.hpp" "$header" "$header"
} | compile "$compiler" "$@" -fsyntax-only -x c++ - || fail "$header with $compiler"
lines=$(wc -l <"$root/include/afire/$header")
[ "$lines" -le 400 ] || fail "$header has $lines lines; 400 is the limit, 250 the aim: is it two ideas?"
[ "$lines" -le 250 ] || echo "warning: $header has $lines lines; is it two ideas?"
