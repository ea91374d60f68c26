#!/usr/bin/env bash
# gpu.sh [--pack | STAGES...]: what only a machine with an NVIDIA GPU can show, in stages, the most valuable first (./run gpu).
#
# It needs nvcc and cuBLASLt, and of the checkout nothing that git ignores but gpu_pack/, into which --pack puts doctest's header and the
# fixtures of AFIRE_FIXTURES on a machine that has them. Each stage has ten minutes; its words and JSON go to gpu_results/, and the last
# lines say how each ended: passed, failed (with its code), skipped (what is missing).
set -uo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.."
stages=(device verbs training step kernels example memcheck racecheck)

pack() {
  rm -rf gpu_pack && mkdir -p gpu_pack/include/doctest
  local from missing=()
  for from in /usr/include/doctest /usr/local/include/doctest; do [ ! -f $from/doctest.h ] || cp $from/doctest.h gpu_pack/include/doctest/; done
  [ -f gpu_pack/include/doctest/doctest.h ] || missing+=("doctest (Debian: doctest-dev)")
  from=${AFIRE_FIXTURES:-../shared/fixtures}
  if [ -d "$from" ]; then                                  # the small ones first, until 60 MB are full
    mkdir -p gpu_pack/fixtures
    local room=$((55 << 20)) size file
    while read -r size file; do
      [ "$size" -le "$room" ] || { missing+=("$(basename "$file"), which is too large"); continue; }
      cp "$file" gpu_pack/fixtures/ && room=$((room - size))
    done < <(find "$from" -maxdepth 1 -type f -printf '%s %p\n' | sort -n)
  else missing+=("fixtures: no folder $from; AFIRE_FIXTURES names one"); fi
  du -sh gpu_pack
  [ ${#missing[@]} = 0 ] || printf 'missing: %s\n' "${missing[@]}"
}

if [ "${1:-}" = --pack ]; then pack; exit; fi
[ $# = 0 ] || stages=("$@")
nvcc=$(command -v nvcc || ls /usr/local/cuda/bin/nvcc 2>/dev/null) || { echo "./run gpu: there is no nvcc; install NVIDIA's CUDA toolkit"; exit 77; }
toolkit=$(dirname "$(dirname "$(readlink -f "$nvcc")")")
export LD_LIBRARY_PATH="$toolkit/lib64${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" PATH="$toolkit/bin:$PATH"
[ ! -d gpu_pack/fixtures ] || export AFIRE_FIXTURES=$PWD/gpu_pack/fixtures
if ! nvidia-smi >/dev/null 2>&1; then echo "./run gpu: no NVIDIA GPU can be seen here; run it on a machine that has one"; exit 77; fi
mkdir -p gpu_results build/gpu

# program FILE: compiles it for the GPU that is here, once; prints the path.
program() {
  local out
  out=build/gpu/$(basename "$1" .cu)
  if [ ! -x "$out" ] || [ -n "$(find include tests bench "$1" -newer "$out" -print -quit)" ]; then
    "$nvcc" -std=c++20 -O3 -arch=native -Iinclude -I. -Igpu_pack/include "$1" -o "$out" -lcublasLt >&2 || return 1
  fi
  echo "$out"
}
# start PROGRAM ARGS...: here there is a GPU, so that a program which ends as without one has failed.
start() {
  local status=0
  "$@" || status=$?
  [ "$status" != 77 ] || status=1
  return "$status"
}
have_doctest() { echo '#include <doctest/doctest.h>' | g++ -Igpu_pack/include -E -x c++ - >/dev/null 2>&1; }

stage_device() { nvidia-smi --query-gpu=name,driver_version,memory.total,compute_cap --format=csv && "$nvcc" --version | tail -n 2; }
stage_verbs() {
  have_doctest || { echo "skipped: no doctest; ./run gpu --pack puts it into gpu_pack/"; return 77; }
  local p file
  for file in every_verb attention; do p=$(program "tests/cuda/$file.cu") && start "$p" || return; done
}
stage_training() { local p && p=$(program tests/cuda/training.cu) && start "$p"; }
stage_example() { local p && p=$(program examples/cuda/afire.cu) && rm -rf build/gpu/run && start "$p" build/gpu/run 512 100; }
stage_step() {
  local p model && p=$(program bench/gpu/step.cu) || return
  for model in base small tiny "base graphs" "tiny graphs"; do start "$p" $model 64 128 256 512 | tee -a gpu_results/step.json || return; done
}
stage_kernels() { local p && p=$(program bench/gpu/kernels.cu) && start "$p" | tee gpu_results/kernels.json; }
sanitize() {
  command -v compute-sanitizer >/dev/null || { echo "skipped: no compute-sanitizer"; return 77; }
  have_doctest || { echo "skipped: no doctest; ./run gpu --pack puts it into gpu_pack/"; return 77; }
  local p file
  for file in every_verb attention; do
    p=$(program "tests/cuda/$file.cu") && start compute-sanitizer --tool "$1" --error-exitcode 1 "$p" || return
  done
}
stage_memcheck() { sanitize memcheck; }
stage_racecheck() { sanitize racecheck; }

rm -f gpu_results/step.json
failed=0 summary=
for stage in "${stages[@]}"; do
  declare -F "stage_$stage" >/dev/null || { echo "./run gpu: there is no stage '$stage'; there are: device verbs training step kernels example memcheck racecheck"; exit 2; }
  printf '\n== %s\n' "$stage"
  begun=$SECONDS status=0
  export -f "stage_$stage" program start sanitize have_doctest
  nvcc=$nvcc timeout 600 bash -c "set -o pipefail; stage_$stage" 2>&1 | tee "gpu_results/$stage.txt" || status=${PIPESTATUS[0]}
  case $status in 0) word=passed ;; 77) word=skipped ;; 124) word="failed: not done after ten minutes" ;; *) word="failed ($status)" ;; esac
  [ "$word" = passed ] || [ "$word" = skipped ] || failed=1
  summary+="$stage: $word, $((SECONDS - begun)) s"$'\n'
done
printf '\n%s' "$summary" | tee gpu_results/summary.txt
exit $failed
