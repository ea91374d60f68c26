// afire/backend/held_norm.hpp -- layer norm by teams of 32 that hold their row: memory is read once, 16 bytes at a time
//
//   HeldNorm           y = norm(x), or x = a + b and y = norm(x): a row, a team
//   HeldNormBackward   dx of a chunk of rows, and the chunk's part of dgain and dshift: a chunk, a team
//
//   if (holds_rows<T, packs>(C)) for_each_warp(gpu, N, HeldNorm<T, packs>{...});           // formulas: op/layer_norm.hpp
//
// Worker w has the packs w, w + 32 ... of a row, `packs` of them: with bf16 a row of 768 columns is three packs of eight numbers each.
// Backward in three passes (rows, and columns twice) moves 7 N C numbers, this one 4 N C and the chunks' sums.
#pragma once
#include <afire/backend/team_lane.hpp>
#include <afire/core/pack.hpp>
#include <afire/op/residual.hpp>

namespace afire {

// Whether a team can hold rows of C columns as `packs` a worker.
template <class T, int packs>
bool holds_rows(Index C) { return C % pack_size<T> == 0 && C <= Index{32} * packs * pack_size<T>; }

// f(p, c) for each pack p that this worker has, c its first column; once for every team, so `packs` can be unrolled.
template <class T, int packs, class Lane, class F>
AFIRE_HD void each_pack(Lane const& lane, Index C, F f) {
  for (int p = 0; p < packs; ++p) {
    Index const c = (p * Index{32} + lane.team.index()) * pack_size<T>;
    if (c < C) f(p, c);
  }
}

template <class T, int packs>
struct HeldNorm {
  using S = Accum<T>;
  static constexpr int size = pack_size<T>;
  View<const T, 2> a, b;                   // (N, C); b may be empty: x = a
  View<T, 2> x;                            // (N, C), written where b is given
  View<const S, 1> gain, shift;            // (C)
  View<T, 2> y;                            // (N, C), written
  View<S, 2> stats;                        // (N, 2), written
  S eps;

  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index n) const {
    Index const C = a.cols();
    S row[packs][size] = {}, sum = 0, squares = 0;
    each_pack<T, packs>(lane, C, [&](int p, Index c) {
      Pack<T, size> v = pack_at<size>(&a(n, c));
      if (b) {
        Pack<T, size> const other = pack_at<size>(&b(n, c));
        for (int k = 0; k < size; ++k) v.x[k] = T(wide(v.x[k]) + wide(other.x[k]));
        pack_at<size>(&x(n, c)) = v;
      }
      for (int k = 0; k < size; ++k) sum += row[p][k] = wide(v.x[k]);
    });
    S const mean = lane.total(sum) / static_cast<S>(C);
    each_pack<T, packs>(lane, C, [&](int p, Index) {
      for (int k = 0; k < size; ++k) squares += math::square(row[p][k] - mean);
    });
    S const rstd = 1 / math::sqrt(lane.total(squares) / static_cast<S>(C) + eps);
    each_pack<T, packs>(lane, C, [&](int p, Index c) {
      Pack<S, size> const by = pack_at<size>(&gain(c)), plus = pack_at<size>(&shift(c));
      Pack<T, size> v;
      for (int k = 0; k < size; ++k) v.x[k] = T((row[p][k] - mean) * rstd * by.x[k] + plus.x[k]);
      pack_at<size>(&y(n, c)) = v;
    });
    lane.once([&] { stats(n, 0) = mean, stats(n, 1) = rstd; });
  }
};

template <class T, int packs>
struct HeldNormBackward {
  using S = Accum<T>;
  static constexpr int size = pack_size<T>;
  LayerNormRowBackward<T> of;
  View<S, 2> d_gain, d_shift;              // (chunks, C), written: sums over the rows of a chunk

  // A chunk for every four rows, at most as many as keep a large device busy.
  static constexpr Index most_chunks = 2048;
  static Index chunks(Index N) { return N < 4 ? 1 : N / 4 < most_chunks ? N / 4 : most_chunks; }

  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index chunk) const {
    Index const N = of.x.rows(), C = of.x.cols(), all = d_gain.rows();
    Pack<S, size> gain_sum[packs] = {}, shift_sum[packs] = {};
    for (Index n = N * chunk / all; n < N * (chunk + 1) / all; ++n) {
      S const mean = of.stats(n, 0), rstd = of.stats(n, 1);
      Pack<T, size> x[packs] = {}, dy[packs] = {};
      S sum = 0, along = 0;
      each_pack<T, packs>(lane, C, [&](int p, Index c) {
        x[p] = pack_at<size>(&of.x(n, c)), dy[p] = pack_at<size>(&of.dy(n, c));
        Pack<S, size> const gain = pack_at<size>(&of.gain(c));
        for (int k = 0; k < size; ++k) {
          S const d = wide(dy[p].x[k]), xhat = (wide(x[p].x[k]) - mean) * rstd;
          sum += d * gain.x[k], along += d * gain.x[k] * xhat;
          gain_sum[p].x[k] += d * xhat, shift_sum[p].x[k] += d;
        }
      });
      S const g_mean = lane.total(sum) / static_cast<S>(C), gx_mean = lane.total(along) / static_cast<S>(C);
      each_pack<T, packs>(lane, C, [&](int p, Index c) {
        Pack<S, size> const gain = pack_at<size>(&of.gain(c));
        Pack<T, size> v{};
        if (of.addend) v = pack_at<size>(&of.addend(n, c));
        for (int k = 0; k < size; ++k) {
          S const xhat = (wide(x[p].x[k]) - mean) * rstd;
          v.x[k] = T(wide(v.x[k]) + rstd * (wide(dy[p].x[k]) * gain.x[k] - g_mean - xhat * gx_mean));
        }
        pack_at<size>(&of.dx(n, c)) = v;
      });
    }
    each_pack<T, packs>(lane, C, [&](int p, Index c) {
      pack_at<size>(&d_gain(chunk, c)) = gain_sum[p], pack_at<size>(&d_shift(chunk, c)) = shift_sum[p];
    });
  }
};

}  // namespace afire
