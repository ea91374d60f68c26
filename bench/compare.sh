#!/usr/bin/env bash
# compare.sh [--arch tiny|small|base] [--dtype f32|bf16] [--batch N] [--form batch|loop] [--compile] [--recompute] [--threads N]
#            [--rounds N] [--json FILE]
# A training step of afire beside the same step in PyTorch (bench/peer/afire_torch.py), both in turn, --rounds times: medians and ratios.
#   --form batch    what a good PyTorch user would write (the default), both sides in --dtype (f32)
#   --form loop     the released code's layer and loss term for each token, in f32 as it is released, against afire's default: bf16 where
#                   the processor multiplies it. --dtype sets both.
#   --recompute     afire keeps only the input of each block; PyTorch stays as it is
#   --threads N     of both sides (default: every core)
# PyTorch comes into a folder of its own (AFIRE_PEER, default build/peer), installed from the package index when it is not there.
set -euo pipefail
cd "$(dirname "$0")/.."
arch=small dtype='' batch=8 form=batch compile='' recompute='' threads=$(nproc) rounds=3 json=''
wrong() { echo "compare: $*" >&2; exit 2; }
while [ $# -gt 0 ]; do
  case $1 in
    --arch | --dtype | --batch | --form | --threads | --rounds | --json)
      [ $# -gt 1 ] || wrong "$1 needs a value"
      declare "${1#--}=$2"; shift 2 ;;
    --compile) compile=--compile; shift ;;
    --recompute) recompute=recompute/; shift ;;
    *) wrong "no option $1; there are --arch --dtype --batch --form --compile --recompute --threads --rounds --json" ;;
  esac
done
case $arch in tiny | small | base) ;; *) wrong "--arch is $arch; tiny, small and base are there" ;; esac
case $form in batch | loop) ;; *) wrong "--form is $form; batch and loop are there" ;; esac
case $dtype in '' | f32 | bf16) ;; *) wrong "--dtype is $dtype; f32 and bf16 are there" ;; esac
case $batch in 8 | 32) ;; *) wrong "--batch is $batch; bench/step.cpp has 8 and 32" ;; esac
for count in "$threads" "$rounds"; do
  [[ $count =~ ^[1-9][0-9]*$ ]] || wrong "--threads and --rounds are whole numbers from 1 on, not $count"
done
ours=${dtype:-f32} theirs=${dtype:-f32}
if [ "$form" = loop ] && [ -z "$dtype" ] && grep -qE '^flags.*(amx_bf16|avx512_bf16)' /proc/cpuinfo; then ours=bf16; fi

peer=${AFIRE_PEER:-build/peer}
if [ ! -x "$peer/bin/python" ]; then python3 -m venv "$peer"; fi
"$peer/bin/python" -c 'import torch' 2>/dev/null || "$peer/bin/pip" install -q torch numpy
step=${AFIRE_STEP:-build/cpu/bench/bench_step}
[ -n "${AFIRE_STEP:-}" ] || cmake --build build/cpu --target bench_step >/dev/null
rows=$(mktemp)
trap 'rm -f "$rows"' EXIT
export OMP_NUM_THREADS=$threads
for ((round = 1; round <= rounds; ++round)); do
  "$step" --benchmark_filter="step/$arch/$ours/onednn/${recompute}batch:$batch/" --benchmark_format=json 2>/dev/null >>"$rows"
  "$peer/bin/python" bench/peer/afire_torch.py --arch "$arch" --dtype "$theirs" --batch "$batch" --form "$form" --threads "$threads" \
    $compile 2>/dev/null >>"$rows"
  echo "round $round of $rounds" >&2
done
python3 bench/compare.py "$rows" "$json" arch="$arch" afire_dtype="$ours" pytorch_dtype="$theirs" batch="$batch" form="$form" \
  compiled="${compile:+1}" recompute="${recompute:+1}" threads="$threads"
