// Both types in one file, so that nvcc reads the headers once.
#include <afire/backend/cuda.hpp>
#include <afire/backend/cuda/select.cuh>
#include <examples/cli/gpu.hpp>
#include <examples/cli/train.hpp>

namespace afire::cli {
std::vector<Composition> cuda_compositions() { return {composition<Cuda, bf16>("cuda", "bf16"), composition<Cuda, float>("cuda", "f32")}; }
}  // namespace afire::cli
