// afire/backend/column_tile.hpp -- the sums of a few columns over one chunk of rows, for a lane whose workers take a column each
//
//   partial(chunk, c) = sum of f(n, c) over the rows n of the chunk;      row functor of tile + tiles * chunk
//
//   for_each_warp(gpu, Tile::tiles(C) * column_chunks, Tile{f, N, partial});         // Tile = ColumnTile<F, S>
//
// Eight rows at a time have sums of their own, so that their loads wait for memory together.
#pragma once
#include <afire/op/column_sum.hpp>

namespace afire {

template <class F, class S>
struct ColumnTile {
  static constexpr Index width = 32, together = 8;       // columns of a tile; rows at a time
  F f;                                     // f(n, c)
  Index N;
  View<S, 2> partial;                      // (column_chunks, C), written

  static Index tiles(Index C) { return (C + width - 1) / width; }

  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index i) const {
    Index const C = partial.cols(), across = (C + width - 1) / width, chunk = i / across, left = i % across * width;
    Index const first = N * chunk / column_chunks, last = N * (chunk + 1) / column_chunks;
    lane.each(C - left < width ? C - left : width, [&](Index k) {
      S sum[together] = {};
      Index n = first;
      for (; n + together <= last; n += together)
        for (Index j = 0; j < together; ++j) sum[j] += f(n + j, left + k);
      for (; n < last; ++n) sum[0] += f(n, left + k);
      for (Index half = together / 2; half > 0; half /= 2)
        for (Index j = 0; j < half; ++j) sum[j] += sum[j + half];
      partial(chunk, left + k) = sum[0];
    });
  }
};

}  // namespace afire
