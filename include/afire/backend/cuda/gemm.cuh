// afire/backend/cuda/gemm.cuh -- the verb gemm on a GPU: cuBLASLt, with the bias in the same pass where it can take it
//
//   c (M, N) = alpha a (M, K) b (K, N) (+ bias) or c += ..., for each matrix of the batch
//
// A bf16 product takes its bias rounded to bf16 (the sum itself is in float, and rounded once). Where cuBLASLt takes no bias at all, it
// is put into c first and the product added to it.
#pragma once
#include <afire/backend/cuda/launch.cuh>

namespace afire {

template <class S, class U>
struct PlaceBias {                         // c = bias, or c += bias, on every row
  Matrices<U> c;                           // (batch, M, N)
  View<const S, 1> bias;                   // (N)
  bool add;
  AFIRE_HD void operator()(Index n) const {
    Index const j = n % c.cols, i = n / c.cols % c.rows, m = n / (c.cols * c.rows);
    U& out = c.data[m * c.batch_stride + i * c.row_stride + j * c.col_stride];
    out = U(add ? wide(out) + bias(j) : bias(j));
  }
};

// A product with where its numbers lie, for the graph of a step; all of it must be the same where it is replayed.
template <class S>
struct CudaProductCall {
  CudaProduct* product;
  CudaDevice* device;
  void const *a, *b, *bias;
  void* c;
  S alpha, beta;
  static void act(CudaGraphs& machine, void const* bytes, CudaGraphs::Graph*, CudaGraphs::Node*) {
    CudaProductCall const k = *static_cast<CudaProductCall const*>(bytes);
    k.product->run(k.device->cublas(), k.alpha, k.a, k.b, k.beta, k.c, k.bias, k.device->workspace(), machine.stream);
  }
};

// Whether cuBLASLt did it.
template <class B, class T, class U>
bool multiply(B& be, Matrices<const T> a, Matrices<const T> b, Matrices<U> c, GemmOf<T> const& how) {
  using S = Accum<T>;
  CudaDevice& device = *be.on;
  CudaProductKey const key{c.batch, c.rows, a.cols, c.cols, CudaLayout::of(a), CudaLayout::of(b), CudaLayout::of(c),
                           cuda_type<T>(), cuda_type<U>(), static_cast<bool>(how.bias)};
  void const* bias = how.bias.data;
  if constexpr (!std::is_same_v<U, S>) {
    if (how.bias) {
      View<U, 1> const rounded = device.template bias<U>(c.cols);
      copy(be, how.bias, rounded);
      bias = rounded.data;
    }
  }
  CudaProduct* const product = device.products().find(device.cublas(), key, bias, CudaDevice::workspace_bytes);
  if (!product) return false;
  CudaProductCall<S> const call{product, &device, a.data, b.data, bias, c.data, static_cast<S>(how.alpha), how.add ? S(1) : S(0)};
  device.call(CudaProductCall<S>::act, call, sizeof call);
  return true;
}

template <class B, class T, class U>
void gemm(cuda_tag tag, B& be, Matrices<const T> a, Matrices<const T> b, Matrices<U> c, GemmOf<T> how) {
  if (c.batch * c.rows * c.cols == 0) return;
  if (CudaLayout::of(c).turned) {          // c lies by columns: the transposed product lies by rows
    if (how.bias) for_each(tag, be, c.batch * c.rows * c.cols, PlaceBias<Accum<T>, U>{c, how.bias, how.add});
    return gemm(tag, be, transposed(b), transposed(a), transposed(c), GemmOf<T>{.alpha = how.alpha, .add = how.add || how.bias});
  }
  if (multiply(be, a, b, c, how)) return;
  if (how.bias) {
    for_each(tag, be, c.batch * c.rows * c.cols, PlaceBias<Accum<T>, U>{c, how.bias, how.add});
    if (multiply(be, a, b, c, GemmOf<T>{.alpha = how.alpha, .add = true})) return;
  }
  throw error(text("cuda: cuBLASLt knows no way to multiply (", c.batch, ", ", c.rows, ", ", a.cols, ") by (", a.cols, ", ", c.cols,
                   ") in ", type_name<T>(), " and ", type_name<U>()));
}

}  // namespace afire
