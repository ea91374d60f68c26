// The backend Cuda as nvcc reads it: products of every type in every layout, memory and sums. (Nothing is run.)
#include <afire/backend/cuda.hpp>
#include <afire/core/concepts.hpp>
#include <afire/op/sum.hpp>

using namespace afire;

static_assert(explain_backend<Cuda>());
static_assert(!shares_host_memory<Cuda>());

template <class T>
double every_product(Cuda& gpu) {
  using S = Accum<T>;
  auto const x = allocate<T>(gpu, 4096), y = allocate<T>(gpu, 4096);
  auto const z = allocate<S>(gpu, 4096);
  View<const T, 2> const a(x.data(), 64, 64);
  View<const T, 3> const tokens(x.data(), 4, 16, 64);
  gemm(gpu, matrix(a), transposed(matrix(a)), matrix(View<T, 2>(y.data(), 64, 64)), GemmOf<T>{.bias = z.view().slice(0, 64)});
  gemm(gpu, transposed(matrix(a)), matrix(a), matrix(View<S, 2>(z.data(), 64, 64)), GemmOf<T>{.add = true});
  gemm(gpu, matrices_by_token(tokens), transposed(matrices_by_token(tokens)), matrices(View<S, 3>(z.data(), 16, 4, 4)));
  return sum_of(gpu, z.view());
}
template double every_product<float>(Cuda&);
template double every_product<double>(Cuda&);
template double every_product<bf16>(Cuda&);
