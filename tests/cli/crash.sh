#!/usr/bin/env bash
# kill -9 at twenty moments, eight of them inside the writing of a checkpoint: what is resumed ends with the bytes of a run that nobody stopped.
source "$(dirname "$0")/../support/cli.sh"
run=(pretrain "${tiny[@]}" --validation-phantom 8 --epochs 40 --checkpoint-steps 5)
last=step-00000120.safetensors
kills=0

begin=$(date +%s%N)
exits 0 "${run[@]}" --out whole
took=$((($(date +%s%N) - begin) / 1000000))   # milliseconds
size=$(stat -c %s whole/$last)

ends_alike() {                                # FOLDER MOMENT
  kills=$((kills + 1))
  exits 0 "${run[@]}" --out "$1" --resume auto
  same whole/$last "$1/$last" "killed $2"
  same whole/best.safetensors "$1/best.safetensors" "killed $2"
  [ "$(cut -d, -f1 whole/log.csv)" = "$(cut -d, -f1 "$1/log.csv")" ] || fail "killed $2: the log does not have each step once"
  [ "$(wc -l <"$1/log.jsonl")" = 120 ] || fail "killed $2: log.jsonl has $(wc -l <"$1/log.jsonl") lines"
  rm -rf "$1"
}

# Inside the writing: at the first byte, in the middle, at the last byte before it gets its name; of the first checkpoint and of later ones.
for at in 1 $((size / 3)) $((size - 1)) $((size + 1)) $((size * 3 / 2)) $((size * 4 + size / 2)) $((size * 9 + 10)) $((size * 20 + size / 5)); do
  code=0
  { "$program" "${run[@]}" --out killed --crash-at-byte $at 2>err; } 2>/dev/null || code=$?
  [ $code = 137 ] || fail "--crash-at-byte $at: exit code $code"
  [ "$at" = 1 ] || [ -n "$(ls killed/*.partial 2>/dev/null)" ] || fail "--crash-at-byte $at: nothing was being written"
  ends_alike killed "at byte $at of its checkpoints"
done

# From outside, at twelve times of its life.
for try in $(seq 50); do
  [ $kills -lt 20 ] || break
  part=$((try * 5 % 13 + 1))
  rm -rf killed
  "$program" "${run[@]}" --out killed 2>err &
  pid=$!
  sleep "$(awk -v t=$took -v p=$part 'BEGIN { printf "%.3f", t * p / 14000 }')"
  { kill -9 $pid && wait $pid; } 2>/dev/null
  [ $? = 137 ] || continue                    # it was faster than that
  ends_alike killed "after $((took * part / 14)) of $took ms"
done
echo "$kills kills"
[ $kills = 20 ] || fail "only $kills kills met a living program"
finish
