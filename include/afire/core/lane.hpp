// afire/core/lane.hpp -- one row, one worker: a row functor is written once against a Lane and runs on a CPU thread or a GPU warp
//
//   struct Scale {
//     View<float, 2> x;                                                        // (N, C)
//     template <class Lane> AFIRE_HD void operator()(Lane lane, Index n) const {
//       auto const sum = lane.sum_over(x.cols(), [&](Index c) { return x(n, c); });
//       lane.each(x.cols(), [&](Index c) { x(n, c) /= sum; });
//     }
//   };
//   for_each_row(cpu, x.rows(), Scale{x});
//
// Scalar is the CPU's lane. Its sums are 16 partial sums added as a tree, so that the compiler may use vector registers of any
// width without -ffast-math and every width gives the same bits. A GPU's lane (backend/team_lane.hpp) has the same members.
#pragma once
#include <type_traits>

#include <afire/core/config.hpp>

namespace afire {

struct Scalar {
  static constexpr Index width = 16;       // partial sums: they decide the bits
  static constexpr Index block = 32;       // elements at once where order decides nothing: two registers of floats, one of bf16
  bool blocks = true;                      // false: one element after the other, less code, the same bits (backend/wide.hpp)

  // f(c) for every c of 0 ... n-1, in any order: no f(c) may read what another f(c') writes.
  template <class F>
  void each(Index n, F f) const {
    Index c = 0;
    for (; blocks && c + block <= n; c += block) {
#if defined(__clang__)
#pragma clang loop vectorize(assume_safety)
#else
#pragma GCC ivdep
#endif
      for (Index k = 0; k < block; ++k) f(c + k);
    }
    for (; c < n; ++c) f(c);
  }

  // y[c] = f(c) for every c of 0 ... n-1; f(c) reads no element of y but y[c]. The last block overlaps the one before, so that no element
  // is left to be taken alone: of rows of 197 those would take a third of the time.
  template <class Y, class F>
  void map(Index n, Y* y, F f) const {
    if (!blocks || n < block) return each(n, [&](Index c) { y[c] = f(c); });
    Y end[block];
    for (Index k = 0; k < block; ++k) end[k] = f(n - block + k);
    for (Index c = 0; c + block <= n; c += block) {
#if defined(__clang__)
#pragma clang loop vectorize(assume_safety)
#else
#pragma GCC ivdep
#endif
      for (Index k = 0; k < block; ++k) y[c + k] = f(c + k);
    }
    for (Index k = 0; k < block; ++k) y[n - block + k] = end[k];
  }

  template <class F>
  auto sum_over(Index n, F f) const {
    using S = std::remove_cvref_t<decltype(f(Index{}))>;
    S part[width] = {};
    Index c = 0;
    for (; blocks && c + width <= n; c += width)
      for (Index k = 0; k < width; ++k) part[k] += f(c + k);
    for (; c < n; c += width)
      for (Index k = 0; k < width && c + k < n; ++k) part[k] += f(c + k);
    return pairwise(part, [](S a, S b) { return a + b; });
  }

  // The largest f(c); n must be at least 1.
  template <class F>
  auto max_over(Index n, F f) const {
    using S = std::remove_cvref_t<decltype(f(Index{}))>;
    S part[width];
    S const first = f(Index{0});
    for (Index k = 0; k < width; ++k) part[k] = first;
    auto const larger = [](S a, S b) { return a < b ? b : a; };
    if (blocks && n >= width)
      for (Index c = 0; c < n; c += width) {
        Index const at = c + width <= n ? c : n - width;                 // the last block may overlap the one before
        for (Index k = 0; k < width; ++k) part[k] = larger(part[k], f(at + k));
      }
    else
      for (Index c = 1; c < n; ++c) part[0] = larger(part[0], f(c));
    return pairwise(part, larger);
  }

  // By one worker of the row only: for results of which there is one a row.
  template <class F>
  void once(F f) const { f(); }

 private:
  // Half joined with half until one is left; each loop has a length that is known, for vector registers.
  template <Index half = width / 2, class S, class Join>
  static S pairwise(S* part, Join join) {
    for (Index k = 0; k < half; ++k) part[k] = join(part[k], part[k + half]);
    if constexpr (half == 1) return part[0];
    else return pairwise<half / 2>(part, join);
  }
};

}  // namespace afire
