// afire/backend/cuda/attention_forward.cuh -- attention in one pass over the keys: scores and probabilities never leave the registers
//
//   o = softmax(scale q k^T) v,   log_sum = log of the row sums;   q, k, v: columns h D of the three parts of qkv (B L, 3 H D)
//
// A block takes 64 queries of one head, a warp 16; keys come 64 at a time. With the largest score so far, m, and the new one, m',
//   sum = sum exp(m - m') + sum_c exp(s_c - m'),    o = o exp(m - m') + sum_c exp(s_c - m') v_c           (Dao et al., 2022)
// q, k, v are read where the product wrote them, so heads are neither packed nor unpacked.
//
// On paper, ViT-B, 256 films (L = 197, H = 12, D = 64), a layer: 4 B H L^2 D = 30.5 GFLOP (34 with what fills tiles up), from memory 232 MB
// and 77 MB to it (k and v are read four times, three of them from the L2 cache). H200: 70 us by memory, about 110 us at 300 TF/s of mma.
#pragma once
#include <afire/backend/cuda/tile.cuh>
#include <afire/op/math.hpp>

namespace afire {

// What the exponentials are of: 2^(score_scale s) = e^(scale s).
inline constexpr float log2_of_e = 1.44269504f, nothing_seen = -1e30f;

template <int D>
struct AttentionForward {
  static constexpr int shared_bytes = 3 * tile_size<D> * 2;
  View<const bf16, 2> qkv;                 // (B L, 3 H D)
  View<bf16, 2> o;                         // (B L, H D), written
  View<float, 2> log_sum;                  // (B H, L), written
  int tokens, heads;
  float scale;

  template <class Thread>
  AFIRE_HD void operator()(Thread const& t) const {
    HeadTile<D> const tile(t, tokens, heads);
    auto const& [head, first, own, busy, query, key, value] = tile;
    int const L = tokens, lane = t.index() % 32;
    auto const q = t.template shared<bf16>(0, tile_size<D>), k = t.template shared<bf16>(2 * tile_size<D>, tile_size<D>);
    auto const v = t.template shared<bf16>(4 * tile_size<D>, tile_size<D>);
    float const by = scale * log2_of_e;

    load_tile<D>(t, qkv, query, first, q);
    Quad a[D / 16] = {};
    float sum[2] = {}, top[2] = {nothing_seen, nothing_seen}, out[D / 8][4] = {};
    for (int keys = 0; keys < L; keys += tile_rows) {
      if (keys > 0) t.sync();              // the tiles before these have been read
      load_tile<D>(t, qkv, key, keys, k);
      load_tile<D>(t, qkv, value, keys, v);
      t.sync();
      if (!busy) continue;
      if (keys == 0)
        for (int d = 0; d < D / 16; ++d) a[d] = rows_fragment<D>(t, q, own, d * 16);

      float s[tile_rows / 8][4] = {};
      for (int n = 0; n < tile_rows; n += 16)
        if (keys + n < L)
          for (int d = 0; d < D / 16; ++d) {
            Quad const b = columns_fragment<D>(t, k, n, d * 16);
            t.multiply(s[n / 8], a[d], b.x[0], b.x[1]);
            t.multiply(s[n / 8 + 1], a[d], b.x[2], b.x[3]);
          }
      for (int n = 0; n < tile_rows / 8; ++n)
        for (int e = 0; e < 4; ++e)
          if (keys + n * 8 + lane % 4 * 2 + e % 2 >= L) s[n][e] = nothing_seen;

      for (int half = 0; half < 2; ++half) {                           // rows g and g + 8
        float most = top[half];
        for (auto const& c : s) most = larger(most, larger(c[2 * half], c[2 * half + 1]));
        most = larger(most, t.swap(most, 1));
        most = larger(most, t.swap(most, 2));
        float const shrink = t.exp2((top[half] - most) * by);
        top[half] = most;
        sum[half] *= shrink;
        for (auto& c : s)
          for (int e = 2 * half; e < 2 * half + 2; ++e) sum[half] += c[e] = t.exp2((c[e] - most) * by);
        for (auto& c : out) c[2 * half] *= shrink, c[2 * half + 1] *= shrink;
      }
      for (int n = 0; n < tile_rows; n += 16)
        if (keys + n < L) {
          Quad const p = rounded_fragment(s[n / 8], s[n / 8 + 1]);
          for (int d = 0; d < D; d += 16) {
            Quad const b = turned_fragment<D>(t, v, d, n);
            t.multiply(out[d / 8], p, b.x[0], b.x[1]);
            t.multiply(out[d / 8 + 1], p, b.x[2], b.x[3]);
          }
        }
    }
    if (!busy) return;
    float share[2];
    for (int half = 0; half < 2; ++half) {
      sum[half] += t.swap(sum[half], 1);
      sum[half] += t.swap(sum[half], 2);
      share[half] = 1 / sum[half];
      int const row = first + own + lane / 4 + 8 * half;
      if (lane % 4 == 0 && row < L) t.store(log_sum, head, row, scale * top[half] + std::log(sum[half]));
    }
    store_rows<D>(t, out, share, q, o, query, first);
  }

  AFIRE_HD static float larger(float a, float b) { return a < b ? b : a; }
};

}  // namespace afire
