// afire/op/cross_entropy.hpp -- cross-entropy of scores to soft targets, row by row, value and gradient in one pass
//
//   loss = sum_n w(n) ( - sum_k T(m, k) log softmax_k(s(n, :) / t) ),     m = n mod M
//   ds(n, k) += weight w(n) (softmax_k(s(n, :) / t) - T(m, k)) / t                       since sum_k T = 1
//
//   s: (N, K);  T: (M, K), a target for each row or one that rows of every film share;  w: (N), 0: the row is left out
//
//   token_weights(be, mask, tokens, w);            // the mean over all tokens with mask 1 (DINOv2's and AFiRe's)
//   film_weights(be, mask, films, w);              // the mean over films of the mean over a film's tokens (iBOT, eq. 2)
//   double loss = soft_cross_entropy(be, s, T, w, 0.1, weight, ds, losses);
#pragma once
#include <cmath>

#include <afire/op/math.hpp>
#include <afire/op/sum.hpp>

namespace afire {

// `Weight` gives what row n counts for, in the gradient: S operator()(Index n).
template <class S, class Weight>
struct CrossEntropyRow {                   // one row, one worker
  static constexpr bool calculates = true; // worth AVX-512 (backend/wide.hpp)
  View<const S, 2> scores;                 // (N, K)
  View<const S, 2> targets;                // (M, K)
  Weight weight;
  View<S, 2> d_scores;                     // (N, K), added to
  View<S, 1> losses;                       // (N), written: without the weight; 0 where a row is left out
  S rate;                                  // 1 / t
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index n) const {
    S const step = weight(n) * rate;
    if (step == 0) {
      lane.once([&] { losses(n) = 0; });
      return;
    }
    Index const K = scores.cols();
    auto const s = scores.row(n);
    auto const target = targets.row(n % targets.rows());
    auto const ds = d_scores.row(n);
    S const top = lane.max_over(K, [&](Index k) { return s(k) * rate; });
    S const sum = lane.sum_over(K, [&](Index k) { return math::exp(s(k) * rate - top); });
    S const expected = lane.sum_over(K, [&](Index k) { return target(k) * (s(k) * rate - top); });
    lane.each(K, [&](Index k) { ds(k) += step * (math::exp(s(k) * rate - top) / sum - target(k)); });
    lane.once([&] { losses(n) = std::log(sum) - expected; });
  }
};

template <class S>
struct GivenWeight {                       // of row n: w(n) factor
  View<const S, 1> w;                      // (N)
  S factor;
  AFIRE_HD S operator()(Index n) const { return w(n) * factor; }
};

template <class S>
struct WeightedLoss {                      // w(n) loss(n), for reduce
  View<const S, 1> w, losses;              // (N)
  AFIRE_HD double operator()(Index n) const { return static_cast<double>(w(n)) * static_cast<double>(losses(n)); }
};

template <class B, class S>
double soft_cross_entropy(B& be, std::type_identity_t<View<const S, 2>> scores,      // (N, K)
                          std::type_identity_t<View<const S, 2>> targets,            // (M, K), rows sum to 1; N a multiple of M
                          std::type_identity_t<View<const S, 1>> weights,            // (N), not negative
                          double temperature, double weight,                         // of the value: t;  of the gradient alone: weight
                          View<S, 2> d_scores,                                       // (N, K), added to
                          View<S, 1> losses) {                                       // (N), written
  Index const N = scores.rows();
  expects_positive("cross-entropy: the temperature", temperature);
  expects(targets.rows() > 0 && N % targets.rows() == 0 && targets.cols() == scores.cols(), "cross-entropy: scores ", shape_text(scores),
          " have targets ", shape_text(targets), "; the columns must agree, and the rows of targets divide those of scores");
  for_each_row(be, N, CrossEntropyRow<S, GivenWeight<S>>{scores, targets, {weights, static_cast<S>(weight)}, d_scores, losses,
                                                         static_cast<S>(1 / temperature)});
  return reduce(be, N, WeightedLoss<S>{weights, losses});
}

template <class S>
struct TokenWeight {                       // the same for every token that mask marks, 0 for others
  View<const unsigned char, 1> mask;       // (N)
  View<S, 1> w;                            // (N), written
  S share;                                 // 1 / number of ones
  AFIRE_HD void operator()(Index n) const { w(n) = mask(n) ? share : S(0); }
};

// 1 / tokens where mask is 1; `tokens` counts the ones of the whole step (none: all weights are 0).
template <class B, class S>
void token_weights(B& be, View<const unsigned char, 1> mask,                         // (N)
                   Index tokens,
                   View<S, 1> w) {                                                   // (N), written
  for_each(be, w.size(), TokenWeight<S>{mask, w, tokens > 0 ? 1 / static_cast<S>(tokens) : S(0)});
}

template <class S>
struct FilmWeightRow {                     // one film, one worker
  View<const unsigned char, 2> mask;       // (B, L)
  View<S, 2> w;                            // (B, L), written
  S share;                                 // 1 / films
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index b) const {
    S const ones = lane.sum_over(mask.cols(), [&](Index j) { return mask(b, j) ? S(1) : S(0); });
    S const each = ones > 0 ? share / ones : S(0);
    lane.each(mask.cols(), [&](Index j) { w(b, j) = mask(b, j) ? each : S(0); });
  }
};

// 1 / (films * ones of the film); films without a one count in `films`, those of the whole step.
template <class B, class S>
void film_weights(B& be, View<const unsigned char, 2> mask,                          // (B, L)
                  Index films,
                  View<S, 1> w) {                                                    // (B L), written
  for_each_row(be, mask.rows(), FilmWeightRow<S>{mask, w.as(mask.rows(), mask.cols()), 1 / static_cast<S>(films)});
}

}  // namespace afire
