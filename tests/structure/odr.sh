#!/usr/bin/env bash
# odr.sh COMPILER: two files that both include every header link into one program.
source "$(dirname "$0")/lib.sh"
have "$1"
temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
cd "$temporary"
# Headers of other projects that are not installed; ours that read them are left out, and named.
missing=
for theirs in $(graph | cut -d'|' -f3 | tr ' ' '\n' | sort -u); do
  printf '#include <cstddef>\n#include <cstdio>\n#include <%s>\n' "$theirs" | "$1" "${flags[@]}" -E -x c++ - >/dev/null 2>&1 || missing+=" $theirs "
done
graph | awk -F'|' -v missing="$missing" '
  $1 ~ /^afire\/backend\/cuda/ { print "without " $1 ", which only nvcc reads" >"/dev/stderr"; next }
  { n = split($3, name, " "); without = ""
    for (k = 1; k <= n; k++) if (index(missing, " " name[k] " ")) without = name[k]
    if (without) print "without " $1 ", which needs " without >"/dev/stderr"; else print "#include <" $1 ">" }' >all.hpp
[ -s all.hpp ] || fail "no headers found"
echo 'int two();' | tee -a one.cpp >two.cpp
cat all.hpp | tee -a one.cpp >>two.cpp
echo 'int main() { return two(); }' >>one.cpp
echo 'int two() { return 0; }' >>two.cpp
for file in one two; do compile "$1" -c -o $file.o $file.cpp || fail "the headers together with $1"; done
libraries=()
for library in dnnl png jpeg; do
  if echo 'int main() {}' | "$1" -x c++ - -o /dev/null "-l$library" 2>/dev/null; then libraries+=("-l$library"); fi
done
compile "$1" one.o two.o -o both "${libraries[@]}" -pthread || fail "two files that include the same headers do not link: is a function not inline?"
./both
echo "$(wc -l <all.hpp) headers"
