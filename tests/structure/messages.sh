#!/usr/bin/env bash
# messages.sh [--write]: docs/errors.md lists every misfit of tests/fail with what the compiler says of it. --write makes the list anew.
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
wanted=$(sed '/^<!-- the list -->$/q' "$page"; echo; list)
[ "$wanted" != "$(cat "$page")" ] || exit 0
if [ "${1:-}" = --write ]; then printf '%s\n' "$wanted" >"$page"; echo "$page"; exit 0; fi
diff -u "$page" <(printf '%s\n' "$wanted") || fail "$page is not the list of tests/fail; tests/structure/messages.sh --write makes it anew"
