#!/usr/bin/env bash
# afire verify: a fixture agrees, a changed one doesn't, and what is no fixture or a broken one gets a sentence.
fixtures=${AFIRE_FIXTURES:-$(cd "$(dirname "$0")/../.." && pwd)/../shared/fixtures}
source "$(dirname "$0")/../support/cli.sh"
for needed in afire_step_mini afire_trajectory_sgd; do
  [ -f "$fixtures/$needed.safetensors" ] || { echo "skipped: no $fixtures/$needed.safetensors; set AFIRE_FIXTURES to the folder that holds it"; exit 77; }
done
step=$fixtures/afire_step_mini.safetensors

exits 0 verify "$step"
says out "backend reference in double"
says out "all within what is allowed"
for tensor in out/loss out/restored mid/student.decoder.blocks.0.out grad_out/restored grad.encoder.cls_token; do says out "$tensor "; done
exits 0 verify "$step" --backend reference --dtype f32 --json
says out '"agrees": true'
says out '"name": "grad.decoder.mask_token"'
for choice in "onednn f32" "onednn bf16" "eigen f32" "eigen double"; do
  code=0
  "$program" verify "$step" --backend "${choice% *}" --dtype "${choice#* }" >out 2>err || code=$?
  [ "$code" = 0 ] || grep -q "there is no ${choice% *}" err || fail "verify with $choice: exit code $code"
done
exits 0 verify "$fixtures/afire_trajectory_sgd.safetensors" --threads 1
says out "log/tensors_clipped"
says out "final/prototype"

# Another number at the end of the file: something is outside.
cp "$step" changed.safetensors && chmod u+w changed.safetensors
printf '@@@@@@@@' | dd of=changed.safetensors bs=1 conv=notrunc seek=$(($(stat -c %s "$step") - 8)) status=none
exits 5 verify changed.safetensors
says out "<- outside"
exits 5 verify changed.safetensors --json
says out '"agrees": false'

# A sentence each.
sed 's/"batch":"3"/"batch":"4"/; s/"batch": "3"/"batch": "4"/' "$step" >wrong.safetensors
exits 1 verify wrong.safetensors
says err "in/clean is (3, 3, 32, 32), its metadata expects (4, 3, 32, 32)"
sed 's/"batch":"3"/"batch":"x"/; s/"batch": "3"/"batch": "x"/' "$step" >wrong.safetensors
exits 1 verify wrong.safetensors
says err "not a number"
sed 's/"depth":"2"/"depth":"9"/; s/"depth": "2"/"depth": "9"/' "$step" >wrong.safetensors
exits 1 verify wrong.safetensors
says err "student.encoder.blocks.8.norm2.weight"
head -c 1000 "$step" >short.safetensors
exits 1 verify short.safetensors
says err "short.safetensors"
[ "$(wc -l <err)" = 1 ] || fail "more than one line: $(cat err)"
exits 1 verify nowhere.safetensors
says err "nowhere.safetensors"
if [ -f "$fixtures/ops.safetensors" ]; then
  exits 1 verify "$fixtures/ops.safetensors"
  says err "neither one step of AFiRe"
fi
"$program" verify "$fixtures/afire_trajectory_sgd.safetensors" --dtype bf16 >out 2>err
grep -qE "compared in double or f32|there is no backend in bf16" err || fail "a trajectory in bf16: $(cat err)"
exits 2 verify
says err "give a file"
exits 2 verify "$step" --backend gpu
says err "there is no gpu"
exits 2 verify "$step" --dtype f16
says err "reference in double"
finish
