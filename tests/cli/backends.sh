#!/usr/bin/env bash
# A run goes on with another backend: a checkpoint says nothing of the machine it was made on. And what is said where there is no GPU.
source "$(dirname "$0")/../support/cli.sh"
last=step-00000012.safetensors
f32=("${tiny[@]}" --dtype f32)

# Names, types and shapes of all tensors, and what a resume asks for.
about() { "$program" inspect "$1/$last" --json | grep -v '"file"'; }
# The last loss in the log of a run.
loss() { awk -F, 'NR == 1 { for (i = 1; i <= NF; ++i) if ($i == "loss") c = i } END { print $c }' "$1/log.csv"; }

exits 0 pretrain "${f32[@]}" --backend reference --out reference
about reference >wanted
for other in onednn eigen; do
  "$program" pretrain "${f32[@]}" --backend $other --steps 4 --out there-$other >out 2>err || { echo "no $other in this program: left out"; continue; }
  # Begun with the other and ended with the reference; begun with the reference, and the middle by the other.
  exits 0 pretrain --out there-$other --resume auto --backend reference --steps 0
  exits 0 pretrain "${f32[@]}" --backend reference --steps 3 --out turns-$other
  exits 0 pretrain --out turns-$other --resume auto --backend $other --steps 9
  says err "resumed from"
  exits 0 pretrain --out turns-$other --resume auto --backend reference --steps 0
  for run in there-$other turns-$other; do
    about $run >got
    same got wanted "what the checkpoint of $run holds"
    awk -v a="$(loss $run)" -v b="$(loss reference)" 'BEGIN { exit !(a > 0 && (a - b) ^ 2 <= (1e-4 * b) ^ 2) }' ||
      fail "$run ends with a loss of $(loss $run), the reference with $(loss reference)"
  done
done
if "$program" pretrain "${tiny[@]}" --dtype bf16 --dry-run >out 2>err; then
  exits 1 pretrain "${tiny[@]}" --dtype bf16 --out reference --resume auto
  says err 'dtype was "f32", now "bf16"'
fi

# --device belongs to a GPU. What a program without CUDA says of one, and what one with it says where no GPU can be seen.
exits 2 pretrain "${f32[@]}" --device 1 --out none
says err "--device is read with --backend cuda only"
exits 2 pretrain "${f32[@]}" --backend cdua --out none
says err "did you mean cuda?"
# Who draws the lesions is no matter of the films.
exits 2 pretrain "${f32[@]}" --backend reference --lesions device --out none
says err "--lesions device is for --backend cuda"
exits 2 pretrain "${f32[@]}" --lesions gpu --out none
says err "none of loader|device"
# Ranks share GPUs. What a launcher says is read by a training, and refused where it is incomplete.
RANK=0 exits 2 pretrain "${f32[@]}" --out none
says err "torchrun: WORLD_SIZE is not set, but RANK is"
RANK=0 WORLD_SIZE=2 LOCAL_RANK=0 MASTER_PORT=$$ exits 2 pretrain "${f32[@]}" --backend reference --out none
says err "torchrun has started 2 ranks of this run, which share it among GPUs only"
RANK=0 WORLD_SIZE=2 LOCAL_RANK=0 MASTER_PORT=$$ exits 2 pretrain "${tiny[@]}" --backend cuda --dry-run
says err "--dry-run is for one process; plan for the share of one rank, --batch 4"
RANK=0 WORLD_SIZE=1 LOCAL_RANK=0 exits 0 pretrain "${f32[@]}" --steps 1 --out one-rank

# two_ranks ARGS...: a training of two processes; what they say is in err-0 and err-1, how they end in codes.
two_ranks() {
  local r
  : >codes
  for r in 0 1; do
    (code=0; RANK=$r WORLD_SIZE=2 LOCAL_RANK=$r MASTER_PORT=$$ "$program" pretrain "$@" >out-$r 2>err-$r || code=$?; echo $code >>codes) &
  done
  wait
}

code=0
"$program" pretrain "${tiny[@]}" --backend cuda --dry-run --json >plan 2>err || code=$?
if [ $code = 2 ]; then
  exits 2 pretrain "${tiny[@]}" --backend cuda --out none
  says err "built without CUDA"
  [ "$(wc -l <err)" = 1 ] || fail "more than one line: $(cat err)"
  exits 2 embed "reference/$last" --phantom 5 --backend cuda --out none
  says err "built without CUDA"
  exits 2 verify "reference/$last" --backend cuda
  says err "built without CUDA"
elif grep -q '"none": "cuda: ' plan; then
  for dtype in f32 bf16; do
    exits 1 pretrain "${tiny[@]}" --backend cuda --dtype $dtype --out none
    grep -q '^cuda: .*GPU' err && [ "$(wc -l <err)" = 1 ] || fail "not one sentence that there is no GPU: $(cat err)"
  done
  says plan '"dtype": "bf16"'
  for by in loader device; do
    exits 0 pretrain "${tiny[@]}" --backend cuda --lesions $by --dry-run
    says out "on the device"
  done
  if RANK=0 WORLD_SIZE=2 LOCAL_RANK=0 MASTER_PORT=$$ "$program" pretrain "${tiny[@]}" --backend cuda --batch 7 --out none 2>err; then
    fail "seven films were shared by two"
  elif ! grep -q "built without NCCL" err; then
    says err "--batch is 7, which 2 ranks cannot share equally; use a multiple of 2"
    RANK=0 WORLD_SIZE=2 LOCAL_RANK=0 MASTER_PORT=$$ exits 2 pretrain "${tiny[@]}" --backend cuda --device 0 --out none
    says err "each of the 2 ranks takes the GPU of its number; leave it out"
    two_ranks "${tiny[@]}" --backend cuda --out none       # they meet, and neither waits for the other
    [ "$(sort codes | uniq -c | xargs)" = "2 1" ] || fail "two ranks without a GPU end with $(xargs <codes)"
    grep -q 'cuda: .*GPU' err-0 && grep -q 'cuda: .*GPU' err-1 || fail "two ranks do not say that there is no GPU: $(cat err-0 err-1)"
  fi
  exits 0 pretrain "${tiny[@]}" --backend cuda --dry-run
  says out "on the device"
  exits 1 embed "reference/$last" --phantom 5 --backend cuda --out none
  grep -q '^cuda: .*GPU' err || fail "embed does not say that there is no GPU"
  exits 0 doctor
  grep -q '^lost: cuda: .*GPU' out || fail "doctor does not say that there is no GPU"
else
  exits 2 pretrain "${tiny[@]}" --backend cuda --device 1000 --out none
  says err "--device is 1000"
  exits 0 pretrain "${f32[@]}" --backend reference --steps 3 --out turns-cuda
  exits 0 pretrain --out turns-cuda --resume auto --backend cuda --steps 9
  exits 0 pretrain --out turns-cuda --resume auto --backend reference --steps 0
  exits 0 pretrain "${f32[@]}" --backend cuda --out cuda
  exits 0 pretrain "${f32[@]}" --backend cuda --out cuda-again
  same cuda/$last cuda-again/$last "cuda, run to run"
  exits 0 pretrain "${f32[@]}" --backend cuda --lesions device --out cuda-painted
  same cuda/$last cuda-painted/$last "cuda, lesions of the loader and of the device"
  exits 2 pretrain --out cuda-painted --resume auto --backend reference
  says err "--lesions device is for --backend cuda"
  for run in turns-cuda cuda; do
    about $run >got
    same got wanted "what the checkpoint of $run holds"
    awk -v a="$(loss $run)" -v b="$(loss reference)" 'BEGIN { exit !(a > 0 && (a - b) ^ 2 <= (1e-2 * b) ^ 2) }' ||
      fail "$run ends with a loss of $(loss $run), the reference with $(loss reference)"
  done
  exits 0 pretrain "${tiny[@]}" --backend cuda --dtype bf16 --validation-phantom 8 --out cuda-bf16
  if [ "$(nvidia-smi -L 2>/dev/null | grep -c '^GPU')" -gt 1 ]; then
    two_ranks "${f32[@]}" --backend cuda --out two
    [ "$(xargs <codes)" = "0 0" ] || fail "two ranks end with $(xargs <codes): $(cat err-0 err-1)"
    about two >got
    same got wanted "what the checkpoint of two holds"
    awk -v a="$(loss two)" -v b="$(loss reference)" 'BEGIN { exit !(a > 0 && (a - b) ^ 2 <= (1e-2 * b) ^ 2) }' ||
      fail "two ranks end with a loss of $(loss two), the reference with $(loss reference)"
  fi
  exits 0 embed "reference/$last" --phantom 5 --backend cuda --out features.safetensors
  exits 1 pretrain "${tiny[@]}" --backend cuda --model base --image 224 --patch 16 --batch 100000 --phantom 100000 --out none
  says err "would fit"
fi
[ ! -e none ] || fail "a refused training has written"
finish
