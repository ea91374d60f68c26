// afire/backend/chunk_sum.hpp -- the sum of f(i) over all i, as 256 chunks which are added pairwise
//
//   for_each_row(be, Sum::chunks, Sum{f, n, part});       S const sum = Sum::joined(part);         // Sum = ChunkSum<F, S>; part: (256)
//
// Chunks depend on n alone, so that neither threads nor their number can be seen in the result.
#pragma once
#include <afire/core/config.hpp>

namespace afire {

template <class F, class S>
struct ChunkSum {
  static constexpr Index chunks = 256;
  F f;
  Index n;
  S* part;                                 // (chunks), written

  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index chunk) const {
    Index const first = n * chunk / chunks, last = n * (chunk + 1) / chunks;
    S const sum = lane.sum_over(last - first, [&](Index k) { return f(first + k); });
    lane.once([&] { part[chunk] = sum; });
  }

  // On the host; part is overwritten.
  static S joined(S* part) {
    for (Index half = chunks / 2; half > 0; half /= 2)
      for (Index k = 0; k < half; ++k) part[k] += part[k + half];
    return part[0];
  }
};

}  // namespace afire
