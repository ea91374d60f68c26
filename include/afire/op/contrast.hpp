// afire/op/contrast.hpp -- every row of similarities has one right column: the cross-entropy of InfoNCE and its relatives
//
//   loss(n) = log sum_{m in M(n)} exp(s(n, m) / t) - s(n, right(n)) / t,      right(n) = (n + shift) mod period
//   ds(n, m) = weight / (count t) (exp(s(n, m) / t) / sum [m in M(n)] - [m = right(n)])                 written over s
//
//   M(n): all columns, but the row's own (NT-Xent), the right one (DCL), those a queue has not filled yet, where they are left out
//
//   gemm(be, q, transposed(k), s);                                          // q (N, C), k (M, C) of unit length: cosines
//   double loss = contrast(be, s, {.period = N}, 0.2, weight, losses);      // s is now its gradient: dq = s k, dk = s^T q
#pragma once
#include <cmath>

#include <afire/op/math.hpp>
#include <afire/op/sum.hpp>

namespace afire {

// Which column is right in each row, and which columns and rows count.
template <class S>
struct Contrast {
  Index shift = 0, period = 1;             // of the right column
  bool leave_own = false;                  // column n of row n does not count
  bool leave_right = false;                // the right column does not count in the sum
  View<const S, 1> filled = {};            // (1): of the columns after the first, how many count; empty: all
  View<const unsigned char, 1> rows = {};  // (N): 0: the row does not count; empty: all do
  Index count = 0;                         // of rows that count, in the mean; 0: N
};

template <class S>
struct ContrastRow {                       // one row, one worker
  static constexpr bool calculates = true; // worth AVX-512 (backend/wide.hpp)
  View<S, 2> s;                            // (N, M), its gradient is written over it
  Contrast<S> how;
  View<S, 1> losses;                       // (N), written
  S rate, step;                            // 1 / t;  weight / (count t)
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index n) const {
    Index const M = s.cols(), right = (n + how.shift) % how.period, own = how.leave_own ? n : -1;
    Index const left = how.leave_right ? right : -1, columns = how.filled ? 1 + static_cast<Index>(how.filled(0)) : M;
    auto const row = s.row(n);
    if (how.rows && !how.rows(n)) {
      lane.each(M, [&](Index m) { row(m) = 0; });
      lane.once([&] { losses(n) = 0; });
      return;
    }
    S const answer = row(right) * rate;
    auto const counts = [&](Index m) { return m != own && m != left && m < columns; };
    S const top = lane.max_over(M, [&](Index m) { return counts(m) ? row(m) * rate : S(-1e30); });
    S const sum = lane.sum_over(M, [&](Index m) { return counts(m) ? math::exp(row(m) * rate - top) : S(0); });
    lane.once([&] { losses(n) = std::log(sum) + top - answer; });
    lane.each(M, [&](Index m) {
      S const p = counts(m) ? math::exp(row(m) * rate - top) / sum : S(0);
      row(m) = step * (m == right ? p - 1 : p);
    });
  }
};

// The mean loss of the rows that count.
template <class B, class S>
double contrast(B& be, View<S, 2> s,                                           // (N, M), its gradient is written over it
                std::type_identity_t<Contrast<S>> how,
                double temperature, double weight,
                View<S, 1> losses) {                                           // (N), written
  Index const N = s.rows();
  expects_positive("contrast: the temperature", temperature);
  expects(!how.leave_right || s.cols() > 2, "contrast: ", s.cols(), " columns leave no negative; it needs a batch of at least 2 films");
  double const share = 1 / static_cast<double>(how.count > 0 ? how.count : N);
  for_each_row(be, N, ContrastRow<S>{s, how, losses, static_cast<S>(1 / temperature), static_cast<S>(weight * share / temperature)});
  return sum_of(be, losses) * share;
}

}  // namespace afire
