// afire/backend/cuda/attention_backward.cuh -- gradients of attention, probabilities made again from log_sum; nothing is added by atomics
//
// Forward was p = exp(scale s - log_sum), s = q k^T, o = p v. So, with along = <d_o, o> of a query,
//   ds = p (d_o v^T - along),      dq = scale ds k,      dk = scale ds^T q,      dv = p^T d_o
//
// Two passes of one body. A block has 64 rows of one head, a warp 16, and goes over the columns, 64 at a time:
//   queries:  rows q, d_o;  columns k, v;  s and ds as above;            dq = sum over columns
//   keys:     rows k, v;    columns q, d_o;  both transposed;            dk and dv = sums over columns
// The sum that a thread block makes is its own, in a fixed order. `along` is taken while d_o is loaded; no memory is kept for it.
//
// On paper, ViT-B, 256 films, a layer: 6 + 8 times B H L^2 D = 107 GFLOP (120 with what fills tiles up), from memory 232 MB of q, k, v and
// 155 MB of o and d_o twice, 232 MB written: 1.0 GB. H200: 230 us by memory, about 400 us at 300 TF/s of mma.
#pragma once
#include <afire/backend/cuda/attention_forward.cuh>

namespace afire {

// keys: dk and dv; else dq.
template <int D, bool keys>
struct AttentionBackward {
  static constexpr int shared_bytes = 4 * tile_size<D> * 2 + 2 * tile_rows * 4;
  View<const bf16, 2> qkv;                 // (B L, 3 H D)
  View<const bf16, 2> o, d_o;              // (B L, H D)
  View<const float, 2> log_sum;            // (B H, L)
  View<bf16, 2> d_qkv;                     // (B L, 3 H D), written
  int tokens, heads;
  float scale;

  template <class Thread>
  AFIRE_HD void operator()(Thread const& t) const {
    HeadTile<D> const tile(t, tokens, heads);
    auto const& [head, first, own, busy, query, key, value] = tile;
    int const L = tokens, lane = t.index() % 32;
    auto const shared = [&](int n) { return t.template shared<bf16>(2 * n * tile_size<D>, tile_size<D>); };
    auto const x = shared(0), dx = shared(1), y = shared(2), dy = shared(3);             // rows, columns
    auto const shift = t.template shared<float>(8 * tile_size<D>, tile_rows);
    auto const along = t.template shared<float>(8 * tile_size<D> + 4 * tile_rows, tile_rows);
    float const by = scale * log2_of_e;

    load_tile<D>(t, qkv, keys ? key : query, first, x);
    if constexpr (keys) load_tile<D>(t, qkv, value, first, dx);
    else load_gradient(t, query, head, first, dx, shift, along);

    Quad a[D / 16] = {}, da[D / 16] = {};
    float sum[D / 8][4] = {}, value_sum[keys ? D / 8 : 1][4] = {};
    for (int column = 0; column < L; column += tile_rows) {
      if (column > 0) t.sync();            // the tiles before these have been read
      load_tile<D>(t, qkv, keys ? query : key, column, y);
      if constexpr (keys) load_gradient(t, query, head, column, dy, shift, along);
      else load_tile<D>(t, qkv, value, column, dy);
      t.sync();
      if (!busy) continue;
      if (column == 0)
        for (int d = 0; d < D / 16; ++d) {
          a[d] = rows_fragment<D>(t, x, own, d * 16);
          da[d] = rows_fragment<D>(t, dx, own, d * 16);
        }
      for (int n = 0; n < tile_rows && column + n < L; n += 16) {
        float s[2][4] = {}, ds[2][4] = {};
        for (int d = 0; d < D / 16; ++d) {
          Quad const b = columns_fragment<D>(t, y, n, d * 16), db = columns_fragment<D>(t, dy, n, d * 16);
          for (int m = 0; m < 2; ++m) {
            t.multiply(s[m], a[d], b.x[2 * m], b.x[2 * m + 1]);
            t.multiply(ds[m], da[d], db.x[2 * m], db.x[2 * m + 1]);
          }
        }
        for (int m = 0; m < 2; ++m)
          for (int e = 0; e < 4; ++e) {
            int const c = n + m * 8 + lane % 4 * 2 + e % 2, at = keys ? c : own + lane / 4 + e / 2 * 8;
            float const p = t.exp2(s[m][e] * by - shift.template read<float>(at));
            s[m][e] = column + c < L ? p : 0.0f;
            ds[m][e] = s[m][e] * (ds[m][e] - along.template read<float>(at));
          }
        Quad const p = rounded_fragment(s[0], s[1]), dp = rounded_fragment(ds[0], ds[1]);
        for (int d = 0; d < D; d += 16) {
          Quad const b = turned_fragment<D>(t, y, d, n);
          t.multiply(sum[d / 8], dp, b.x[0], b.x[1]);
          t.multiply(sum[d / 8 + 1], dp, b.x[2], b.x[3]);
          if constexpr (keys) {
            Quad const g = turned_fragment<D>(t, dy, d, n);
            t.multiply(value_sum[d / 8], p, g.x[0], g.x[1]);
            t.multiply(value_sum[d / 8 + 1], p, g.x[2], g.x[3]);
          }
        }
      }
    }
    if (!busy) return;
    float const scales[2] = {scale, scale}, ones[2] = {1, 1};
    store_rows<D>(t, sum, scales, x, d_qkv, keys ? key : query, first);
    if constexpr (keys) store_rows<D>(t, value_sum, ones, dx, d_qkv, value, first);
  }

 private:
  // Like load_tile, of d_o; and what each query's probabilities need: log_sum in powers of two, <d_o, o>. Zeros behind the last token.
  template <class Thread, class Shared, class Floats>
  AFIRE_HD void load_gradient(Thread const& t, HeadPlace place, int head, int first, Shared x, Floats shift, Floats along) const {
    for (int i = t.index(); i < tile_rows * D / 8; i += tile_threads) {
      int const r = i / (D / 8), c = i % (D / 8) * 8;
      bool const there = first + r < place.tokens;
      Quad const g = there ? t.template load<Quad>(d_o, place.row + first + r, place.column + c) : Quad{};
      Quad const y = there ? t.template load<Quad>(o, place.row + first + r, place.column + c) : Quad{};
      x.write(r * tile_pitch<D> + c, g);
      float sum = 0;
      for (int n = 0; n < 4; ++n) sum += first_of(g.x[n]) * first_of(y.x[n]) + second_of(g.x[n]) * second_of(y.x[n]);
      for (int mask = D / 16; mask > 0; mask /= 2) sum += t.swap(sum, mask);             // D / 8 lanes hold a row
      if (c == 0) {
        along.write(r, sum);
        shift.write(r, there ? t.template load<float>(log_sum, head, first + r) * log2_of_e : 0.0f);
      }
    }
  }
};

}  // namespace afire
