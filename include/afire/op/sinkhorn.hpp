// afire/op/sinkhorn.hpp -- balanced assignment by alternating normalisation, in the log domain (Cuturi, 2013; SwAV; spec 2.7)
//
//   T = exp(x / t + f_k + g_j);   repeat: f_k = -log sum_j exp(x_jk / t + g_j),   g_j = -log sum_k exp(x_jk / t + f_k)
//   x, T: (L, K), L samples, K clusters. Rows of T sum to 1, its columns nearly to L / K.
//
//   sinkhorn(be, x, 0.05, 3, targets, f, g);
//
// Equal to normalising exp(x / t) in place, but neither overflows for large scores nor divides 0 by 0 for small ones.
#pragma once
#include <cmath>

#include <afire/core/backend.hpp>
#include <afire/op/math.hpp>

namespace afire {

template <class S>
struct ClusterBalance {                    // one cluster k, one worker
  static constexpr bool calculates = true; // worth AVX-512 (backend/wide.hpp)
  View<const S, 2> x;                      // (L, K)
  View<const S, 1> g;                      // (L)
  View<S, 1> f;                            // (K), written
  S rate;                                  // 1 / t
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index k) const {
    Index const L = x.rows();
    S const top = lane.max_over(L, [&](Index j) { return x(j, k) * rate + g(j); });
    S const sum = lane.sum_over(L, [&](Index j) { return math::exp(x(j, k) * rate + g(j) - top); });
    lane.once([&] { f(k) = -(top + std::log(sum)); });
  }
};

template <class S>
struct SampleBalance {                     // one sample j, one worker
  static constexpr bool calculates = true; // worth AVX-512 (backend/wide.hpp)
  View<const S, 2> x;                      // (L, K)
  View<const S, 1> f;                      // (K)
  View<S, 1> g;                            // (L), written
  View<S, 2> targets;                      // (L, K), written where given
  S rate;
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index j) const {
    Index const K = x.cols();
    S const top = lane.max_over(K, [&](Index k) { return x(j, k) * rate + f(k); });
    S const sum = lane.sum_over(K, [&](Index k) { return math::exp(x(j, k) * rate + f(k) - top); });
    if (targets) lane.each(K, [&](Index k) { targets(j, k) = math::exp(x(j, k) * rate + f(k) - top) / sum; });
    lane.once([&] { g(j) = -(top + std::log(sum)); });
  }
};

template <class B, class S>
void sinkhorn(B& be, std::type_identity_t<View<const S, 2>> x,          // (L, K)
              double temperature, int iterations,
              View<S, 2> targets,                                       // (L, K), written
              View<S, 1> f,                                             // (K) scratch
              View<S, 1> g) {                                           // (L) scratch
  expects_positive("sinkhorn: the temperature", temperature);
  S const rate = static_cast<S>(1 / temperature);
  fill(be, g, 0);
  fill(be, f, 0);
  for (int i = 0; i < iterations; ++i) {
    for_each_row(be, x.cols(), ClusterBalance<S>{x, g, f, rate});
    for_each_row(be, x.rows(), SampleBalance<S>{x, f, g, {}, rate});
  }
  for_each_row(be, x.rows(), SampleBalance<S>{x, f, g, targets, rate});
}

}  // namespace afire
