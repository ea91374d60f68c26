#include <afire/backend/cuda/check.cuh>
#ifdef AFIRE_HAVE_NCCL
#include <nccl.h>
#endif
#include <examples/cli/gpu.hpp>

namespace afire::cli {
namespace {

// Only asked whether the program holds it for a device.
__global__ void any_kernel() {}

// The sentence of what failed; empty: nothing.
template <class Work>
std::string fault_of(Work work) {
  try {
    work();
  } catch (error const& e) { return e.what(); }
  return {};
}

}  // namespace

Gpu about_gpu(Index number) {
  Gpu gpu;
  int const device = static_cast<int>(number);
  gpu.fault = fault_of([&] {
    cudaDeviceProp facts{};
    check_cuda(cudaGetDeviceProperties(&facts, device), "asking a device for its name");
    gpu.name = facts.name, gpu.capability = text(facts.major, ".", facts.minor);
    gpu.memory_mib = static_cast<Index>(facts.totalGlobalMem >> 20);
    check_cuda(cudaSetDevice(device), "choosing the device");
    std::size_t free = 0, all = 0;
    check_cuda(cudaMemGetInfo(&free, &all), "asking how much memory is free");
    gpu.free_mib = static_cast<Index>(free >> 20);
    cudaFuncAttributes kernel{};
    check_cuda(cudaFuncGetAttributes(&kernel, any_kernel), "looking for the program's code");
  });
  cudaGetLastError();                      // the error is told, not kept
  return gpu;
}

Gpus look_for_gpus() {
  Gpus found{.cuda = cuda_version(CUDART_VERSION)};
#ifdef AFIRE_HAVE_NCCL
  found.nccl = text(NCCL_MAJOR, ".", NCCL_MINOR, ".", NCCL_PATCH);
#endif
  int driver = 0, devices = 0;
  if (cudaDriverGetVersion(&driver) == cudaSuccess && driver > 0) found.driver = cuda_version(driver);
  found.none = fault_of([&] {
    check_cuda(cudaGetDeviceCount(&devices), "looking for GPUs");
    if (devices == 0) check_cuda(cudaErrorNoDevice, "looking for GPUs");
  });
  if (found.none.empty()) found.count = devices;
  return found;
}

}  // namespace afire::cli
