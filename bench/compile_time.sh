#!/usr/bin/env bash
# What it costs to include each header and to compile a whole composition with g++ -O2, against the budget:
#
#   a core header                0.6 s
#   any header                   1.2 x the standard headers that it reads, directly or through others
#   afire.hpp                    1.5 s
#   a composition's own file     6 s and 600 MB                     (bench/compile_time/*.cpp, examples/course, examples/variants)
#
# Processor seconds, the least of some runs.
#
# bench/compile_time.sh             every header, compositions, the course, three runs each; ends with 1 if something is over budget
# bench/compile_time.sh --variants [NAME...]     the files of examples/variants, or these, without what they share
# bench/compile_time.sh --check     one run of what matters most; ends with 1 only above 2.5 times the budget of time, 1.5 times that of
#                                   memory: for CI, where machines differ
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export LC_ALL=C
if [ $# -gt 0 ] && [ "$*" != --check ] && [ "$1" != --variants ]; then
  echo "usage: bench/compile_time.sh [--check | --variants [NAME...]]" >&2
  exit 2
fi
check=
runs=3 slack=1
[ "${1:-}" != --check ] || check=1 runs=1 slack=2.5

temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
g++ -O1 -std=c++20 bench/compile_time/measure.cpp -o "$temporary/measure"
cost() { "$temporary/measure" "$runs" g++ -std=c++20 -O2 -Iinclude -c -o /dev/null "$@" 2>/dev/null; }

over=0
# row NAME SECONDS MEMORY LIMIT [STANDARD]
row() {
  local verdict=ok
  awk -v x="$2" -v limit="$4" 'BEGIN { exit x <= limit }' && verdict="over the budget of $4 s"
  awk -v x="$2" -v limit="$4" -v slack="$slack" 'BEGIN { exit x <= limit * slack }' && over=1
  printf '%-44s %7s s %6s MiB   %-14s %s\n' "$1" "$2" "$3" "${5:-}" "$verdict"
}

# left_out NAME FILE OPTIONS...: it does not compile; that is allowed where another project's header is not installed.
left_out() {
  local words
  words=$(g++ -std=c++20 -Iinclude -fsyntax-only "${@:2}" 2>&1 | grep -m 1 error) || true
  echo "$1 left out: $words"
  grep -qE ": fatal error: [^a][^:]*: No such file" <<<"$words" || over=1
}

# The standard headers that a header of ours reads, directly or through other headers of ours, as a file.
source tests/structure/lib.sh
standard_of() {
  graph | awk -F'|' -v header="$1" '$1 == header { print $2 }' | tr ' ' '\n' | grep . | sed 's|^|include/|' |
    xargs grep -hE '^ *# *include *<' | grep -v '<afire/' | grep -v 'omp\.h' | sort -u
}

# composition FILE OPTIONS...: a row for a file that composes parts.
composition() {
  local file=$1 seconds memory
  read -r seconds memory < <(cost "$@") || { left_out "$file" "$@"; return; }
  row "$file" "$seconds" "$memory" 6
  if [ "$memory" -gt 572 ]; then
    echo "  over the budget of 600 MB"
    if [ -z "$check" ] || [ "$memory" -gt 858 ]; then over=1; fi
  fi
}

# With the backend that a build would choose for them (examples/variants/backend.hpp).
if [ "${1:-}" = --variants ]; then
  shift
  options=(-I.)
  has() { g++ -E "${@:2}" -x c++ - <<<"#include <$1>" >/dev/null 2>&1; }
  if has oneapi/dnnl/dnnl.hpp; then options+=(-DAFIRE_HAVE_ONEDNN)
  elif has Eigen/Core -I/usr/include/eigen3; then options+=(-DAFIRE_HAVE_EIGEN -I/usr/include/eigen3); fi
  for file in examples/variants/*.cpp; do
    name=$(basename "$file" .cpp)
    case $name in plain | program | shared) continue ;; esac
    [ $# = 0 ] || [[ " $* " = *" $name "* ]] || continue
    composition "$file" "${options[@]}"
  done
  [ "$over" = 0 ] || { echo; echo "over budget"; exit 1; }
  exit
fi

declare -A known
printf '%-44s %9s %10s   %s\n' "including" "time" "memory" "its std headers"
for header in $(cd include && find afire -name '*.hpp' | sort); do
  if [ -n "$check" ] && [[ $header != afire/core/* && $header != afire/afire.hpp ]]; then continue; fi
  echo "#include <$header>" >"$temporary/header.cpp"
  read -r seconds memory < <(cost "$temporary/header.cpp") || { left_out "$header" "$temporary/header.cpp"; continue; }
  standard_of "$header" >"$temporary/standard.cpp" || true
  key=$(cksum <"$temporary/standard.cpp")
  [ -n "${known[$key]:-}" ] || known[$key]=$(cost "$temporary/standard.cpp" | cut -d' ' -f1)
  # A tenth of a second more is within what this measures.
  limit=$(awk -v s="${known[$key]}" -v core="$header" 'BEGIN { l = 1.2 * s > s + 0.1 ? 1.2 * s : s + 0.1; if (core ~ /^afire\/core\// && l > 0.6) l = 0.6; if (core == "afire/afire.hpp") l = 1.5; print l }')
  row "$header" "$seconds" "$memory" "$limit" "${known[$key]} s"
done

printf '\n%-44s\n' "compiling"
for file in bench/compile_time/composition*.cpp $([ -n "$check" ] || find examples/course -name '*.cpp' 2>/dev/null | sort); do
  [ ! -f "$file" ] || composition "$file"
done
[ "$over" = 0 ] || { echo; echo "over budget"; exit 1; }
