#!/usr/bin/env bash
# messages.sh [--write]: docs/errors.md has every misfit of tests/fail in its table, and in its list with what the compiler says of it; and every
# value that tests/train/impossible.cpp wants refused, with what is said then. --write makes both lists anew.
source "$(dirname "$0")/lib.sh"
cd "$root"
page=docs/errors.md
list() {
  for file in tests/fail/*.cpp; do
    name=$(basename "$file" .cpp)
    sed -n 's|^// expect: ||p' "$file" | while read -r sentence; do
      [ "$sentence" = error: ] || printf '* %s\n\n      %s\n' "${name//_/ }" "$sentence"
    done
  done
}
# Sentences that are compared whole; words in several quotes are one sentence.
values() {
  tr '\n' ' ' <tests/train/impossible.cpp | sed -E 's/" +"//g; s/\.substr\([^)]*\) == "[^"]*"//g' | grep -oE '== +"[^"]+"' |
    sed -E 's/^== +"(.*)"$/* \1/' | sort -u
}
for file in tests/fail/*.cpp; do
  grep -qF "\`$(basename "$file" .cpp)\`" "$page" || fail "$page: the table of what can be wrong lacks $(basename "$file" .cpp)"
done
for name in $(sed -n '/^| contract | a member/,/^The list below/p' "$page" | grep -oE '`[a-z_]+`' | tr -d '`'); do
  [ -f "tests/fail/$name.cpp" ] || fail "$page: there is no tests/fail/$name.cpp"
done
wanted=$(sed '/^<!-- the list -->$/q' "$page"; echo; list; echo; sed -n '/^## Values/,/^<!-- the list of values -->$/p' "$page"; echo; values)
[ "$(values | wc -l)" -ge 50 ] || fail "tests/train/impossible.cpp was not read"
[ "$wanted" != "$(cat "$page")" ] || exit 0
if [ "${1:-}" = --write ]; then printf '%s\n' "$wanted" >"$page"; echo "$page"; exit 0; fi
diff -u "$page" <(printf '%s\n' "$wanted") || fail "$page is not what the tests say; tests/structure/messages.sh --write makes its lists anew"
