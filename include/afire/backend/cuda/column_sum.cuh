// afire/backend/cuda/column_sum.cuh -- sums down the columns on a GPU: a warp for 32 columns of a chunk of rows
//
//   add_column_sums(gpu, N, f, out, partial);              // op/column_sum.hpp
//
// Chunk by chunk as on the CPU, but no sum goes through memory: a worker keeps its column in registers (backend/column_tile.hpp).
#pragma once
#include <afire/backend/column_tile.hpp>
#include <afire/backend/cuda/launch.cuh>

namespace afire {

template <class B, class F, class S>
void add_column_sums(cuda_tag tag, B& be, Index N, F f, View<S, 1> out, View<S, 2> sums) {
  using Tile = ColumnTile<F, S>;
  for_each_warp(be, Tile::tiles(out.size()) * column_chunks, Tile{f, N, sums});
  for_each_row(tag, be, AddChunks<S>::runs(out.size()), AddChunks<S>{sums, out});
}

}  // namespace afire
