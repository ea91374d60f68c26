#!/usr/bin/env bash
# Trains every variant for some steps on procedural films and prints a row for each: does its loss begin where theory says, does it fall,
# do features stay apart? program.hpp says what is checked, the first comment of a variant what it expects and why.
#
#   check.sh FOLDER             of the programs; the sizes of ./run variants
#   check.sh FOLDER --quick     seconds a variant: the test variants/all
#   check.sh FOLDER --quick NAME ...      only these
#
# Ends with 1 if a check fails.
set -euo pipefail
export LC_ALL=C
folder=$1
sizes=(--phantom 256 --image 96 --patch 16 --channels 1 --width 96 --depth 4 --heads 3 --batch 16)
steps=160
if [ "${2:-}" = --quick ]; then
  sizes=(--phantom 64 --image 48 --patch 8 --channels 1 --width 48 --depth 2 --heads 2 --batch 16)
  steps=40
fi
training=(--epochs 1 --lr 1e-3 --no-scale-lr --warmup-epochs 0 --monitor-films 32 --threads "${AFIRE_THREADS:-1}")
decoder=(--decoder-width 48 --decoder-depth 1 --decoder-heads 2)
head=(--head-hidden 96 --head-out 64)

only=("${@:3}")
temporary=$(mktemp)
trap 'rm -f "$temporary"' EXIT
failed=0
printf '%-28s %11s %8s %8s  %9s %9s  %8s %8s  %s\n' variant parameters MiB films/s loss "at end" spread "at end" "first step (theory)"
for file in "$(dirname "${BASH_SOURCE[0]}")"/*.cpp; do
  name=$(basename "$file" .cpp)
  case $name in attraction | plain | program | shared) continue ;; esac
  [ ${#only[@]} = 0 ] || [[ " ${only[*]} " = *" $name "* ]] || continue
  # MAE paints first what films have in common, and their tokens come together before they part: within 160 steps they have not yet.
  many=$steps
  [ "$name" != mae ] || many=$((2 * steps))
  options=("${sizes[@]}" "${training[@]}" --steps "$many")
  # Sizes of parts that it has: its own words say which.
  ! grep -q 'decoder_options' "$file" || options+=("${decoder[@]}")
  ! grep -qE 'head_options|"head-hidden' "$file" || options+=("${head[@]}")
  ! grep -q 'head_options' "$file" || grep -q 's.prototypes = ' "$file" || options+=(--prototypes 32)
  if ! "$folder/$name" "${options[@]}" --check >"$temporary" 2>&1; then failed=$((failed + 1)); fi
  cat "$temporary"
done

# A collapse has to fail, and nothing else of it: views that attract each other without anything that holds films apart.
collapsing=("${sizes[@]}" "${training[@]}" "${head[@]}" --steps "$steps")
if "$folder/attraction" "${collapsing[@]}" --check >"$temporary" 2>&1 || ! grep -q 'features collapse' "$temporary" ||
  [ "$(grep -c FAILED "$temporary")" != 1 ]; then
  echo "FAILED: a collapse was not noticed"
  cat "$temporary"
  failed=$((failed + 1))
else
  echo "a collapse, attraction alone, fails as it must: $(sed -n 's/.*FAILED attraction: features collapse: //p' "$temporary")"
fi
[ "$failed" = 0 ] || { echo "$failed failed"; exit 1; }
