#!/usr/bin/env bash
# prints.sh PROGRAM SOURCE: the program prints what the first comment of its source says it prints:
#
#   // prints:
#   //   x is (2, 3)
#   //   loss ~0.25 after ~ seconds
#
# An exercise shows instead what it says as long as it is not solved ('// says at first:'); it must then end with 1.
#
# The block ends at the first line that is no comment or an empty one. Blanks at the ends of lines and their number between words do not
# count. A number marked ~ may differ by 5 %, a ~ alone stands for any word.
source "$(dirname "$0")/lib.sh"
program=$1 source=$2
expected=$(awk '/^\/\/ (prints|says at first):/ { on = 1; next } on && !/^\/\/ +[^ ]/ { exit } on { sub(/^\/\/ */, ""); print }' "$source")
[ -n "$expected" ] || fail "$source has no comment '// prints:' that shows what it prints"
ends=0
! grep -q '^// says at first:' "$source" || ends=1
status=0
printed=$(cd "$(mktemp -d)" && "$program" </dev/null) || status=$?
[ "$status" -ne 77 ] || { printf '%s\n' "$printed"; exit 77; }
[ "$status" -eq $ends ] || { printf '%s\n' "$printed"; fail "$program ended with $status"; }
awk -v expected="$expected" '
  BEGIN { lines = split(expected, want, "\n") }
  NF == 0 { next }
  {
    n++
    words = split(want[n], w, " ")
    good = words == NF
    for (k = 1; good && k <= NF; k++) {
      if (w[k] == "~" || w[k] == $k) continue
      shape = w[k]; sub(/~[-+0-9.e]*[0-9]/, "~", shape)
      given = $k; x = w[k]; y = $k
      sub(/^[^~]*~/, "", x); sub(/[^-+0-9.e].*$/, "", x)
      prefix = w[k]; sub(/~.*/, "", prefix)
      good = index(w[k], "~") && substr(y, 1, length(prefix)) == prefix
      y = substr(y, length(prefix) + 1); sub(/[^-+0-9.e].*$/, "", y)
      good = good && y != "" && (y - x) ^ 2 <= (0.05 * x) ^ 2
    }
    if (!good) { print "line " n " should be: " want[n]; print "             it is: " $0; bad = 1 }
  }
  END {
    if (n < lines) { print "line " n + 1 " is not printed: " want[n + 1]; bad = 1 }
    exit bad
  }' <<<"$printed" || fail "$source does not print what its first comment says"
