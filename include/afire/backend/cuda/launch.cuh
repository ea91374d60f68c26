// afire/backend/cuda/launch.cuh -- loops on a GPU: a thread an element, a warp or a block a row, sums in fixed chunks
//
//   for_each(gpu, n, f)         f(i) by thread i
//   for_each_row(gpu, n, f)     f(lane, i): 32 threads a row; 256 where there are so few rows that the device would idle, or where F says
//                               that its rows are long (static constexpr bool long_rows), of which a few warps would be left over
//   reduce(gpu, n, f)           256 chunks, a block each, joined pairwise on the host as on the CPU; no atomics
//
// f is a named functor whose operator() is AFIRE_HD; it is passed by value, so at most 4 KiB. Results depend on sizes only.
#pragma once
#include <afire/backend/chunk_sum.hpp>
#include <afire/backend/cuda/device.cuh>
#include <afire/backend/team_lane.hpp>

namespace afire {

struct CudaWarp {
  static constexpr Index size = 32;
  __device__ Index index() const { return threadIdx.x % 32; }
  template <class S>
  __device__ S swap(S x, int mask) const { return __shfl_xor_sync(~0u, x, mask); }
  __device__ void sync() const { __syncwarp(); }
};

struct CudaBlock {
  static constexpr Index size = 256;
  __device__ Index index() const { return threadIdx.x; }
  template <class S>
  __device__ S swap(S x, int mask) const { return __shfl_xor_sync(~0u, x, mask); }
  __device__ void sync() const { __syncthreads(); }
  template <class S>
  __device__ S* room() const {
    __shared__ alignas(16) unsigned char part[size / 32 * 16];
    static_assert(sizeof(S) <= 16);
    return reinterpret_cast<S*>(part);
  }
};

inline constexpr unsigned threads_of_a_block = 256;
inline constexpr Index rows_that_fill = 2048;          // warps: from here on a warp a row keeps a large device busy

template <class F>
__global__ void __launch_bounds__(threads_of_a_block) cuda_elements(F f, Index n) {
  Index const i = static_cast<Index>(blockIdx.x) * threads_of_a_block + threadIdx.x;
  if (i < n) f(i);
}

template <class F>
__global__ void __launch_bounds__(threads_of_a_block) cuda_warp_rows(F f, Index n) {
  Index const row = static_cast<Index>(blockIdx.x) * (threads_of_a_block / 32) + threadIdx.x / 32;
  if (row < n) f(TeamLane<CudaWarp>{}, row);
}

template <class F>
__global__ void __launch_bounds__(threads_of_a_block) cuda_block_rows(F f, Index) {
  f(TeamLane<CudaBlock>{}, static_cast<Index>(blockIdx.x));
}

inline Index cuda_blocks(Index n, Index a_block) { return (n + a_block - 1) / a_block; }

template <class B, class F>
void for_each(cuda_tag, B& be, Index n, F f) {
  if (n == 0) return;
  cuda_call(be, cuda_elements<F>, cuda_blocks(n, threads_of_a_block), threads_of_a_block, 0, f, n);
}

// A warp a row, or a block a row, whatever their number.
template <class B, class F>
void for_each_warp(B& be, Index n, F f) {
  if (n == 0) return;
  cuda_call(be, cuda_warp_rows<F>, cuda_blocks(n, threads_of_a_block / 32), threads_of_a_block, 0, f, n);
}
template <class B, class F>
void for_each_block(B& be, Index n, F f) {
  if (n == 0) return;
  cuda_call(be, cuda_block_rows<F>, n, threads_of_a_block, 0, f, n);
}

template <class B, class F>
void for_each_row(cuda_tag, B& be, Index n, F f) {
  if constexpr (requires { F::long_rows; }) for_each_block(be, n, f);
  else if (n < rows_that_fill) for_each_block(be, n, f);
  else for_each_warp(be, n, f);
}

template <class B, class F>
auto reduce(cuda_tag tag, B& be, Index n, F f) {
  using S = std::remove_cvref_t<decltype(f(Index{}))>;
  using Sum = ChunkSum<F, S>;
  static_assert(Sum::chunks * static_cast<Index>(sizeof(S)) <= CudaDevice::partial_bytes);
  S* const part = be.on->template partial_host<S>();
  for_each_row(tag, be, Sum::chunks, Sum{f, n, be.on->template partial<S>()});
  download_bytes(tag, be, be.on->template partial<S>(), part, Sum::chunks * static_cast<Index>(sizeof(S)));
  return Sum::joined(part);
}

}  // namespace afire
