// tests/support/on_device.hpp -- the main of a program that tests the GPU that is there, with the test bodies of the CPU (one .cu file)
//
// Tensors lie in memory that both sides see (operator new below gives it), and every launch is waited for: so a body that hands a Tensor to
// a verb and reads it afterwards is right for a GPU too. BothSides is Cuda with the backend's own memory of that kind, for bodies that look
// into a ParamStore; backends.hpp then has it as its only target. Without a GPU the program says so and ends with 77.
#pragma once
// Functors for both machines are run by the CPU's lane here too, which nvcc takes for calls from the device.
#pragma nv_diag_suppress 20011, 20013, 20014
#include <cstdio>
#include <cstdlib>
#include <new>

#define DOCTEST_CONFIG_IMPLEMENT
#include <afire/backend/cuda.hpp>
#include <doctest/doctest.h>

#define AFIRE_TEST_ON_DEVICE
#ifndef AFIRE_SOURCE_DIR
#define AFIRE_SOURCE_DIR "."               // it is started in the checkout
#endif

namespace afire_test {

struct both_sides_tag : afire::cuda_tag {};
struct BothSides : afire::Cuda {
  using tag = both_sides_tag;
};
template <class B>
afire::Memory allocate_bytes(both_sides_tag, B& be, afire::Index bytes) {
  void* p = nullptr;
  auto const size = static_cast<std::size_t>(bytes > 0 ? bytes : 1);
  afire::check_cuda(cudaMallocManaged(&p, size), "allocating memory of both sides");
  afire::check_cuda(cudaMemsetAsync(p, 0, size, be.on->stream()), "clearing memory of both sides");
  be.on->wait();
  return {p, afire::free_cuda};
}

}  // namespace afire_test

void* operator new(std::size_t bytes, std::align_val_t, std::nothrow_t const&) noexcept {
  void* p = nullptr;
  return cudaMallocManaged(&p, bytes) == cudaSuccess ? p : nullptr;
}
void operator delete(void* p, std::align_val_t) noexcept { cudaFree(p); }

int main(int count, char** words) {
  setenv("CUDA_LAUNCH_BLOCKING", "1", 1);
  try {
    afire::Cuda const gpu;
    std::printf("%s\n", afire::device_name(gpu).c_str());
  } catch (afire::error const& e) {
    std::printf("%s\n", e.what());
    return 77;
  }
  doctest::Context context(count, words);
  return context.run();
}
