// afire/backend/onednn_attention.hpp -- attention head by head, the products by oneDNN
//
//   attention(cpu, packed, o, log_sum, work);    attention_backward(cpu, packed, o, log_sum, d_o, d_qkv, work);    // op/attention.hpp
//
// A thread makes a head's scores, probabilities and output while they lie in its cache, and none waits for another in between; o, d_o and
// d_qkv are read and written where the heads lie side by side. Each head is multiplied by one thread: the same bits for any number of them.
// Of work, every thread uses one head's place.
#pragma once
#include <cstring>

#include <afire/backend/onednn_products.hpp>
#include <afire/op/attention.hpp>

namespace afire {

// f(products, place, head) for every head of 0 ... heads-1, one at a time in each of the places.
template <class B, class F>
void each_head(B& be, Index heads, Index places, F f) {
  int const team = team_size(be.threads);
  Index const most = heads < places ? heads : places, workers = team < most ? team : most;
  auto& products = *be.products;
  if (static_cast<Index>(products.size()) < workers) products.resize(static_cast<std::size_t>(workers));
  ThreadLimit const alone(1);
  parallel(static_cast<int>(workers), workers, [&](Index first, Index last) {
    for (Index worker = first; worker < last; ++worker)
      for (Index head = heads * worker / workers; head < heads * (worker + 1) / workers; ++head)
        f(products[static_cast<std::size_t>(worker)], worker, head);
  });
}

// Between a head of its own and one beside others: rows of D columns whose first elements are a stride apart.
template <class T>
void copy_head(T const* from, Index from_stride, T* to, Index to_stride, Index L, Index D) {
  for (Index l = 0; l < L; ++l) std::memcpy(to + l * to_stride, from + l * from_stride, static_cast<std::size_t>(D) * sizeof(T));
}

template <class B, class T>
void attention(onednn_tag, B& be, View<const T, 4> packed, View<T, 3> o, View<Accum<T>, 2> log_sum, AttentionWork<T> const& w) {
  if constexpr (std::is_same_v<T, double>) return attention(any_tag{}, be, packed, o, log_sum, w);
  else {
    Index const L = o.extent[1], C = o.extent[2], D = packed.extent[3], H = C / D;
    auto const scale = 1 / math::sqrt(static_cast<Accum<T>>(D));
    each_head(be, packed.extent[1], w.scores.extent[0], [&](OneDnnProducts& products, Index place, Index h) {
      View<const T, 2> const q = packed.row(0).row(h), k = packed.row(1).row(h), v = packed.row(2).row(h);
      auto const scores = w.scores.row(place);
      auto const probs = w.probs.row(place), head = w.heads.row(place);
      products.multiply<T>(matrix(q), transposed(matrix(k)), matrix(scores), {}, 1);
      widest_rows(ProbabilityRow<T>{scores, probs, log_sum.row(h), scale}, 0, L);
      products.multiply<T>(matrix(View<const T, 2>(probs)), matrix(v), matrix(head), {}, 1);
      copy_head<T>(head.data, D, &o(h / H, 0, h % H * D), C, L, D);
    });
  }
}

// The products of op/attention.hpp: dP = d_o v^T, ds from it, dq = ds k, dk = ds^T q, dv = P^T d_o.
template <class B, class T>
void attention_backward(onednn_tag, B& be, View<const T, 4> packed, View<const T, 3> o, View<const Accum<T>, 2> log_sum,
                        View<const T, 3> d_o, View<T, 2> d_qkv, AttentionWork<T> const& w) {
  if constexpr (std::is_same_v<T, double>) return attention_backward(any_tag{}, be, packed, o, log_sum, d_o, d_qkv, w);
  else {
    Index const L = o.extent[1], C = o.extent[2], D = packed.extent[3], H = C / D;
    auto const scale = 1 / math::sqrt(static_cast<Accum<T>>(D));
    each_head(be, packed.extent[1], w.scores.extent[0], [&](OneDnnProducts& products, Index place, Index h) {
      View<const T, 2> const q = packed.row(0).row(h), k = packed.row(1).row(h), v = packed.row(2).row(h);
      auto const scores = w.scores.row(place), d_probs = w.d_probs.row(place);
      auto const probs = w.probs.row(place), d_scores = w.d_scores.row(place), d_head = w.heads.row(place);
      View<const T, 3> const out(&o(h / H, 0, h % H * D), 1, L, C);      // its first D columns are this head's
      copy_head<T>(&d_o(h / H, 0, h % H * D), C, d_head.data, D, L, D);
      auto const dy = matrix(View<const T, 2>(d_head)), ds = matrix(View<const T, 2>(d_scores));
      products.multiply<T>(matrix(q), transposed(matrix(k)), matrix(scores), {}, 1);
      products.multiply<T>(dy, transposed(matrix(v)), matrix(d_probs), {}, 1);
      widest_rows(ScoreGradientRow<T>{scores, d_probs, log_sum.row(h), d_head, out, probs, d_scores, scale}, 0, L);
      products.multiply<T>(ds, matrix(k), matrix(w.d_packed.row(0).row(place)), {}, 1);
      products.multiply<T>(transposed(ds), matrix(q), matrix(w.d_packed.row(1).row(place)), {}, 1);
      products.multiply<T>(transposed(matrix(View<const T, 2>(probs))), dy, matrix(w.d_packed.row(2).row(place)), {}, 1);
      for (Index which = 0; which < 3; ++which)
        copy_head<T>(w.d_packed.row(which).row(place).data, D, &d_qkv(h / H * L, which * C + h % H * D), 3 * C, L, D);
    });
  }
}

}  // namespace afire
