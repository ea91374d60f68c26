// Both types in one file, so that nvcc reads the headers once.
#include <afire/backend/cuda.hpp>
#include <afire/backend/cuda/select.cuh>
#ifdef AFIRE_HAVE_NCCL
#include <afire/dist/nccl.cuh>
#endif
#include <examples/cli/gpu.hpp>
#include <examples/cli/train.hpp>

namespace afire::cli {
#ifdef AFIRE_HAVE_NCCL
using Device = Ranked<Cuda, Nccl>;
#else
using Device = Cuda;
#endif
std::vector<Composition> cuda_compositions() {
  return {composition<Device, bf16>("cuda", "bf16"), composition<Device, float>("cuda", "f32")};
}
}  // namespace afire::cli
