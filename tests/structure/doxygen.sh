#!/usr/bin/env bash
# doxygen.sh: the reference pages can be made, and no public name is undocumented.
#
# A name is a type, concept, function or constant of namespace afire. It is documented by a comment in front of it or behind it on its line,
# or by the words of its header that speak of it: what a header's first lines explain is not said twice.
source "$(dirname "$0")/lib.sh"
have doxygen
cd "$root"
temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
(cat docs/Doxyfile; printf '%s\n' "OUTPUT_DIRECTORY = $temporary" 'INPUT = include/afire' 'GENERATE_HTML = NO' 'GENERATE_XML = NO') |
  doxygen - >/dev/null 2>"$temporary/words" || { tail -n 20 "$temporary/words"; fail "doxygen docs/Doxyfile"; }
awk '
  !/is not documented/ { next }
  {
    file = $1; sub(/:.*/, "", file); sub(/.*\/include\/afire\//, "", file)
    name = ""
    if (match($0, /Compound [^ ]+/)) name = substr($0, RSTART + 9, RLENGTH - 9)
    else if (match($0, / of (namespace|file) /) && match($0, /Member [^(]+/)) name = substr($0, RSTART + 7, RLENGTH - 7)
    sub(/ *(=|\[).*/, "", name); sub(/ +$/, "", name); sub(/.* /, "", name)
    if (name ~ /^afire::.*::/ && /Compound/) next                        # of a class: its members
    sub(/.*::/, "", name); sub(/<.*/, "", name)
    if (name ~ /^[A-Za-z_]/) print file, name
  }' "$temporary/words" | sort -u | while read -r file name; do
  word=$(sed 's/[^A-Za-z0-9_]/\\&/g' <<<"$name")
  grep -qE "//.*(^|[^A-Za-z0-9_])$word([^A-Za-z0-9_]|\$)" "include/afire/$file" || echo "$file: $name"
done >"$temporary/names"
[ ! -s "$temporary/names" ] || { cat "$temporary/names"; fail "these names have no documentation: a comment in front, or a word in the header's first lines"; }
