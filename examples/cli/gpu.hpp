// examples/cli/gpu.hpp -- the program's NVIDIA GPUs: what is there, and the compositions that run on them
//
//   Gpus const found = look_for_gpus();                   // found.count, or found.none: why there is none, in one sentence
//   Gpu const gpu = gpu_of(settings);                     // that of --device; an error with the sentence where it cannot be used
//
// cuda/*.cu answer in a program that they are linked with (AFIRE_CUDA=ON), without_cuda.cpp in every other.
#pragma once
#include <string>
#include <vector>

#include <examples/cli/composition.hpp>
#include <examples/cli/verify.hpp>

namespace afire::cli {

struct Gpus {
  std::string cuda = {}, driver = {};      // "13.0": what the program was built with, empty: without; what the driver knows
  std::string none = {};                   // where count is 0
  std::string nccl = {};                   // "2.28.9", with which several ranks train; empty: the program was built without
  Index count = 0;
};

struct Gpu {
  std::string name = {};                   // "NVIDIA H200"
  std::string capability = {};             // "9.0"
  Index memory_mib = 0, free_mib = 0;
  std::string fault = {};                  // why this program cannot compute on it; empty: it can
};

Gpus look_for_gpus();
Gpu about_gpu(Index device);               // below Gpus::count
Gpu gpu_of(Settings const& s);
// Where a launcher has started several ranks: waits for the others, and gives each its device. Else nothing.
void join_ranks(Settings& s, bool on_gpu);

std::vector<Composition> cuda_compositions();            // bf16 first
std::vector<Verifier> cuda_verifiers();

// What a program without CUDA says to --backend cuda.
inline constexpr char const* built_without_cuda =
    "this program was built without CUDA; build it where nvcc is with -DAFIRE_CUDA=ON (docs/gpu.md), or take a backend of the CPU";

// What one without NCCL says to several ranks.
inline constexpr char const* built_without_nccl =
    "this program was built without NCCL, so one process can train and no more; build it where nccl.h is (docs/gpu.md)";

}  // namespace afire::cli
