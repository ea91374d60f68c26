#!/usr/bin/env bash
# must_not_compile.sh COMPILER FILE: the file compiles as it is; with -DAFIRE_WRONG it does not, and the compiler says what the file expects
# within the first twelve lines of its words. COMPILER may be nvcc, which reads the file for a GPU.
#   // expect: a View has at least one axis        (part of the message, word by word; several lines: all of them)
#   // expect nvcc: checked(ViTConfig              (where nvcc says something else)
source "$(dirname "$0")/lib.sh"
compiler=$1 file=$2
command=("$compiler" "${flags[@]}" -fsyntax-only)
if [ "$compiler" = nvcc ]; then
  nvcc=$(command -v nvcc || ls /usr/local/cuda/bin/nvcc 2>/dev/null) || skip "no nvcc"
  command=("$nvcc" -std=c++20 -arch=sm_80 -x cu -ptx -o /dev/null "-I$root/include")
fi
have "${command[0]}"
grep -q '^// expect: ' "$file" || fail "$file has no line '// expect: ...'"
grep -q '^#ifdef AFIRE_WRONG\|^#ifndef AFIRE_WRONG' "$file" || fail "$file has no part under '#ifdef AFIRE_WRONG'"
if ! words=$("${command[@]}" "$file" 2>&1); then printf '%s\n' "$words"; fail "the right half of $file does not compile with $compiler"; fi
if words=$("${command[@]}" -DAFIRE_WRONG "$file" 2>&1); then fail "$file compiled with -DAFIRE_WRONG"; fi
first=$(head -n 12 <<<"$words")
who=expect
! grep -q "^// expect $compiler: " "$file" || who="expect $compiler"
sed -n "s|^// $who: ||p" "$file" | while read -r sentence; do
  grep -qF -- "$sentence" <<<"$first" || { printf '%s\n' "$words"; fail "$compiler does not say in its first twelve lines: $sentence"; }
done
echo "$(wc -l <<<"$words") lines from $compiler"
