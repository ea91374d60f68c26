// afire/op/cosine.hpp -- tokens of unit length, and their cosines with directions that each position has of its own
//
//   z = x / max(|x|, 1e-12)                                   dx = (dz - z <z, dz>) / max(|x|, 1e-12)
//   s(b, j, k) = r(j, k) <z(b, j), v(j, k)>,  r = g / |v|      weight normalisation (Salimans & Kingma, 2016) without forming v / |v|
//
//   z, x: (B, L, C);   s: (B, L, K);   v: (P, K, C), g, r: (P, K), P = L positions or 1 shared by all
//
//   unit_rows(be, x, z, inverse);                 inverse_norms(be, v, g, r);                cosine_scores(be, z, v, r, s);
//   unit_rows_backward(be, z, inverse, dz, dx);   cosine_scores_backward(be, z, v, g, r, s, ds, dz, dv, dg, scaled);
#pragma once
#include <afire/op/column_sum.hpp>
#include <afire/op/math.hpp>

namespace afire {

template <class T>
struct UnitRow {                           // z = x / |x|, one row, one worker
  View<const T, 2> x;                      // (N, C)
  View<T, 2> z;                            // (N, C)
  View<Accum<T>, 1> inverse;               // (N): 1 / max(|x|, eps)
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index n) const {
    using S = Accum<T>;
    S const norm = math::sqrt(lane.sum_over(x.cols(), [&](Index c) { return math::square(wide(x(n, c))); }));
    S const r = 1 / (norm < S(1e-12) ? S(1e-12) : norm);
    lane.each(x.cols(), [&](Index c) { z(n, c) = T(wide(x(n, c)) * r); });
    lane.once([&] { inverse(n) = r; });
  }
};

template <class B, class T>
void unit_rows(B& be, std::type_identity_t<View<const T, 2>> x,         // (N, C)
               View<T, 2> z,                                            // (N, C), written
               View<Accum<T>, 1> inverse) {                             // (N), written
  for_each_row(be, x.rows(), UnitRow<T>{x, z, inverse});
}

// Forward was z = x r with r = 1 / |x|. So dx = r (dz - z <z, dz>). (A row shorter than eps would miss the second term: z is 0 there.)
template <class T>
struct UnitRowBackward {
  View<const T, 2> z, dz;                  // (N, C)
  View<const Accum<T>, 1> inverse;         // (N)
  View<T, 2> dx;                           // (N, C), may be the memory of dz
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index n) const {
    auto const along = lane.sum_over(z.cols(), [&](Index c) { return wide(z(n, c)) * wide(dz(n, c)); });
    auto const r = inverse(n);
    lane.each(z.cols(), [&](Index c) { dx(n, c) = T(r * (wide(dz(n, c)) - wide(z(n, c)) * along)); });
  }
};

template <class B, class T>
void unit_rows_backward(B& be, std::type_identity_t<View<const T, 2>> z,                 // (N, C)
                        std::type_identity_t<View<const Accum<T>, 1>> inverse,           // (N)
                        std::type_identity_t<View<const T, 2>> dz,                       // (N, C)
                        View<T, 2> dx) {                                                 // (N, C), written
  for_each_row(be, z.rows(), UnitRowBackward<T>{z, dz, inverse, dx});
}

template <class T>
struct InverseNorm {                       // r = g / |v|, one row, one worker
  View<const T, 2> v;                      // (P K, C)
  View<const Accum<T>, 1> g;               // (P K)
  View<Accum<T>, 1> r;                     // (P K)
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index n) const {
    auto const norm = math::sqrt(lane.sum_over(v.cols(), [&](Index c) { return math::square(wide(v(n, c))); }));
    lane.once([&] { r(n) = g(n) / norm; });
  }
};

template <class B, class T>
void inverse_norms(B& be, View<const T, 3> v,                           // (P, K, C)
                   std::type_identity_t<View<const Accum<T>, 1>> g,     // (P K)
                   View<Accum<T>, 2> r) {                               // (P, K), written
  Index const n = v.extent[0] * v.extent[1];
  for_each_row(be, n, InverseNorm<T>{v.as(n, v.extent[2]), g, r.flat()});
}

template <class T>
struct ScaleScores {                       // s(n, k) *= r(j, k), j the position of row n = (b, j)
  View<T, 2> s;                            // (B L, K)
  View<const Accum<T>, 2> r;               // (P, K)
  Index tokens;                            // L
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index n) const {
    auto const scale = r.row(r.rows() == 1 ? 0 : n % tokens);
    lane.each(s.cols(), [&](Index k) { s(n, k) = T(wide(s(n, k)) * scale(k)); });
  }
};

// The products of a position with its directions: L small ones side by side, or one large one where the directions are shared.
template <class T>
Matrices<T> by_position(View<T, 3> x, bool shared) {                    // x: (B, L, C)
  if (shared) return {x.data, 1, x.extent[0] * x.extent[1], x.extent[2], 0, x.extent[2], 1};
  return matrices_by_token(x);
}

template <class B, class T>
void cosine_scores(B& be, View<const T, 3> z,                           // (B, L, C)
                   View<const T, 3> v,                                  // (P, K, C)
                   std::type_identity_t<View<const Accum<T>, 2>> r,     // (P, K)
                   View<Accum<T>, 3> s) {                               // (B, L, K), written
  bool const shared = v.extent[0] == 1;
  gemm(be, by_position(z, shared), transposed(matrices(v)), by_position(s, shared));
  Index const N = s.extent[0] * s.extent[1];
  for_each_row(be, N, ScaleScores<Accum<T>>{s.as(N, s.cols()), r, s.extent[1]});
}

// Forward was s = r <z, v>, r = g / |v|. So, with ds' = r ds,
//   dz = ds' v,     dv = sum_b ds' z - v / |v|^2 sum_b ds s,     dg = sum_b ds s / g.
template <class T>
struct DirectionGradient {                 // one direction (position, k), one worker
  View<const T, 3> z;                      // (B, L, C)
  View<const T, 3> v;                      // (P, K, C)
  View<const Accum<T>, 1> g, r;            // (P K)
  View<const Accum<T>, 3> s, ds;           // (B, L, K)
  View<Accum<T>, 3> dv;                    // (P, K, C), added to
  View<Accum<T>, 1> dg;                    // (P K), added to; empty where g is fixed
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index n) const {
    using S = Accum<T>;
    Index const K = v.extent[1], C = v.extent[2], L = z.extent[1], p = n / K, k = n % K, batch = z.extent[0];
    Index const rows = v.extent[0] == 1 ? batch * L : batch;            // the tokens that this direction meets
    auto const token = [&](Index i) { return v.extent[0] == 1 ? i : i * L + p; };
    View<const S, 2> const scores = View<const S, 2>(s.data, batch * L, K), d_scores = View<const S, 2>(ds.data, batch * L, K);
    View<const T, 2> const tokens = View<const T, 2>(z.data, batch * L, C);
    S const along = lane.sum_over(rows, [&](Index i) { return scores(token(i), k) * d_scores(token(i), k); });
    S const scale = r(n), gain = g(n), pull = along * scale * scale / (gain * gain);       // 1 / |v|^2 = (r / g)^2
    auto const out = dv.row(p).row(k);
    auto const direction = v.row(p).row(k);
    lane.each(C, [&](Index c) { out(c) -= pull * wide(direction(c)); });
    for (Index i = 0; i < rows; ++i) {
      S const weight = scale * d_scores(token(i), k);
      T const* const x = &tokens(token(i), 0);
      lane.each(C, [&](Index c) { out(c) += weight * wide(x[c]); });
    }
    if (dg) lane.once([&] { dg(n) += along / gain; });
  }
};

template <class B, class T>
void direction_gradients(any_tag, B& be, DirectionGradient<T> const& f, View<const T, 3>) {        // ds' (B, L, K)
  for_each_row(be, f.g.size(), f);
}

// The same sums by a product, where those are fast: sum_b ds' z of all directions of a position is one, with ds' in the products' type.
template <class S>
struct AlongDirection {                    // along(j, k) = sum_b ds s, i a flat (j, k): where every position has its own directions
  View<const S, 3> s, ds;                  // (B, L, K)
  View<S, 1> along;                        // (L K), written
  AFIRE_HD void operator()(Index i) const {
    S sum = 0;
    for (Index b = 0; b < s.extent[0]; ++b) sum += s.data[b * along.size() + i] * ds.data[b * along.size() + i];
    along(i) = sum;
  }
};

template <class S>
struct AlongShared {                       // s ds of one token and direction, summed down the columns: where positions share them
  View<const S, 2> s, ds;                  // (B L, K)
  AFIRE_HD S operator()(Index n, Index k) const { return s(n, k) * ds(n, k); }
};

template <class T>
struct PullDirection {                     // dv -= v along / |v|^2, dg += along / g; one direction, one worker
  DirectionGradient<T> of;
  View<const Accum<T>, 1> along;           // (P K)
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index n) const {
    using S = Accum<T>;
    Index const K = of.v.extent[1];
    S const sum = along(n), scale = of.r(n), gain = of.g(n), pull = sum * scale * scale / (gain * gain);
    auto const out = of.dv.row(n / K).row(n % K);
    auto const direction = of.v.row(n / K).row(n % K);
    lane.each(out.size(), [&](Index c) { out(c) -= pull * wide(direction(c)); });
    if (of.dg) lane.once([&] { of.dg(n) += sum / gain; });
  }
};

template <class B, class T>
void direction_gradients_by_product(B& be, DirectionGradient<T> const& f, View<const T, 3> scaled,       // ds' (B, L, K)
                                    View<Accum<T>, 2> scratch) {         // (1, P K); with shared directions (1 + column_chunks, K)
  bool const shared = f.v.extent[0] == 1;
  Index const N = f.s.extent[0] * f.s.extent[1], K = f.s.cols();
  View<Accum<T>, 1> const along = scratch.row(0);
  if (shared) {
    fill(be, along, 0);
    add_column_sums(be, N, AlongShared<Accum<T>>{f.s.as(N, K), f.ds.as(N, K)}, along, scratch.slice(1, column_chunks));
  } else {
    for_each(be, along.size(), AlongDirection<Accum<T>>{f.s, f.ds, along});
  }
  for_each_row(be, along.size(), PullDirection<T>{f, along});
  gemm(be, transposed(by_position(scaled, shared)), by_position(f.z, shared), matrices(f.dv), GemmOf<T>{.add = true});
}

template <class T>
struct ScaleGradient {                     // scaled(n, k) = ds(n, k) r(j, k), in the type of the products
  View<const Accum<T>, 2> ds;              // (B L, K)
  View<const Accum<T>, 2> r;               // (P, K)
  View<T, 2> scaled;                       // (B L, K)
  Index tokens;
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index n) const {
    auto const scale = r.row(r.rows() == 1 ? 0 : n % tokens);
    lane.each(ds.cols(), [&](Index k) { scaled(n, k) = T(ds(n, k) * scale(k)); });
  }
};

template <class B, class T>
void cosine_scores_backward(B& be, View<const T, 3> z,                                   // (B, L, C)
                            View<const T, 3> v,                                          // (P, K, C)
                            std::type_identity_t<View<const Accum<T>, 1>> g,             // (P K)
                            std::type_identity_t<View<const Accum<T>, 2>> r,             // (P, K)
                            std::type_identity_t<View<const Accum<T>, 3>> s,             // (B, L, K)
                            std::type_identity_t<View<const Accum<T>, 3>> ds,            // (B, L, K)
                            View<T, 3> dz,                                               // (B, L, C), written
                            View<Accum<T>, 3> dv,                                        // (P, K, C), added to
                            View<Accum<T>, 1> dg,                                        // (P K), added to; or empty
                            View<T, 3> scaled) {                                         // (B, L, K) scratch
  Index const N = z.extent[0] * z.extent[1], K = v.extent[1];
  bool const shared = v.extent[0] == 1;
  for_each_row(be, N, ScaleGradient<T>{ds.as(N, K), r, scaled.as(N, K), z.extent[1]});
  gemm(be, by_position(View<const T, 3>(scaled), shared), matrices(v), by_position(dz, shared));
  direction_gradients(typename B::tag{}, be, DirectionGradient<T>{z, v, g, r.flat(), s, ds, dv, dg}, View<const T, 3>(scaled));
}

}  // namespace afire
