// afire/op/label_loss.hpp -- losses of a classifier's logits: one class a row, or any number of findings a row
//
//   one class:    loss = mean_n - sum_k T(n, k) log softmax_k(z(n, :)),     T = (1 - e) [k = label(n)] + e / K
//   findings:     l(n, c) = (1 - y) log(1 + exp(z)) + p(c) y log(1 + exp(-z)),    y of 0 ... 1, NaN: unknown, counts for nothing
//                 loss = sum_nc w(c) l(n, c),  w = 1 / known, or 1 / (known(c) classes) so that every finding counts alike
//
//   double loss = hard_cross_entropy(be, logits, labels, 0.1, d_logits, losses);
//   finding_weights(be, labels, PerClass::no, w);     double loss = binary_cross_entropy(be, logits, labels, {}, w, d_logits, losses);
//
// d_logits is written. A gradient where nothing is known is zero, exactly.
#pragma once
#include <cmath>

#include <afire/op/math.hpp>
#include <afire/op/sum.hpp>

namespace afire {

template <class T>
struct HardCrossEntropyRow {               // one row, one worker
  using S = Accum<T>;
  View<const T, 2> z;                      // (N, K)
  View<const int, 1> label;                // (N)
  View<T, 2> dz;                           // (N, K), written; may be the memory of z
  View<S, 1> losses;                       // (N), written
  S smoothing, weight;
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index n) const {
    Index const K = z.cols(), right = label(n);
    S const even = smoothing / static_cast<S>(K);
    S const top = lane.max_over(K, [&](Index k) { return wide(z(n, k)); });
    S const sum = lane.sum_over(K, [&](Index k) { return math::exp(wide(z(n, k)) - top); });
    S const all = lane.sum_over(K, [&](Index k) { return wide(z(n, k)) - top; });
    S const loss = std::log(sum) - (1 - smoothing) * (wide(z(n, right)) - top) - even * all;
    lane.once([&] { losses(n) = loss; });
    lane.each(K, [&](Index k) {
      dz(n, k) = T(weight * (math::exp(wide(z(n, k)) - top) / sum - (k == right ? 1 - smoothing : S(0)) - even));
    });
  }
};

template <class B, class T>
double hard_cross_entropy(B& be, std::type_identity_t<View<const T, 2>> logits,          // (N, K)
                          View<const int, 1> labels,                                     // (N), 0 ... K - 1
                          double smoothing,                                              // e
                          View<T, 2> d_logits,                                           // (N, K), written
                          View<Accum<T>, 1> losses) {                                    // (N), written
  using S = Accum<T>;
  Index const N = logits.rows();
  for_each_row(be, N, HardCrossEntropyRow<T>{logits, labels, d_logits, losses, static_cast<S>(smoothing), 1 / static_cast<S>(N)});
  return sum_of(be, losses) / static_cast<double>(N);
}

template <class S>
struct KnownLabels {                       // of a finding; one column, one worker
  View<const S, 2> y;                      // (N, C)
  View<S, 1> known;                        // (C)
  AFIRE_HD void operator()(Index c) const {
    S count = 0;
    for (Index n = 0; n < y.rows(); ++n) count += y(n, c) == y(n, c) ? S(1) : S(0);
    known(c) = count;
  }
};

enum class PerClass { no, yes };           // is the mean over known labels, or over the findings' own means?

template <class S>
struct AnyKnown {                          // for reduce
  View<const S, 1> known;                  // (C)
  AFIRE_HD double operator()(Index c) const { return known(c) > 0 ? 1.0 : 0.0; }
};

template <class S>
struct FindingWeight {                     // known(c) becomes w(c)
  View<S, 1> w;                            // (C)
  S share;
  bool per_class;
  AFIRE_HD void operator()(Index c) const { w(c) = w(c) > 0 ? per_class ? share / w(c) : share : S(0); }
};

template <class B, class S>
void finding_weights(B& be, View<const S, 2> labels,                                     // (N, C)
                     PerClass per_class,
                     View<S, 1> w) {                                                     // (C), written
  for_each(be, w.size(), KnownLabels<S>{labels, w});
  bool const each = per_class == PerClass::yes;
  double const total = each ? reduce(be, w.size(), AnyKnown<S>{w}) : sum_of(be, w);
  for_each(be, w.size(), FindingWeight<S>{w, total > 0 ? static_cast<S>(1 / total) : S(0), each});
}

template <class T>
struct BinaryCrossEntropyRow {             // one row, one worker
  using S = Accum<T>;
  View<const T, 2> z;                      // (N, C)
  View<const S, 2> y;                      // (N, C)
  View<const S, 1> positive, w;            // (C); positive may be empty: 1
  View<T, 2> dz;                           // (N, C), written
  View<S, 1> losses;                       // (N), written
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index n) const {
    auto const known = [&](Index c) { return y(n, c) == y(n, c); };
    auto const p = [&](Index c) { return positive ? positive(c) : S(1); };
    S const sum = lane.sum_over(z.cols(), [&](Index c) {
      S const v = wide(z(n, c));
      return known(c) ? w(c) * ((1 - y(n, c)) * math::softplus(v) + p(c) * y(n, c) * math::softplus(-v)) : S(0);
    });
    lane.each(z.cols(), [&](Index c) {
      S const s = math::sigmoid(wide(z(n, c))), back = math::sigmoid(-wide(z(n, c)));
      dz(n, c) = T(known(c) ? w(c) * ((1 - y(n, c)) * s - p(c) * y(n, c) * back) : S(0));
    });
    lane.once([&] { losses(n) = sum; });
  }
};

template <class B, class T>
double binary_cross_entropy(B& be, std::type_identity_t<View<const T, 2>> logits,                  // (N, C)
                            std::type_identity_t<View<const Accum<T>, 2>> labels,                  // (N, C)
                            std::type_identity_t<View<const Accum<T>, 1>> positive,                // (C): p; empty: 1
                            std::type_identity_t<View<const Accum<T>, 1>> w,                       // (C)
                            View<T, 2> d_logits,                                                   // (N, C), written
                            View<Accum<T>, 1> losses) {                                            // (N), written: with their weights
  for_each_row(be, logits.rows(), BinaryCrossEntropyRow<T>{logits, labels, positive, w, d_logits, losses});
  return sum_of(be, losses);
}

}  // namespace afire
