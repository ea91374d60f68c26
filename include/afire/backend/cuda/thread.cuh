// afire/backend/cuda/thread.cuh -- the thread that a kernel's body is called with (tile.cuh says what it can do), and the launch
//
//   run_body(gpu, body, blocks);                  // body(t) by the 128 threads of every block, with body.shared_bytes of shared memory
#pragma once
#include <afire/backend/cuda/launch.cuh>
#include <afire/backend/cuda/tile.cuh>

namespace afire {

template <class T>
struct CudaShared {
  T* data;
  template <class V>
  __device__ V read(int i) const { return *reinterpret_cast<V const*>(data + i); }
  template <class V>
  __device__ void write(int i, V const& v) const { *reinterpret_cast<V*>(data + i) = v; }
};

struct CudaThread {
  __device__ int index() const { return static_cast<int>(threadIdx.x); }
  __device__ int block() const { return static_cast<int>(blockIdx.x); }
  __device__ void sync() const { __syncthreads(); }
  __device__ void sync_warp() const { __syncwarp(); }
  __device__ float swap(float x, int mask) const { return __shfl_xor_sync(~0u, x, mask); }
  __device__ float exp2(float x) const {
    float y;
    asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
    return y;
  }

  template <class T>
  __device__ CudaShared<T> shared(int byte, int) const {
    extern __shared__ uint4 memory[];      // 16 bytes each: so it is aligned
    return {reinterpret_cast<T*>(reinterpret_cast<unsigned char*>(memory) + byte)};
  }
  template <class V, class T>
  __device__ V load(View<T, 2> x, Index i, Index j) const { return *reinterpret_cast<V const*>(&x(i, j)); }
  template <class V, class T>
  __device__ void store(View<T, 2> x, Index i, Index j, V const& v) const { *reinterpret_cast<V*>(&x(i, j)) = v; }

  template <bool turned>
  __device__ Quad load_matrices(CudaShared<bf16> x, int i) const {
    auto const at = static_cast<unsigned>(__cvta_generic_to_shared(x.data + i));
    Quad r;
    if constexpr (turned)
      asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
                   : "=r"(r.x[0]), "=r"(r.x[1]), "=r"(r.x[2]), "=r"(r.x[3])
                   : "r"(at)
                   : "memory");
    else
      asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                   : "=r"(r.x[0]), "=r"(r.x[1]), "=r"(r.x[2]), "=r"(r.x[3])
                   : "r"(at)
                   : "memory");
    return r;
  }
  __device__ void multiply(float (&c)[4], Quad const& a, std::uint32_t b0, std::uint32_t b1) const {
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
                 : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
                 : "r"(a.x[0]), "r"(a.x[1]), "r"(a.x[2]), "r"(a.x[3]), "r"(b0), "r"(b1));
  }
};

template <class Body>
__global__ void __launch_bounds__(tile_threads) cuda_body(Body body, Index) { body(CudaThread{}); }

template <class B, class Body>
void run_body(B& be, Body body, Index blocks) {
  static_assert(Body::shared_bytes <= 48 * 1024, "afire: more shared memory than every device gives");
  if (blocks == 0) return;
  cuda_call(be, cuda_body<Body>, blocks, tile_threads, Body::shared_bytes, body, blocks);
}

}  // namespace afire
