#!/usr/bin/env bash
# unfused.sh: nvcc, which fuses products and sums where it may, fuses none of a lesion's: its bytes are the CPU's on any device.
source "$(dirname "$0")/lib.sh"
nvcc=$(command -v nvcc || ls /usr/local/cuda/bin/nvcc 2>/dev/null) || skip "no nvcc"
temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
cat >"$temporary/lesions.cu" <<'END'
#include <afire/backend/cuda.hpp>
#include <afire/ssl/lesion_paint.hpp>
template __global__ void afire::cuda_warp_rows(afire::ReadyLesion, afire::Index);
template __global__ void afire::cuda_warp_rows(afire::PaintPatch, afire::Index);
END
"$nvcc" -std=c++20 -O3 "-arch=${AFIRE_CUDA_ARCH:-sm_80}" "-I$root/include" -ptx -o "$temporary/lesions.ptx" "$temporary/lesions.cu" || fail "nvcc"
grep -q 'mul\.rn\.f64' "$temporary/lesions.ptx" || fail "no product that is rounded by itself was found"
# A product without its own rounding may still be fused by ptxas: into a sum that reads it. Those with powers of two are exact either way.
awk '
  /^\t(fma|mad)[.a-z]*\.f(32|64)/ && !/0f45000000/ { print "fused: " $0; bad = 1 }
  /^\tmul\.f(32|64)/ && !/0f45000000|0f3F000000|0d3FE0000000000000/ { gsub(/[,;]/, ""); product[$2] = $0 }
  /^\t(add|sub)\.f(32|64)/ { gsub(/[,;]/, ""); if ($3 in product || $4 in product) { print "may be fused: " product[$3] product[$4] " into " $0; bad = 1 } }
  END { exit bad }' "$temporary/lesions.ptx" || fail "products and sums of lesions are fused"
