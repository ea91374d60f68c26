#!/usr/bin/env bash
# odr.sh COMPILER: two files that both include every header link into one program.
source "$(dirname "$0")/lib.sh"
have "$1"
temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
cd "$temporary"
# A header of a part that is not installed is left out, and named.
(cd "$root/include" && find afire -name '*.hpp' | sort) | while read -r header; do
  missing=$(cd "$root/include" && echo "#include <$header>" | "$1" "${flags[@]}" -E -x c++ - 2>&1 >/dev/null | grep -E "fatal error: '?($third_party)" || true)
  if [ -z "$missing" ]; then echo "#include <$header>"; else echo "without $header: $missing" >&2; fi
done >all.hpp
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
