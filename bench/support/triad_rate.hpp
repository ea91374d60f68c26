// bench/support/triad_rate.hpp -- bytes a second of a = b + 3 c on arrays too large for any cache: what memory gives at best
#pragma once
#include <algorithm>

#include <afire/backend/reference.hpp>
#include <bench/support/gemm_rate.hpp>

namespace afire::bench {

struct Triad {
  View<const float, 1> b, c;
  View<float, 1> a;
  void operator()(Index i) const { a(i) = b(i) + 3.0f * c(i); }
};

inline double triad_rate() {
  Reference be;
  Index const n = Index{1} << 26;                          // 3 x 256 MiB
  Tensor<float, 1> a(n), b(n), c(n);
  double best = 1e9;
  for (int i = 0; i < 5; ++i) {
    double const before = seconds();
    for_each(be, n, Triad{b, c, a});
    best = std::min(best, seconds() - before);
  }
  return 12.0 * static_cast<double>(n) / best;
}

}  // namespace afire::bench
