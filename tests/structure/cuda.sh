#!/usr/bin/env bash
# cuda.sh FILE: nvcc compiles the file for a GPU without a warning. Nothing runs.
source "$(dirname "$0")/lib.sh"
nvcc=$(command -v nvcc || ls /usr/local/cuda/bin/nvcc 2>/dev/null) || skip "no nvcc"
"$nvcc" -std=c++20 -arch=sm_80 -Werror all-warnings "-I$root/include" -c -o /dev/null "$1" || fail "$1 with nvcc"
