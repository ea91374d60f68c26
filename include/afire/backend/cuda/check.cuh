// afire/backend/cuda/check.cuh -- every CUDA and cuBLASLt call is checked; what failed becomes one sentence
//
//   check_cuda(cudaMemcpyAsync(...), "copying films to the device");
//   check_cublas(cublasLtMatmul(...), "a product");
#pragma once
#ifndef __CUDACC__
#error "afire: compile this file with nvcc (rename it to .cu or set its LANGUAGE to CUDA)"
#endif
#include <cublasLt.h>
#include <cuda_runtime.h>

#include <afire/core/error.hpp>

namespace afire {

// "13.0" of CUDA's 13000.
inline std::string cuda_version(int number) { return text(number / 1000, ".", number % 1000 / 10); }

[[noreturn, gnu::cold, gnu::noinline]] inline void cuda_failed(cudaError_t code, char const* doing) {
  int driver = 0, device = 0, major = 0, minor = 0;
  switch (code) {
    case cudaErrorNoDevice: throw error("cuda: no NVIDIA GPU can be seen; run where there is one, or with another backend");
    case cudaErrorInsufficientDriver:
      cudaDriverGetVersion(&driver);
      if (driver == 0) throw error("cuda: there is no NVIDIA driver, so no GPU; run where there is one, or with another backend");
      throw error(text("cuda: the driver knows CUDA ", cuda_version(driver), ", this program was compiled for ",
                       cuda_version(CUDART_VERSION), "; install a newer driver"));
    case cudaErrorNoKernelImageForDevice:
    case cudaErrorUnsupportedPtxVersion:
      cudaGetDevice(&device);
      cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, device);
      cudaDeviceGetAttribute(&minor, cudaDevAttrComputeCapabilityMinor, device);
      throw error(text("cuda: this program holds no code for device ", device, " (compute capability ", major, ".", minor,
                       "); compile it with -arch=sm_", major, minor, " or CMake's CMAKE_CUDA_ARCHITECTURES=", major, minor));
    default: throw error(text("cuda: ", doing, ": ", cudaGetErrorString(code)));
  }
}

inline void check_cuda(cudaError_t code, char const* doing) {
  if (code != cudaSuccess) cuda_failed(code, doing);
}

inline void check_cublas(cublasStatus_t code, char const* doing) {
  if (code != CUBLAS_STATUS_SUCCESS) throw error(text("cuda: ", doing, ": ", cublasLtGetStatusString(code)));
}

}  // namespace afire
