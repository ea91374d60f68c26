#!/usr/bin/env bash
# What a variant's program cannot mean is a usage error before anything is computed or written: exit code 2 and one sentence that names the part or
# the option, and its value.
#
#   refuses.sh FOLDER             of the programs
set -uo pipefail
export LC_ALL=C
folder=$1 failed=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
small=(--phantom 24 --image 32 --patch 8 --width 24 --depth 2 --heads 2 --batch 8 --epochs 1 --threads 1 --out "$work/run")

while IFS='|' read -r name options sentence; do
  for way in "" --dry-run --check; do
    code=0
    # shellcheck disable=SC2086
    said=$("$folder/$name" "${small[@]}" $options $way 2>&1) || code=$?
    [ "$code" = 2 ] || { echo "FAILED $name $options $way: exit code $code in place of 2"; failed=$((failed + 1)); }
    said=${said##*$'\n'}                                # a training says first which films there are
    [ "$said" = "$sentence" ] || { echo "FAILED $name $options $way: it says '$said' in place of '$sentence'"; failed=$((failed + 1)); }
  done
done <<'END_OF_CASES'
simmim|--image 40|coarse patches: 5 x 5 patches cannot be cut into squares of 2
mae|--patch 32|method: 0 patches of 1 are to be kept; at least one, but not all
dino|--image 36|afire: ViTConfig: image must be a multiple of patch
simclr|--temperature 0|--temperature is 0; at least 1e-06 is needed
restoration_only|--restoration-weight 2|restoration_only: --restoration-weight belongs to a part that this composition does not have
END_OF_CASES
[ ! -e "$work/run" ] || { echo "FAILED: a refused training has written"; failed=$((failed + 1)); }
[ "$failed" = 0 ] || { echo "$failed failed"; exit 1; }
echo "all are refused"
