// bench/support/gemm_rate.hpp -- the rate of the product that a ViT spends most time in, measured just before what is compared with it
//
//   double flops_per_second = gemm_rate<bf16>(be, 1576, 1536, 384);
#pragma once
#include <chrono>

#include <afire/core/backend.hpp>

namespace afire::bench {

inline double seconds() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

// y (M, N) = x (M, K) w (N, K)^T, the best of at least twenty repeats, which take at least 0.2 s.
template <class T, class B>
double gemm_rate(B& be, Index M, Index N, Index K) {
  auto x = allocate<T>(be, M * K), w = allocate<T>(be, N * K), y = allocate<T>(be, M * N);
  fill(be, x.view(), T(0.5f));
  fill(be, w.view(), T(0.25f));
  View<const T, 2> const inputs(x.data(), M, K), weights(w.data(), N, K);
  auto const product = [&] {
    gemm(be, matrix(inputs), transposed(matrix(weights)), matrix(View<T, 2>(y.data(), M, N)));
    T one;
    download(be, y.view().slice(0, 1), &one);            // waits, where work is only asked for
  };
  product();
  double best = 1e9;
  double const begin = seconds();
  for (int n = 0; n < 20 || seconds() - begin < 0.2; ++n) {
    double const before = seconds();
    product();
    best = std::min(best, seconds() - before);
  }
  return 2.0 * static_cast<double>(M) * static_cast<double>(N) * static_cast<double>(K) / best;
}

}  // namespace afire::bench
