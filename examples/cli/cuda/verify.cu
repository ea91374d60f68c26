#include <afire/backend/cuda.hpp>
#include <examples/cli/fixture_trajectory.hpp>
#include <examples/cli/gpu.hpp>

namespace afire::cli {
std::vector<Verifier> cuda_verifiers() { return {verifier<Cuda, float>("cuda", "f32"), verifier<Cuda, bf16>("cuda", "bf16")}; }
}  // namespace afire::cli
