// afire/backend/gelu_tile.hpp -- GELU's backward by teams of 32 that keep sums down their columns: a bias's gradient in the same pass
//
//   y = gelu(x),  dx = dy gelu'(x)  (op/gelu.hpp),     sums(k, c) = sum of dx(n, c) over the rows n of chunk k
//
//   for_each_warp(gpu, Tile::tiles(C) * chunks, Tile{x, dy, y, dx, sums});              // Tile = GeluBackwardTile<T>
//
// A worker has a pack of columns and the rows of a chunk, one after the other; what is summed is dx as it is stored. In two passes dx would
// be read again: 310 MB more in a block of ViT-B with 256 films.
#pragma once
#include <afire/core/pack.hpp>
#include <afire/op/gelu.hpp>

namespace afire {

template <class T>
struct GeluBackwardTile {                  // row functor of tile + tiles * chunk
  using S = Accum<T>;
  static constexpr int size = pack_size<T>;
  static constexpr Index width = Index{32} * size;       // columns of a tile
  View<const T, 2> x, dy;                  // (N, C)
  View<T, 2> y, dx;                        // (N, C), written; dx may be the memory of dy
  View<S, 2> sums;                         // (chunks, C), written

  static Index tiles(Index C) { return (C + width - 1) / width; }
  // A chunk for every four rows, at most as many as keep a large device busy.
  static constexpr Index most_chunks = 512;
  static Index chunks(Index N) { return N < 4 ? 1 : N / 4 < most_chunks ? N / 4 : most_chunks; }

  bool possible() const {
    return x.cols() % size == 0 && begins_pack<size>(x.data) && begins_pack<size>(dy.data) && begins_pack<size>(y.data) &&
           begins_pack<size>(dx.data) && begins_pack<size>(sums.data);
  }

  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index i) const {
    Index const N = x.rows(), all = sums.rows(), across = (x.cols() + width - 1) / width, chunk = i / across;
    Index const c = i % across * width + lane.team.index() * size;
    if (c >= x.cols()) return;
    Pack<S, size> sum{};
    for (Index n = N * chunk / all; n < N * (chunk + 1) / all; ++n) {
      Pack<T, size> v = pack_at<size>(&x(n, c)), d = pack_at<size>(&dy(n, c)), again{};
      GeluBackward<T> const f{View<const T, 1>(v.x, size), View<const T, 1>(d.x, size), View<T, 1>(again.x, size), View<T, 1>(d.x, size)};
      for (int k = 0; k < size; ++k) f(k), sum.x[k] += wide(d.x[k]);
      pack_at<size>(&y(n, c)) = again, pack_at<size>(&dx(n, c)) = d;
    }
    pack_at<size>(&sums(chunk, c)) = sum;
  }
};

}  // namespace afire
