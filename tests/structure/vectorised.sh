#!/usr/bin/env bash
# vectorised.sh: g++ -O2 takes several elements at once in loops with exp and erf, for AVX2 and for AVX-512, in float and bf16.
# Such a loop falls back to one element at a time where something in it becomes a branch, and is then up to ten times slower.
source "$(dirname "$0")/lib.sh"
[ "$(uname -m)" = x86_64 ] || { echo "skipped: other instruction sets than those of x86-64"; exit 77; }
command -v g++ >/dev/null || { echo "skipped: g++ missing"; exit 77; }
temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT

functors='EachElement<Gelu<T>> EachElement<GeluBackward<T>> ProbabilityRow<T> ScoreGradientRow<T>'
{
  echo '#include <afire/backend/reference.hpp>'
  echo '#include <afire/op/attention.hpp>'
  echo '#include <afire/op/gelu.hpp>'
  echo 'using namespace afire;'
  for rows in avx2_rows avx512_rows; do
    for type in float bf16; do
      for functor in $functors; do echo "template void afire::$rows(${functor/<T>/<$type>} const&, Index, Index);"; done
    done
  done
} >"$temporary/rows.cpp"
g++ -std=c++20 -O2 "-I$root/include" -S -o "$temporary/rows.s" "$temporary/rows.cpp"

# Of each function: how many of its multiplications are of single floats, how many of several.
c++filt <"$temporary/rows.s" | awk '
  /^(void )?afire::avx[0-9]+_rows<.*:$/ { name = $0; sub(/\(.*/, "", name); sub(/^void /, "", name); names[++n] = name }
  /^\t(v(mul|fn?m(add|sub)[0-9]+))ps\t/ { several[name]++ }
  /^\t(v(mul|fn?m(add|sub)[0-9]+))ss\t/ { single[name]++ }
  /^\t\.cfi_endproc/ { name = "" }
  END {
    for (i = 1; i <= n; i++) {
      printf "%-60s %3d of several floats, %3d of one\n", names[i], several[names[i]], single[names[i]]
      if (several[names[i]] < 7) { bad = 1; print "  ... is not vectorised" }
    }
    if (n != 16) { bad = 1; print n + 0 " functions found, not 16" }
    exit bad
  }'
