// afire/backend/cuda.hpp -- everything on an NVIDIA GPU: products by cuBLASLt, rows and elements by the functors that the CPU runs too
//
//   Cuda gpu;                               // device 0;  Cuda{.device = 1}
//   gemm(gpu, a, b, c);                     // float (never TF32), bf16 with sums in float, double
//
// A file that includes this is compiled by nvcc (.cu). Memory is the device's: parameters, activations and moments live there, films and
// what a step reports are copied. Nothing adds in an order that may change, so a run repeats itself bit by bit on the same kind of device.
#pragma once
#ifndef __CUDACC__
#error "afire: compile this file with nvcc (rename it to .cu or set its LANGUAGE to CUDA)"
#endif
#include <cublasLt.h>

#include <afire/backend/cuda/attention.cuh>
#include <afire/backend/cuda/check.cuh>
#include <afire/backend/cuda/column_sum.cuh>
#include <afire/backend/cuda/device.cuh>
#include <afire/backend/cuda/directions.cuh>
#include <afire/backend/cuda/gemm.cuh>
#include <afire/backend/cuda/launch.cuh>
#include <afire/backend/cuda/norm.cuh>
#include <afire/backend/cuda/packs.cuh>

namespace afire {

// compact and group (op/select.hpp) by Thrust: written in backend/cuda/select.cuh, which a file that selects includes too.
template <class B, class F>
Index compact(cuda_tag, B& be, Index n, F keeps, View<Index, 1> at);
template <class B>
void group(cuda_tag, B& be, View<const Index, 1> label, View<Index, 1> order, View<Index, 1> begin);

}  // namespace afire
