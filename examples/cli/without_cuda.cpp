// A program that none of cuda/*.cu is linked with: the linker takes this file out of the library only then.
#include <examples/cli/gpu.hpp>

namespace afire::cli {

Gpus look_for_gpus() { return {.none = built_without_cuda}; }
Gpu about_gpu(Index) { return {.fault = built_without_cuda}; }
std::vector<Composition> cuda_compositions() { return {}; }
std::vector<Verifier> cuda_verifiers() { return {}; }

}  // namespace afire::cli
