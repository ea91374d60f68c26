#!/usr/bin/env bash
# format.sh [--check] [FILES]: spaces and indentation as clang-format wants them, in all C++ files of the project or those given.
#
# Where lines are broken and in which column trailing comments stand is the writer's; so a change that would break or join lines is left out,
# and of the others only the code is taken. Reports lines of more than 140 characters, which only their writer can shorten.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
check=
[ "${1:-}" = --check ] && check=1 && shift
command -v clang-format >/dev/null || { echo "skipped: no clang-format"; exit 77; }
[ $# -gt 0 ] || mapfile -t -d '' files < <(git ls-files -z --cached --others --exclude-standard '*.hpp' '*.cpp' '*.cu' '*.cuh')
[ $# = 0 ] || files=("$@")

temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
collapse() { sed -E 's|([^ ]) +//|\1 //|' "$1"; }
changed=0
for file in "${files[@]}"; do
  [ -f "$file" ] || continue
  clang-format "$file" >"$temporary/wanted"
  collapse "$file" >"$temporary/a"
  collapse "$temporary/wanted" >"$temporary/b"
  # first line and number of lines of each change, in the old and in the new file
  diff --old-group-format='' --new-group-format='' --unchanged-group-format='' --changed-group-format='%df %dn %dF %dN
' "$temporary/a" "$temporary/b" | awk '$2 == $4' >"$temporary/changes" || true
  awk -v wanted="$temporary/wanted" -v changes="$temporary/changes" '
    BEGIN {
      while ((getline line < wanted) > 0) want[++n] = line
      while ((getline line < changes) > 0) { split(line, c, " "); for (k = 0; k < c[2]; k++) take[c[1] + k] = c[3] + k }
    }
    # What clang-format 14 gets wrong: operator new (x), deduction guides, trailing line continuations.
    !(NR in take) || /operator (new|delete)/ || /\) -> / || /\\$/ { print; next }
    {
      line = want[take[NR]]
      at = index($0, " //"); on = index(line, " //")
      if (at && on) {
        code = substr(line, 1, on - 1); sub(/ +$/, "", code)
        comment = substr(line, on + 1)
        old = $0; sub(/ +\/\/.*/, "", old)
        column = length($0) - length(substr($0, match($0, / \/\//) + 1))
        pad = column - length(code); if (pad < 2) pad = 2
        line = code sprintf("%" pad "s", "") comment
      }
      print line
    }' "$file" >"$temporary/new"
  if ! cmp -s "$file" "$temporary/new"; then
    changed=1
    if [ -n "$check" ]; then diff -u --label "$file" --label "$file as it should be" "$file" "$temporary/new" || true
    else cat "$temporary/new" >"$file"; echo "$file"; fi
  fi
  awk -v file="$file" '{ s = $0; gsub(/[\200-\277]/, "", s) } length(s) > 140 { print file ":" NR ": " length(s) " characters"; bad = 1 } END { exit bad }' "$file" || changed=1
done
[ -z "$check" ] || exit "$changed"
