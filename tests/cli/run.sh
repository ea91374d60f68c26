#!/usr/bin/env bash
# A run's folder, its errors, Ctrl-C, a full disk, and the same bits: run to run, for 1 and 2 threads, and in what a resume goes on with.
source "$(dirname "$0")/../support/cli.sh"
last=step-00000012.safetensors

# What a run leaves, and that it is read back.
exits 0 pretrain "${tiny[@]}" --validation-phantom 8 --out a --json
says out '"finished": true'
grep -A2 '"inside_lesions"' out | grep -qE '"copied": [1-9]' || fail "lesions of the validation films do not differ from the clean film"
for file in config.json build.json data.json log.jsonl log.csv report.html best.safetensors "$last"; do [ -s "a/$file" ] || fail "a/$file is missing"; done
[ "$(wc -l <a/log.csv)" = 13 ] || fail "log.csv has $(wc -l <a/log.csv) lines for 12 steps"
[ "$(ls a/step-*.safetensors | wc -l)" = 2 ] || fail "--keep 2 keeps $(ls a/step-*.safetensors | wc -l)"
exits 0 pretrain --config a/config.json --out b
same a/$last b/$last "a run from the configuration of another"
exits 0 inspect a/$last --json
says out '"student.encoder.norm.weight"'
exits 0 embed a/best.safetensors --phantom 5 --out features.safetensors --threads 1
exits 0 inspect features.safetensors
says out "patch_tokens  F32   (5, 16, 24)"
exits 0 report a

# An existing run is not written over; another film set, other settings and another size do not go on with it.
cp -r a a-before
exits 1 pretrain "${tiny[@]}" --out a
says err "--resume auto"
exits 1 pretrain "${tiny[@]}" --phantom 25 --out a --resume auto
says err "other films"
exits 1 pretrain "${tiny[@]}" --lr 0.1 --out a --resume auto
says err "lr was"
exits 1 pretrain "${tiny[@]}" --width 48 --out a --resume auto
says err "width was 24, now 48"
for file in $last config.json log.csv; do same "a/$file" "a-before/$file" "a refused command has changed it"; done
exits 0 pretrain --out a --resume auto
same a/$last a-before/$last "a finished run that is resumed"

# The same bits.
for dtype in f32 bf16; do
  "$program" pretrain "${tiny[@]}" --dtype $dtype --dry-run >out 2>err || { echo "no $dtype in this program: left out"; continue; }
  for run in one:1 again:1 two:2; do exits 0 pretrain "${tiny[@]}" --dtype $dtype --threads "${run#*:}" --loader-threads "${run#*:}" --out "$dtype-${run%:*}"; done
  same $dtype-one/$last $dtype-again/$last "$dtype, run to run"
  same $dtype-one/$last $dtype-two/$last "$dtype, 1 and 2 threads"
done
other=(--registers 2 --layer-scale 1e-5 --positions learned --no-qkv-bias --drop-path 0.5)
exits 0 pretrain "${tiny[@]}" "${other[@]}" --out other
for run in one:1 two:2; do exits 0 pretrain "${tiny[@]}" "${other[@]}" --threads "${run#*:}" --steps 5 --out "other-${run%:*}"; done
same other-one/step-00000005.safetensors other-two/step-00000005.safetensors "drop path, 1 and 2 threads"
exits 0 pretrain --out other-two --resume auto --steps 0
same other/$last other-two/$last "drop path and resume"
exits 0 pretrain "${tiny[@]}" "${other[@]}" --recompute --steps 5 --out again
grep -q '"recompute": true' again/config.json || fail "config.json does not say that blocks were computed again"
exits 0 pretrain --out again --resume auto --steps 0
same other/$last again/$last "blocks that are computed again, and a resume"
grep -q '"recompute": true' again/config.json || fail "a resume has forgotten that blocks are computed again"
exits 0 pretrain --config other/config.json --recompute --steps 5 --out changed
exits 0 pretrain --out changed --resume auto --no-recompute --steps 0
same other/$last changed/$last "a resume that computes nothing again"
for run in "" --recompute; do
  exits 0 pretrain "${tiny[@]}" $run --dry-run --json
  sed -n 's/.*"activations: encoder": \([0-9]*\).*/\1/p' out >"kept$run"
done
[ "$(cat kept--recompute)" -lt "$(($(cat kept) / 2))" ] || fail "--recompute plans $(cat kept--recompute) bytes for the encoder, without $(cat kept)"
exits 1 pretrain "${tiny[@]}" "${other[@]}" --drop-path 0.4 --out other --resume auto
says err "drop-path was 0.5, now 0.4"

# What stands for a film: another number in the monitors, the same training; kept by a configuration, refused by a resume with another.
exits 0 pretrain "${tiny[@]}" --pool token --out token
says token/config.json '"pool": "token"'
exits 0 pretrain "${tiny[@]}" --out mean
column() { awk -F, -v name="$1" 'NR == 1 { for (i = 1; i <= NF; ++i) if ($i == name) at = i } { print $at }' "$2/log.csv"; }
[ "$(column loss token)" = "$(column loss mean)" ] || fail "--pool changes the loss of AFiRe, which scores no film"
[ -n "$(column image_spread mean | tail -n 1)" ] || fail "no spread between films in the log"
[ "$(column image_spread token)" != "$(column image_spread mean)" ] || fail "--pool token does not change what stands for a film"
exits 0 pretrain --config token/config.json --out token2
same token/$last token2/$last "a run with --pool token from its configuration"
exits 1 pretrain "${tiny[@]}" --out token --resume auto
says err 'pool was "token", now "auto"'
exits 0 pretrain "${tiny[@]}" --pool mean --out asked
[ "$(column image_spread asked)" = "$(column image_spread mean)" ] || fail "--pool mean and auto differ for AFiRe"

exits 0 embed other/$last --phantom 5 --out features.safetensors --threads 1
exits 0 inspect features.safetensors
says out "patch_tokens  F32   (5, 16, 24)"
exits 0 pretrain "${tiny[@]}" --drop-path 0 --layer-scale 0 --steps 1 --out still
exits 0 pretrain "${tiny[@]}" --steps 1 --out plain_step
same still/step-00000001.safetensors plain_step/step-00000001.safetensors "no drop path"
exits 0 pretrain "${tiny[@]}" --batch 4 --accumulate 2 --optimizer lars --faithful --out lars
exits 0 pretrain "${tiny[@]}" --optimizer sgd --clip global --restore lesions --out sgd

# Weights of another run, and of one that does not fit.
exits 0 pretrain "${tiny[@]}" --init a/$last --steps 1 --out init
exits 1 pretrain "${tiny[@]}" --init a/$last --prototypes 9 --out init2
says err "of another shape"
exits 0 pretrain "${tiny[@]}" --init a/$last --init-allow 'head.*' --prototypes 9 --steps 1 --out init3

# Ctrl-C: saved, said, and gone on from.
exits 0 pretrain "${tiny[@]}" --epochs 400 --steps 600 --checkpoint-steps 1000 --out whole
set -m                                        # else bash starts it with Ctrl-C ignored
"$program" pretrain "${tiny[@]}" --epochs 400 --steps 600 --checkpoint-steps 1000 --out stopped 2>told &
pid=$!
set +m
until [ -s stopped/log.csv ] || ! kill -0 $pid 2>/dev/null; do sleep 0.01; done
exits 1 pretrain --out stopped --resume auto
says err "another program is working in this folder"
kill -INT $pid
code=0
wait $pid || code=$?
[ $code = 130 ] || fail "Ctrl-C: exit code $code"
says told "stopped by Ctrl-C after step"
exits 0 pretrain "${tiny[@]}" --epochs 400 --steps 600 --checkpoint-steps 1000 --out stopped --resume auto
same whole/step-00000600.safetensors stopped/step-00000600.safetensors "Ctrl-C and resume"

# A loss that is no number.
exits 3 pretrain "${tiny[@]}" --lr 1e6 --checkpoint-steps 1 --out diverged
says err "step "
says err "The last checkpoint is diverged/step-"

# Folders that cannot be written.
touch file
exits 1 pretrain "${tiny[@]}" --out file/run
says err "file"
if [ "$(id -u)" = 0 ]; then
  exits 1 pretrain "${tiny[@]}" --out /proc/afire
else
  mkdir closed && chmod 555 closed
  exits 1 pretrain "${tiny[@]}" --out closed/run
fi
says err "cannot"

# A full disk loses no earlier checkpoint.
mkdir small
if mount -t tmpfs -o size=3m tmpfs small 2>/dev/null; then
  exits 0 pretrain "${tiny[@]}" --checkpoint-steps 1 --keep 1 --steps 2 --out small/run
  cp small/run/step-00000002.safetensors kept.safetensors
  rm -rf small/run/pictures small/run/judgement.*
  dd if=/dev/zero of=small/filler bs=1k count=3000 2>/dev/null
  exits 1 pretrain "${tiny[@]}" --checkpoint-steps 1 --keep 1 --out small/run --resume auto
  says err "No space left on device"
  same kept.safetensors small/run/step-00000002.safetensors "the disk is full"
  rm small/filler
  exits 0 pretrain "${tiny[@]}" --checkpoint-steps 1 --keep 1 --out small/run --resume auto
  exits 0 pretrain "${tiny[@]}" --out plain
  same plain/$last small/run/$last "gone on after the disk was full"
  umount small
else
  echo "a full disk: not tested, no tmpfs can be mounted here"
fi
finish
