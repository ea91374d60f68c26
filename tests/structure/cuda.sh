#!/usr/bin/env bash
# cuda.sh FILE: nvcc compiles the file for a GPU without a warning. A file with a main is linked and started too: without a GPU it says so in
# one sentence and ends with 77; that it says anything else, or ends otherwise, is a failure.
source "$(dirname "$0")/lib.sh"
nvcc=$(command -v nvcc || ls /usr/local/cuda/bin/nvcc 2>/dev/null) || skip "no nvcc"
flags=(-std=c++20 "-arch=${AFIRE_CUDA_ARCH:-sm_80}" -Werror all-warnings "-I$root/include" "-I$root")
libraries=(-lcublasLt)
if grep -q 'afire/dist/nccl.cuh' "$1"; then
  "$nvcc" -E -x cu - <<<'#include <nccl.h>' >/dev/null 2>&1 || skip "no NCCL"
  libraries+=(-lnccl)
fi
if ! grep -qE '^int main\(|on_device[.]hpp' "$1"; then
  "$nvcc" "${flags[@]}" -c -o /dev/null "$1" || fail "$1 with nvcc"
  exit 0
fi
temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
"$nvcc" "${flags[@]}" "$1" -o "$temporary/program" "${libraries[@]}" || fail "$1 with nvcc"
library=$(dirname "$(readlink -f "$nvcc")")/../lib64
status=0
LD_LIBRARY_PATH="$library${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" "$temporary/program" >"$temporary/words" 2>&1 || status=$?
cat "$temporary/words"
[ "$status" != 0 ] || exit 0
[ "$status" = 77 ] || fail "$1 ends with $status"
[ "$(wc -l <"$temporary/words")" = 1 ] && grep -q '^cuda: .*GPU' "$temporary/words" || fail "$1 does not say in one sentence that there is no GPU"
echo "skipped: no GPU, only compiled and linked"
