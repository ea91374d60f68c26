#!/usr/bin/env bash
# The command line: what is meant is done, what cannot be meant is said with the nearest word, exit codes hold.
source "$(dirname "$0")/../support/cli.sh"

exits 0
says out "pretrain"
exits 0 --help
says out "Exit codes"
exits 0 --version
says out "afire 0."
for command in pretrain phantom lesions embed inspect convert verify report doctor demo; do
  exits 0 "$command" --help
  says out "Usage: afire $command"
done
exits 0 pretrain --help
for flag in films where phantom validation validation-where allow-shared skip-broken model width depth heads patch image channels prototypes batch \
            accumulate epochs steps seed threads loader-threads lr optimizer clip backend dtype device checkpoint-steps keep recompute out resume init init-allow init-part init-from pool config dry-run json; do
  says out "--$flag"
done

exits 2 pretrian
says err "did you mean pretrain?"
exits 2 pretrain --epoch 3
says err "did you mean --epochs?"
exits 2 pretrain --wher a=b
says err "did you mean --where?"
exits 2 pretrain --clip tensr
says err "did you mean tensor?"
exits 2 pretrain --batch many
says err '"many" is no whole number'
exits 2 pretrain --batch 0
says err "--batch is 0"
exits 2 pretrain --lr 1e999 --phantom 4
exits 2 pretrain --batch
exits 2 pretrain surplus
exits 2 pretrain
says err "--films MANIFEST"
exits 2 pretrain --films a --phantom 3 --out none
says err "both --films and --phantom"
exits 2 inspect
exits 2 pretrain "${tiny[@]}" --heads 5 --out none
says err "multiple of heads"
exits 2 pretrain "${tiny[@]}" --drop-path 1 --out none
says err "--drop-path is 1; less than 1 is needed"
exits 2 pretrain "${tiny[@]}" --drop-path 0.1 --depth 1 --out none
says err "--depth must be at least 2"
exits 2 pretrain "${tiny[@]}" --positions learnt --out none
says err "did you mean learned?"
exits 2 pretrain "${tiny[@]}" --registers -1 --out none
says err "--registers is -1"
exits 2 pretrain "${tiny[@]}" --batch 25 --dry-run
says err "smaller --batch"
exits 2 pretrain "${tiny[@]}" --backend eigen --dtype bf16 --out none
says err "no backend"

# Values that cannot be meant are refused by name before anything is computed.
while read -r option value; do
  exits 2 pretrain "${tiny[@]}" "--$option" "$value" --out none
  says err "--$option is $value"
done <<'END'
width 1000000
depth 9999999999
head-hidden 9223372036854775807
prototypes 1
batch 9223372036854775807
epochs 9223372036854775807
warmup-epochs 1e+30
clip-norm 0
ema 2
ema-end 1.5
beta1 1
beta2 2
eps 0
clean-share 2
lesion-dark 2
lesions-most 9999999999
lesion-largest 500
temperature 0
sinkhorn-iterations 9999999999
prototype-momentum 1
min-lr -1
contrast-weight -1
threads 9999999999
loader-threads 0
cache-mib 9223372036854775807
END
for value in nan inf -inf 1e999; do
  exits 2 pretrain "${tiny[@]}" --lr "$value" --out none
  says err "is no number"
done
exits 2 pretrain "${tiny[@]}" --lesion-smallest 60 --lesion-largest 20 --out none
says err "the smallest must not be larger"
exits 2 pretrain "${tiny[@]}" --contrast-weight 0 --restoration-weight 0 --out none
says err "nothing to learn"
[ ! -e none ] || fail "a refused training has written"

# Options that would be taken in vain.
for pair in "momentum 0.5" "eta 0.1" "where a=b" "disk-cache f" "range minmax" "validation-where a=b" "init-allow head.*"; do
  read -r option value <<<"$pair"
  exits 2 pretrain "${tiny[@]}" "--$option" "$value" --out none
  says err "--$option is read with"
done
exits 2 pretrain "${tiny[@]}" --optimizer sgd --beta1 0.5 --out none
says err "--beta1 is read with --optimizer adamw only"
exits 2 pretrain "${tiny[@]}" --clip none --clip-norm 1 --out none
says err "--clip-norm is read with"
exits 2 pretrain "${tiny[@]}" --faithful --lesion-dark 0.5 --out none
says err "--lesion-dark is read with"

# A configuration: read, refused where it says what there is not, overridden by flags.
echo '{"model": "small", "batch": 7, "lr": 0.5}' >config.json
exits 0 pretrain --config config.json --phantom 24 --batch 3 --dry-run --json
says out '"films_per_step": 3'
says out '"decoder":'
echo '{"batchs": 7}' >config.json
exits 2 pretrain --config config.json --phantom 24 --dry-run
says err 'did you mean "batch"?'
echo '{"batch": "seven"}' >config.json
exits 2 pretrain --config config.json --phantom 24 --dry-run
says err "config.json"
echo '{"batch": 7' >config.json
exits 1 pretrain --config config.json --phantom 24 --dry-run
says err "config.json"

# Parameters by hand: tokens of 24 columns, patches of 8 x 8 x 3, 2 blocks; 16 positions with 8 directions of 16.
exits 0 pretrain "${tiny[@]}" --dry-run --json
block=$((24 * 72 + 72 + 24 * 24 + 24 + 2 * 24 * 96 + 96 + 24 + 4 * 24))
says out "\"encoder\": $((192 * 24 + 24 + 24 + 17 * 24 + 2 * block + 2 * 24)),"
says out "\"head\": $((24 * 32 + 32 + 32 * 32 + 32 + 32 * 16 + 16 + 16 * 8 * 16 + 16 * 8)),"
# Operations likewise: 17 tokens through 2 blocks and 16 patches, forward and twice that backward; the teacher forward.
forward=$((2 * (2 * 17 * 12 * 24 * 24 + 4 * 17 * 17 * 24) + 2 * 16 * 24 * 192))
says out "\"encoder\": $(awk "BEGIN { print 3e-9 * $forward }" | cut -c 1-9)"
says out '"objective_needs": ['
exits 0 pretrain "${tiny[@]}" --dry-run
says out "parts                              parameters   GFLOP a film"
says out "teacher encoder"
says out "the objective needs  teacher scores film observes"
says out "the objective keeps  prototype (16, 8)"
[ ! -e run ] || fail "a dry run has written"

exits 0 doctor --json
for fact in gemm_gflops_per_second triad_gbytes_per_second instructions lost; do says out "\"$fact\""; done
exits 1 inspect nowhere.safetensors
says err "nowhere.safetensors"
echo garbage >garbage.safetensors
exits 1 inspect garbage.safetensors
exits 1 report nowhere
finish
