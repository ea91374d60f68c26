#!/usr/bin/env bash
# readme.sh COMPILER: every C++ program in README.md (from ```cpp to ```, with a main) compiles as it stands there.
source "$(dirname "$0")/lib.sh"
have "$1"
temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
awk -v folder="$temporary" '/^```cpp/ { n++; on = 1; next } /^```/ { on = 0 } on { print > (folder "/" n ".cpp") }' "$root/README.md"
found=0
for file in "$temporary"/*.cpp; do
  grep -q 'int main' "$file" || continue
  found=1
  compile "$1" -fsyntax-only "$file" || fail "a program in README.md does not compile"
done
[ $found = 1 ] || fail "README.md has no C++ program"
