// afire/op/attention.hpp -- multi-head self-attention on packed queries, keys and values, without storing the probabilities
//
//   P = softmax(scale q k^T),   o = P v,   scale = 1 / sqrt(D);       q, k, v, o: (B, H, L, D);  P: (B, H, L, L)
//
//   pack_heads(be, qkv, packed);                                        // (B L, 3 C) -> (3, B H, L, D), once a block
//   attention(be, packed, o, log_sum, work);                            // o: (B, L, C), log_sum: (B H, L)
//   attention_backward(be, packed, o, log_sum, d_o, d_qkv, work);       // d_qkv is written
//
// Probabilities exist for a few images at a time (work), small enough to stay in cache; the backward pass makes them again from
// the log of the row sums (Dao et al., "FlashAttention", 2022, have the idea for smaller tiles).
#pragma once
#include <afire/core/arena.hpp>
#include <afire/core/backend.hpp>
#include <afire/op/math.hpp>

namespace afire {

// Scratch for the images that are worked on at once.
template <class T>
struct AttentionWork {
  Index images = 1;                        // at once
  View<Accum<T>, 3> scores, d_probs;       // (images H, L, L)
  View<T, 3> probs, d_scores;              // (images H, L, L)
  View<T, 3> heads;                        // (images H, L, D): o or d_o of each head
  View<T, 4> d_packed;                     // (3, images H, L, D)
};

// Enough images to keep a few threads busy, few enough for the cache.
inline Index images_at_once(Index batch, Index heads) {
  Index const enough = (12 + heads - 1) / heads;
  return enough < batch ? enough : batch;
}

// Scratch for so many images at a time as keep all workers busy.
template <class T>
AttentionWork<T> plan_attention(Arena& arena, Index batch, Index heads, Index tokens, Index head_width) {
  AttentionWork<T> w;
  w.images = images_at_once(batch, heads);
  Index const n = w.images * heads;
  w.scores = arena.scratch<Accum<T>>(n, tokens, tokens);
  w.probs = arena.scratch<T>(n, tokens, tokens);
  w.heads = arena.scratch<T>(n, tokens, head_width);
  if (!arena.forgetting()) {
    w.d_probs = arena.scratch<Accum<T>>(n, tokens, tokens);
    w.d_scores = arena.scratch<T>(n, tokens, tokens);
    w.d_packed = arena.scratch<T>(Index{3}, n, tokens, head_width);
  }
  return w;
}

// Moves rows between (B L, M C) with C = H D and M stacked (B H, L, D); M is 3 for q, k, v together and 1 for o.
template <class T>
struct PackHeads {
  View<const T, 2> x;                      // (B L, M C)
  View<T, 4> y;                            // (M, B H, L, D)
  Index heads;
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index n) const {
    Index const L = y.extent[2], D = y.extent[3], image = n / L, l = n % L, parts = x.cols() / D;
    for (Index p = 0; p < parts; ++p) {
      T* const to = &y(p / heads, image * heads + p % heads, l, 0);
      T const* const from = &x(n, p * D);
      lane.each(D, [&](Index d) { to[d] = from[d]; });
    }
  }
};

template <class T>
struct UnpackHeads {                       // the inverse: heads side by side again
  View<const T, 4> x;                      // (M, B H, L, D)
  View<T, 2> y;                            // (B L, M C)
  Index heads;
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index n) const {
    Index const L = x.extent[2], D = x.extent[3], image = n / L, l = n % L, parts = y.cols() / D;
    for (Index p = 0; p < parts; ++p) {
      T const* const from = &x(p / heads, image * heads + p % heads, l, 0);
      T* const to = &y(n, p * D);
      lane.each(D, [&](Index d) { to[d] = from[d]; });
    }
  }
};

// Whether attention in T reads heads of this width where the product of a token wrote them. What is called packed is then (B L, 3 C), and
// a product that writes there needs no packing.
template <class T>
bool reads_heads_in_place(any_tag, Index) { return false; }

template <class B, class T>
void pack_heads(any_tag, B& be, View<const T, 2> qkv, View<T, 4> packed, Index heads) {
  for_each_row(be, qkv.rows(), PackHeads<T>{qkv, packed, heads});
}

template <class B, class T>
void pack_heads(B& be, std::type_identity_t<View<const T, 2>> qkv,      // (B L, 3 C)
                View<T, 4> packed,                                      // (3, B H, L, D), written
                Index heads) {
  pack_heads(typename B::tag{}, be, qkv, packed, heads);
}

template <class T>
struct ProbabilityRow {                    // one row of softmax(scale q k^T), one worker
  static constexpr bool calculates = true; // worth AVX-512 (backend/wide.hpp)
  View<Accum<T>, 2> scores;                // (n L, L): q k^T, overwritten: an exponential costs more than to write and read it
  View<T, 2> probs;                        // (n L, L)
  View<Accum<T>, 1> log_sum;               // (n L)
  Accum<T> scale;
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index r) const {
    Index const L = scores.cols();
    auto const s = scores.row(r);
    auto const p = probs.row(r);
    auto const by = scale;                 // a copy: a store to s might else change it
    auto const top = lane.max_over(L, [&](Index c) { return s(c); });
    lane.map(L, s.data, [&](Index c) { return math::exp(by * (s(c) - top)); });
    auto const sum = lane.sum_over(L, [&](Index c) { return s(c); });
    auto const share = 1 / sum;
    lane.map(L, p.data, [&](Index c) { return T(s(c) * share); });
    lane.once([&] { log_sum(r) = by * top + std::log(sum); });
  }
};

// Of q (0), k (1) or v (2): heads first ... first + count, counted over all films: (count, L, D).
template <class T>
View<T, 3> head_range(View<T, 4> packed, int which, Index first, Index count) {
  return packed.row(which).slice(first, count);
}

template <class B, class T>
void attention(any_tag, B& be, View<const T, 4> packed, View<T, 3> o, View<Accum<T>, 2> log_sum, AttentionWork<T> const& w) {
  Index const batch = o.extent[0], L = o.extent[1], H = packed.extent[1] / batch, D = packed.extent[3];
  auto const scale = 1 / math::sqrt(static_cast<Accum<T>>(D));
  for (Index image = 0; image < batch; image += w.images) {
    Index const images = batch - image < w.images ? batch - image : w.images, first = image * H, n = images * H;
    auto const q = head_range(packed, 0, first, n), k = head_range(packed, 1, first, n), v = head_range(packed, 2, first, n);
    auto const scores = w.scores.slice(0, n);
    auto const probs = w.probs.slice(0, n);
    auto const heads = w.heads.slice(0, n);
    gemm(be, matrices(q), transposed(matrices(k)), matrices(scores));
    for_each_row(be, n * L,
                 ProbabilityRow<T>{scores.as(n * L, L), probs.as(n * L, L), log_sum.slice(first, n).flat(), scale});
    gemm(be, matrices(View<const T, 3>(probs)), matrices(v), matrices(heads));
    for_each_row(be, images * L,
                 UnpackHeads<T>{heads.as(1, n, L, D), o.slice(image, images).as(images * L, H * D), H});
  }
}

template <class B, class T>
void attention(B& be, std::type_identity_t<View<const T, 4>> packed,     // (3, B H, L, D)
               View<T, 3> o,                                             // (B, L, C), written
               View<Accum<T>, 2> log_sum,                                // (B H, L), written
               AttentionWork<T> const& work) {
  attention(typename B::tag{}, be, packed, o, log_sum, work);
}

// Forward was P = softmax(scale s), s = q k^T, o = P v. So dP = d_o v^T, and a row of the softmax gives
//   ds = scale P (dP - sum_c P dP) = scale P (dP - <d_o, o>);      dq = ds k,   dk = ds^T q,   dv = P^T d_o.
template <class T>
struct ScoreGradientRow {
  static constexpr bool calculates = true; // worth AVX-512 (backend/wide.hpp)
  View<Accum<T>, 2> scores;                // (n L, L): q k^T, overwritten
  View<const Accum<T>, 2> d_probs;         // (n L, L)
  View<const Accum<T>, 1> log_sum;         // (n L)
  View<const T, 2> d_heads;                // (n L, D)
  View<const T, 3> o;                      // (images, L, C)
  View<T, 2> probs, d_scores;              // (n L, L), written
  Accum<T> scale;
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index r) const {
    Index const L = scores.cols(), D = d_heads.cols(), H = o.extent[2] / D, head = r / L;
    T const* const out = &o(head / H, r % L, (head % H) * D);
    auto const along = lane.sum_over(D, [&](Index d) { return wide(d_heads(r, d)) * wide(out[d]); });
    auto const shift = log_sum(r), by = scale;                           // copies, as above
    auto const p = scores.row(r);
    auto const dp = d_probs.row(r);
    lane.map(L, p.data, [&](Index c) { return math::exp(by * p(c) - shift); });
    lane.map(L, probs.row(r).data, [&](Index c) { return T(p(c)); });
    lane.map(L, d_scores.row(r).data, [&](Index c) { return T(by * p(c) * (dp(c) - along)); });
  }
};

template <class B, class T>
void attention_backward(any_tag, B& be, View<const T, 4> packed, View<const T, 3> o, View<const Accum<T>, 2> log_sum, View<const T, 3> d_o,
                        View<T, 2> d_qkv, AttentionWork<T> const& w) {
  Index const batch = o.extent[0], L = o.extent[1], H = packed.extent[1] / batch, D = packed.extent[3], C = H * D;
  auto const scale = 1 / math::sqrt(static_cast<Accum<T>>(D));
  for (Index image = 0; image < batch; image += w.images) {
    Index const images = batch - image < w.images ? batch - image : w.images, first = image * H, n = images * H;
    auto const q = head_range(packed, 0, first, n), k = head_range(packed, 1, first, n), v = head_range(packed, 2, first, n);
    auto const scores = w.scores.slice(0, n), d_probs = w.d_probs.slice(0, n);
    View<T, 3> const probs = w.probs.slice(0, n), d_scores = w.d_scores.slice(0, n), d_heads = w.heads.slice(0, n);
    View<T, 4> const d_packed(w.d_packed.data, 3, n, L, D);
    for_each_row(be, images * L, PackHeads<T>{d_o.slice(image, images).as(images * L, C), d_heads.as(1, n, L, D), H});
    auto const const_d_heads = matrices(View<const T, 3>(d_heads));
    gemm(be, matrices(q), transposed(matrices(k)), matrices(scores));
    gemm(be, const_d_heads, transposed(matrices(v)), matrices(d_probs));
    for_each_row(be, n * L,
                 ScoreGradientRow<T>{scores.as(n * L, L), d_probs.as(n * L, L), log_sum.slice(first, n).flat(), d_heads.as(n * L, D),
                                     o.slice(image, images), probs.as(n * L, L), d_scores.as(n * L, L), scale});
    auto const ds = matrices(View<const T, 3>(d_scores));
    gemm(be, ds, matrices(k), matrices(d_packed.row(0)));
    gemm(be, transposed(ds), matrices(q), matrices(d_packed.row(1)));
    gemm(be, transposed(matrices(View<const T, 3>(probs))), const_d_heads, matrices(d_packed.row(2)));
    for_each_row(be, images * L, UnpackHeads<T>{d_packed, d_qkv.slice(image * L, images * L), H});
  }
}

template <class B, class T>
void attention_backward(B& be, std::type_identity_t<View<const T, 4>> packed,            // (3, B H, L, D)
                        std::type_identity_t<View<const T, 3>> o,                        // (B, L, C)
                        std::type_identity_t<View<const Accum<T>, 2>> log_sum,           // (B H, L)
                        std::type_identity_t<View<const T, 3>> d_o,                      // (B, L, C)
                        View<T, 2> d_qkv,                                                // (B L, 3 C), written
                        AttentionWork<T> const& work) {
  attention_backward(typename B::tag{}, be, packed, o, log_sum, d_o, d_qkv, work);
}

}  // namespace afire
