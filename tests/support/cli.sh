# lib.sh: what the tests of the program share. Sourced with the program's path in $1; a failed check is counted and told, `finish` ends.
set -uo pipefail
program=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failed=0

# A model of a few thousand parameters on 24 films: a step takes milliseconds.
tiny=(--phantom 24 --image 32 --patch 8 --width 24 --depth 2 --heads 2 --decoder-width 24 --decoder-depth 1 --decoder-heads 2
      --head-hidden 32 --head-out 16 --prototypes 8 --batch 8 --epochs 4 --monitor-films 8 --threads 1)

fail() { echo "FAILED: $*"; failed=$((failed + 1)); }

# exits CODE ARGS...: runs the program; its output is in $work/out and $work/err.
exits() {
  local wanted=$1 code=0
  shift
  "$program" "$@" >out 2>err || code=$?
  [ "$code" = "$wanted" ] || { fail "afire $*: exit code $code in place of $wanted"; head -n 5 err; }
}

# says FILE WORDS: the last output holds these words.
says() { grep -qF -- "$2" "$1" || { fail "no '$2' in what was said:"; head -n 5 "$1"; }; }

same() { cmp -s "$1" "$2" || fail "$1 and $2 differ${3:+: $3}"; }

finish() {
  [ "$failed" = 0 ] && echo "all checks passed"
  exit $((failed > 0))
}
