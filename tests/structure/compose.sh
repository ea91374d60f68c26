#!/usr/bin/env bash
# docs/compose.md against the code: parts and headers that it names exist, objectives need what it says, every variant is listed and short.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
page=docs/compose.md
bad=0
fail() { echo "$*"; bad=1; }

# Names in backticks that look like types: declared somewhere in the headers. The tables' last but one words are covered with them.
for name in $(grep -oE '`[A-Z][A-Za-z0-9]+' "$page" | tr -d '`' | sort -u); do
  grep -qrE "(struct|class|using|enum class) $name\b" include/afire || fail "$page: no type $name in the headers"
done
for header in $(grep -oE '`(core|op|nn|ssl|data|train)/[a-z0-9_]+\.hpp`' "$page" | tr -d '`' | sort -u); do
  [ -f "include/afire/$header" ] || fail "$page: no header $header"
done

# Needs of objectives, as a set of words.
needs_of() {   # NAME: from its declaration to the end of the initialiser
  awk -v name="$1" '$0 ~ "^struct " name "( |$)" { on = 1 } on && /Needs needs\{/ { take = 1 } take { text = text $0; if (/\};/) { print text; exit } }' \
    $(grep -lE "^struct $1( |\$)" -r include/afire) | grep -oE '\.[a-z_]+ = ' | tr -d '.= ' | sort | tr '\n' ' '
}
rows=0
while IFS='|' read -r _ name needs _; do
  name=$(tr -d '` ' <<<"$name")
  wanted=$(tr ' ' '\n' <<<"$needs" | grep . | sort | tr '\n' ' ')
  is=$(needs_of "$name")
  [ "$is" = "$wanted" ] || fail "$page: $name needs '$is' in the code, '$wanted' here"
  rows=$((rows + 1))
done < <(sed -n '/^| objective /,/^$/p' "$page" | grep '^| `')
[ "$rows" -ge 8 ] || fail "$page: only $rows objectives were read"

# Variants: all listed, all there, at most 40 lines of which 30 are the composition.
for file in examples/variants/*.cpp; do
  name=$(basename "$file" .cpp)
  case $name in plain | program | shared) continue ;; esac
  grep -qE "^\|.*\`$name\`.*\|" "$page" || fail "$page: the variant $name is not listed"
  [ "$(wc -l <"$file")" -le 40 ] || fail "$file has more than 40 lines"
  [ "$(sed -n '/^int main/,$p' "$file" | wc -l)" -le 30 ] || fail "$file: the composition has more than 30 lines"
  head -n 1 "$file" | grep -q "^// examples/variants/$name.cpp -- " || fail "$file: its first line does not say what it is"
  sed -n '2,8p' "$file" | grep -q 'Begins' || fail "$file: its first comment does not say where the loss begins"
done
for name in $(sed -n '/^| variant /,/^$/p' "$page" | grep '^| `' | cut -d'|' -f2 | grep -oE '`[a-z0-9_]+`' | tr -d '`'); do
  [ -f "examples/variants/$name.cpp" ] || fail "$page: there is no variant $name"
done
exit $bad
