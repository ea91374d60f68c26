#!/usr/bin/env bash
# must_not_compile.sh COMPILER FILE: the file compiles as it is; with -DAFIRE_WRONG it does not, and the compiler says what the file expects:
#   // expect: a View has at least one axis        (part of the message, word by word; several lines: all of them)
source "$(dirname "$0")/lib.sh"
compiler=$1 file=$2
shift 2
have "$compiler"
grep -q '^// expect: ' "$file" || fail "$file has no line '// expect: ...'"
grep -q '^#ifdef AFIRE_WRONG' "$file" || fail "$file has no part under '#ifdef AFIRE_WRONG'"
compile "$compiler" -fsyntax-only "$file" || fail "the right half of $file does not compile with $compiler"
if words=$("$compiler" "${flags[@]}" -DAFIRE_WRONG -fsyntax-only "$file" 2>&1); then fail "$file compiled with -DAFIRE_WRONG"; fi
sed -n 's|^// expect: ||p' "$file" | while read -r sentence; do
  grep -qF -- "$sentence" <<<"$words" || { printf '%s\n' "$words"; fail "$compiler does not say: $sentence"; }
done
echo "$(wc -l <<<"$words") lines from $compiler"
