// afire/backend/cuda/tile.cuh -- 16 x 8 products of bf16 by a warp (mma.sync m16n8k16), from tiles of 64 rows in shared memory
//
//   c (16, 8) += a (16, 16) b (16, 8), sums in float. Lane l holds, g = l / 4, t = l % 4 (PTX ISA, "Matrix fragments for mma.m16n8k16"):
//   a: rows g, g + 8, g, g + 8 of columns 2t, 2t, 2t + 8, 2t + 8, two at once;  b: rows 2t and 2t + 8, two at once, of column g
//   c: (g, 2t), (g, 2t + 1), (g + 8, 2t), (g + 8, 2t + 1)
//
//   Quad const a = rows_fragment<D>(t, x, first, k);             // of tile x, rows first ... first + 15, columns k ... k + 15
//   Quad const b = columns_fragment<D>(t, y, n, k);              // of y^T, for columns n ... n + 7 and n + 8 ... n + 15
//   t.multiply(c, a, b.x[0], b.x[1]);
//
// A kernel's body is a functor called with its thread t, a CudaThread (thread.cuh) or an emulated one (tests/support/emulated_gpu.hpp):
//
//   t.index(), t.block()              of the thread in its block, of the block; 32 threads in a row are a warp
//   t.sync(), t.sync_warp()           nobody goes on before all of the block, or warp, have come
//   t.swap(x, mask)                   x of the thread index() ^ mask of the same warp
//   t.shared<T>(byte, n)              n numbers of the block's memory, with read<V>(i) and write(i, v); V may hold several T
//   t.load<V>(view, i, j), t.store(view, i, j, v)                 from and to memory of the device
//   t.load_matrices<turned>(x, i)     ldmatrix: of four 8 x 8 matrices, the address of whose rows lanes 0 ... 31 give
//   t.multiply(c, a, b0, b1), t.exp2(x)
//
// Rows of a tile lie D + 8 numbers apart: eight rows of 16 bytes then fall into different banks.
#pragma once
#include <afire/core/backend.hpp>

namespace afire {

struct alignas(16) Quad {                  // 16 bytes: eight bf16, two in each; what one memory instruction moves
  std::uint32_t x[4];
};

// Two floats as bf16, the first in the lower half; and back.
AFIRE_HD inline std::uint32_t pair_of(float first, float second) {
  return static_cast<std::uint32_t>(bf16(first).bits) | static_cast<std::uint32_t>(bf16(second).bits) << 16;
}
AFIRE_HD inline float first_of(std::uint32_t pair) { return __builtin_bit_cast(float, pair << 16); }
AFIRE_HD inline float second_of(std::uint32_t pair) { return __builtin_bit_cast(float, pair & 0xffff0000u); }

inline constexpr int tile_rows = 64, tile_threads = 128;               // four warps, 16 rows each

// Memory of one tile.
template <int D> inline constexpr int tile_pitch = D + 8;
template <int D> inline constexpr int tile_size = tile_rows * tile_pitch<D>;

template <int D, class Thread, class Shared>
AFIRE_HD Quad rows_fragment(Thread const& t, Shared x, int first, int k) {
  int const lane = t.index() % 32;
  return t.template load_matrices<false>(x, (first + lane % 16) * tile_pitch<D> + k + lane / 16 * 8);
}

template <int D, class Thread, class Shared>
AFIRE_HD Quad columns_fragment(Thread const& t, Shared y, int n, int k) {
  int const lane = t.index() % 32;
  return t.template load_matrices<false>(y, (n + lane / 16 * 8 + lane % 8) * tile_pitch<D> + k + lane / 8 % 2 * 8);
}

// The same of y itself: rows k ... k + 15, columns n ... n + 15.
template <int D, class Thread, class Shared>
AFIRE_HD Quad turned_fragment(Thread const& t, Shared y, int n, int k) {
  int const lane = t.index() % 32;
  return t.template load_matrices<true>(y, (k + lane / 8 % 2 * 8 + lane % 8) * tile_pitch<D> + n + lane / 16 * 8);
}

// Two neighbouring c as the a of the next product: c (16, 16), rounded.
AFIRE_HD inline Quad rounded_fragment(float const (&left)[4], float const (&right)[4]) {
  return {{pair_of(left[0], left[1]), pair_of(left[2], left[3]), pair_of(right[0], right[1]), pair_of(right[2], right[3])}};
}

// Where a head's rows lie: row l of the tokens of one film, D columns from `column` on.
struct HeadPlace {
  Index row, column;                       // of token 0
  int tokens;
};

// Which rows of which head a thread block has, its warp 16 of them, and where the head's q, k and v lie in (B L, 3 H D).
template <int D>
struct HeadTile {
  int head, first;                         // of all films; the first of 64 rows
  int own;                                 // this warp's first row of those
  bool busy;                               // it has tokens
  HeadPlace query, key, value;

  template <class Thread>
  AFIRE_HD HeadTile(Thread const& t, int tokens, int heads) {
    int const tiles = (tokens + tile_rows - 1) / tile_rows;
    head = t.block() / tiles, first = t.block() % tiles * tile_rows;
    own = t.index() / 32 * 16, busy = first + own < tokens;
    query = {Index{head / heads} * tokens, Index{head % heads} * D, tokens};
    key = {query.row, query.column + heads * D, tokens}, value = {query.row, key.column + heads * D, tokens};
  }
};

// x = rows first ... first + 63 of a head; zeros behind its last token.
template <int D, class Thread, class Shared>
AFIRE_HD void load_tile(Thread const& t, View<const bf16, 2> from, HeadPlace head, int first, Shared x) {
  for (int i = t.index(); i < tile_rows * D / 8; i += tile_threads) {
    int const r = i / (D / 8), c = i % (D / 8) * 8;
    Quad const v = first + r < head.tokens ? t.template load<Quad>(from, head.row + first + r, head.column + c) : Quad{};
    x.write(r * tile_pitch<D> + c, v);
  }
}

// A warp's 16 rows of c, times `by`, through its rows of the tile x, so that memory sees 16 bytes at once.
template <int D, class Thread, class Shared>
AFIRE_HD void store_rows(Thread const& t, float const (&c)[D / 8][4], float const (&by)[2], Shared x, View<bf16, 2> to, HeadPlace head,
                         int first) {
  int const lane = t.index() % 32, own = t.index() / 32 * 16, row = own + lane / 4;
  t.sync_warp();                           // the fragments in x have been read
  for (int n = 0; n < D / 8; ++n) {
    int const at = row * tile_pitch<D> + n * 8 + lane % 4 * 2;
    x.write(at, pair_of(c[n][0] * by[0], c[n][1] * by[0]));
    x.write(at + 8 * tile_pitch<D>, pair_of(c[n][2] * by[1], c[n][3] * by[1]));
  }
  t.sync_warp();
  for (int i = lane; i < 16 * D / 8; i += 32) {
    int const r = own + i / (D / 8), at = i % (D / 8) * 8;
    if (first + r < head.tokens) t.store(to, head.row + first + r, head.column + at, x.template read<Quad>(r * tile_pitch<D> + at));
  }
}

}  // namespace afire
