#!/usr/bin/env bash
# gpu.sh [--pack | STAGES...]: what only a machine with an NVIDIA GPU can show, in stages, the most valuable first (./run gpu).
#
# It needs nvcc and cuBLASLt, and of the checkout nothing that git ignores but gpu_pack/, into which --pack puts the headers of doctest and
# CLI11 and the fixtures of AFIRE_FIXTURES on a machine that has them. Each stage has ten minutes; its words and JSON go to gpu_results/,
# and the last lines say how each ended: passed, failed (with its code), skipped (what is missing). AFIRE_PYTHON: a python with PyTorch.
set -uo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.."
stages=(device verbs fixtures training ranks step kernels evaluation peer program example memcheck racecheck)
all=${stages[*]}

pack() {
  rm -rf gpu_pack && mkdir -p gpu_pack/include/doctest
  local from missing=()
  for from in /usr/local/include /usr/include; do
    [ ! -f $from/doctest/doctest.h ] || cp $from/doctest/doctest.h gpu_pack/include/doctest/
    [ ! -f $from/CLI/CLI.hpp ] || cp -r $from/CLI gpu_pack/include/
  done
  [ -f gpu_pack/include/doctest/doctest.h ] || missing+=("doctest (Debian: doctest-dev)")
  [ -f gpu_pack/include/CLI/CLI.hpp ] || missing+=("CLI11 (Debian: libcli11-dev)")
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
export nvcc toolkit LD_LIBRARY_PATH="$toolkit/lib64${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" PATH="$toolkit/bin:$PATH"
[ ! -d gpu_pack/fixtures ] || export AFIRE_FIXTURES=$PWD/gpu_pack/fixtures
if ! nvidia-smi >/dev/null 2>&1; then echo "./run gpu: no NVIDIA GPU can be seen here; run it on a machine that has one"; exit 77; fi
mkdir -p gpu_results build/gpu

has_nccl() { [ -f "$toolkit/include/nccl.h" ] || have_header nccl.h; }

# program FILE: compiles it for the GPU that is here, once; prints the path.
program() {
  local out libraries=(-lcublasLt)
  out=build/gpu/$(basename "$1" .cu)
  ! grep -q 'afire/dist/nccl.cuh' "$1" || libraries+=(-lnccl)
  if [ ! -x "$out" ] || [ -n "$(find include tests bench "$1" -newer "$out" -print -quit)" ]; then
    "$nvcc" -std=c++20 -O3 -arch=native -Iinclude -I. -Igpu_pack/include "$1" -o "$out" "${libraries[@]}" >&2 || return 1
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
have_header() { g++ -std=c++17 -Igpu_pack/include -E -x c++ - <<<"#include <$1>" >/dev/null 2>&1; }
with_doctest() {
  have_header doctest/doctest.h || { echo "skipped: no doctest; ./run gpu --pack puts it into gpu_pack/"; return 77; }
}

# A file of the afire program into build/gpu/cli, where it is younger than what was compiled of it, or anything it may include is.
compile() {
  local out nccl=
  ! has_nccl || nccl=-DAFIRE_HAVE_NCCL
  out=build/gpu/cli/$(echo "$1" | tr / _).o
  [ ! -f "$out" ] || [ -n "$(find include bench/support examples/cli -newer "$out" -print -quit)" ] || return 0
  case $1 in
    *.cu) "$nvcc" -std=c++20 -O3 -arch=native -Xcompiler=-fopenmp $nccl -Iinclude -I. -c "$1" -o "$out" ;;
    *) g++ -std=c++20 -O2 -fopenmp -Iinclude -I. -Igpu_pack/include -c "$1" -o "$out" ;;
  esac || { rm -f "$out"; return 1; }
}
# The afire program with its GPU half, without CMake and what Debian would bring.
afire_program() {
  mkdir -p build/gpu/cli
  printf '%s\n' examples/cli/*.cpp examples/cli/cuda/*.cu | grep -v without_cuda |
    xargs -P "$(nproc)" -I{} bash -c 'compile {}' || return 1
  local nccl=
  ! has_nccl || nccl=-lnccl
  "$nvcc" build/gpu/cli/*.o -o build/gpu/afire -Xcompiler=-fopenmp -lcublasLt $nccl -lpthread
}

stage_device() { nvidia-smi --query-gpu=name,driver_version,memory.total,compute_cap --format=csv && "$nvcc" --version | tail -n 2; }
stage_verbs() {
  with_doctest || return
  local p file
  for file in every_verb attention lesions; do p=$(program "tests/cuda/$file.cu") && start "$p" || return; done
}
stage_fixtures() {
  with_doctest || return
  [ -d "${AFIRE_FIXTURES:-../shared/fixtures}" ] || { echo "skipped: no fixtures; ./run gpu --pack puts them into gpu_pack/"; return 77; }
  local p && p=$(program tests/cuda/fixtures.cu) && start "$p"
}
stage_training() { local p && p=$(program tests/cuda/training.cu) && start "$p"; }
# One rank with NCCL, and as many as there are GPUs.
stage_ranks() {
  has_nccl || { echo "skipped: no nccl.h (Debian: libnccl-dev)"; return 77; }
  local p && p=$(program tests/cuda/ranks.cu) && start "$p"
}
stage_example() { local p && p=$(program examples/cuda/afire.cu) && rm -rf build/gpu/run && start "$p" build/gpu/run 512 100; }
stage_step() {
  local p model && p=$(program bench/gpu/step.cu) || return
  for model in base small tiny "base graphs" "tiny graphs"; do start "$p" $model 64 128 256 512 | tee -a gpu_results/step.json || return; done
}
stage_kernels() { local p && p=$(program bench/gpu/kernels.cu) && start "$p" | tee gpu_results/kernels.json; }
# Neighbours, clusters and probes: those of the host, then how long both take.
stage_evaluation() {
  local p
  p=$(program tests/cuda/select.cu) && start "$p" && p=$(program bench/gpu/evaluation.cu) && start "$p" | tee gpu_results/evaluation.json
}
# The same step in PyTorch, eager and compiled, beside ours: films a second and memory.
stage_peer() {
  local python=${AFIRE_PYTHON:-python3} p arch mode
  "$python" -c 'import torch; assert torch.cuda.is_available()' 2>/dev/null ||
    { echo "skipped: no PyTorch with CUDA; AFIRE_PYTHON names a python that has it"; return 77; }
  p=$(program bench/gpu/step.cu) || return
  rm -f gpu_results/peer.json gpu_results/ours.json
  for arch in base small; do
    start "$p" $arch 256 | tee -a gpu_results/ours.json || return
    for mode in "" --compile; do
      "$python" bench/peer/afire_torch.py --device cuda --arch $arch --dtype bf16 --batch 256 --warmup 5 --steps 20 $mode |
        tee -a gpu_results/peer.json || return
    done
  done
  "$python" - <<'PY'
import json
ours = {o["model"]: o for o in map(json.loads, open("gpu_results/ours.json"))}
for peer in map(json.loads, open("gpu_results/peer.json")):
    our = ours[peer["arch"]]
    if "error" in our:
        print(our["error"])
        continue
    print(f'{peer["arch"]}, {"compiled" if peer["compile"] else "eager"}: films/s {our["images_per_second"] / peer["images_per_s"]:.2f} of PyTorch\'s, '
          f'memory {our["memory_mib"] / peer["peak_mib"]:.2f} of its')
PY
}
# The afire program: what it says of the device, the fixtures through it, runs in turn on CPU and GPU (tests/cli/backends.sh).
stage_program() {
  have_header CLI/CLI.hpp || { echo "skipped: no CLI11; ./run gpu --pack puts it into gpu_pack/"; return 77; }
  afire_program && build/gpu/afire doctor --json | tee gpu_results/doctor.json && bash tests/cli/backends.sh "$PWD/build/gpu/afire" || return
  local file fixtures=${AFIRE_FIXTURES:-../shared/fixtures} dtype
  for file in "$fixtures"/afire_step_*.safetensors; do
    [ -f "$file" ] || continue
    for dtype in f32 bf16; do build/gpu/afire verify "$file" --backend cuda --dtype $dtype | tail -n 1 || return; done
  done
}
sanitize() {
  command -v compute-sanitizer >/dev/null || { echo "skipped: no compute-sanitizer"; return 77; }
  with_doctest || return
  local p file
  for file in every_verb attention lesions; do
    p=$(program "tests/cuda/$file.cu") && start compute-sanitizer --tool "$1" --error-exitcode 1 "$p" || return
  done
  p=$(program tests/cuda/fixtures.cu) && start compute-sanitizer --tool "$1" --error-exitcode 1 "$p" --test-case='*one step of AFiRe*'
}
stage_memcheck() { sanitize memcheck; }
stage_racecheck() { sanitize racecheck; }

rm -f gpu_results/step.json
failed=0 summary=
for stage in "${stages[@]}"; do
  declare -F "stage_$stage" >/dev/null || { echo "./run gpu: there is no stage '$stage'; there are: $all"; exit 2; }
  printf '\n== %s\n' "$stage"
  begun=$SECONDS status=0
  export -f "stage_$stage" program start sanitize have_header has_nccl with_doctest compile afire_program
  timeout 600 bash -c "set -o pipefail; stage_$stage" 2>&1 | tee "gpu_results/$stage.txt" || status=${PIPESTATUS[0]}
  case $status in 0) word=passed ;; 77) word=skipped ;; 124) word="failed: not done after ten minutes" ;; *) word="failed ($status)" ;; esac
  [ "$word" = passed ] || [ "$word" = skipped ] || failed=1
  summary+="$stage: $word, $((SECONDS - begun)) s"$'\n'
done
printf '\n%s' "$summary" | tee gpu_results/summary.txt
exit $failed
