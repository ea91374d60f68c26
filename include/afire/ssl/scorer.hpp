// afire/ssl/scorer.hpp -- tokens of an encoder through a head: every patch token, one pooled token of each image, or both
//
//   patch scores  s(n, j, :) = head(tokens(n, front + j))                  (V B, L, K)
//   class scores  s(n, :)    = head(mean of tokens first ... first + count - 1)        (V B, K);  the class token is {0, 1}
//
//   Scorer<T, ProjectionHead<T>, needs> scorer{pool, L};    auto saved = scorer.plan(head, arena, images, C, N);
//   scorer.forward(be, head, tokens, saved);                // saved.scores(), saved.class_scores()
//   scorer.backward(be, head, d_tokens, saved);             // adds to d_tokens what saved.d_scores and saved.d_class_scores say
//
// One head serves both: its parameters get the sum of the two gradients.
#pragma once
#include <optional>

#include <afire/nn/embed.hpp>
#include <afire/nn/pool.hpp>
#include <afire/ssl/objective.hpp>

namespace afire {

template <class T>
struct JoinTokenGradients {                // d_tokens(b, N - L + j) += d_patch_tokens(b, j); one patch token, one worker
  View<const T, 3> d_patch_tokens;         // (B, L, C)
  View<T, 3> d_tokens;                     // (B, N, C)
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index n) const {
    Index const L = d_patch_tokens.extent[1], b = n / L, j = n % L, row = d_tokens.extent[1] - L + j;
    lane.each(d_tokens.cols(), [&](Index c) { d_tokens(b, row, c) = T(wide(d_tokens(b, row, c)) + wide(d_patch_tokens(b, j, c))); });
  }
};

template <class T>
struct JoinPooledGradients {               // d_tokens(b, first + j) += d_pooled(b) / count; one pooled token, one worker
  View<const T, 2> d_pooled;               // (B, C)
  Pool pool;
  View<T, 3> d_tokens;                     // (B, N, C)
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index n) const {
    Index const b = n / pool.count, row = pool.first + n % pool.count;
    Accum<T> const share = Accum<T>(1) / static_cast<Accum<T>>(pool.count);
    lane.each(d_tokens.cols(), [&](Index c) { d_tokens(b, row, c) = T(wide(d_tokens(b, row, c)) + share * wide(d_pooled(b, c))); });
  }
};

template <class T, class Head, Needs needs>
struct Scorer {
  Pool pool;
  Index patches;                           // L

  struct Nowhere {};
  template <bool there>
  using SavedHead = std::conditional_t<there, typename Head::Saved, Nowhere>;
  struct Saved {
    View<T, 3> patch_tokens, d_patch_tokens;             // (B, L, C)
    View<T, 2> class_tokens, d_class_tokens;             // (B, C)
    View<Accum<T>, 3> d_scores;                          // (B, L, K)
    View<Accum<T>, 3> d_class_scores;                    // (B, 1, K)
    SavedHead<needs.scores> head;
    SavedHead<needs.class_scores> class_head;

    View<const Accum<T>, 3> scores() const {
      if constexpr (needs.scores) return head.scores;
      else return {};
    }
    View<const Accum<T>, 2> class_scores() const {
      if constexpr (needs.class_scores) return flat_rows(class_head.scores);
      else return {};
    }
    View<Accum<T>, 2> d_class() const { return d_class_scores ? flat_rows(d_class_scores) : View<Accum<T>, 2>{}; }
  };

  // A plan that forgets (a teacher's) has no gradients.
  Saved plan(Head const& head, Arena& arena, Index images, Index width, Index tokens) const {        // `tokens` of the smallest image
    Saved s;
    if constexpr (needs.class_scores) pool.expect_within(tokens);
    if constexpr (needs.scores) {
      s.patch_tokens = arena.keep<T>(images, patches, width);
      if (!arena.forgetting()) {
        s.d_patch_tokens = arena.scratch<T>(images, patches, width);
        s.d_scores = arena.scratch<Accum<T>>(images, patches, head.prototypes());
      }
    }
    if constexpr (needs.class_scores) {
      s.class_tokens = arena.keep<T>(images, width);
      if (!arena.forgetting()) {
        s.d_class_tokens = arena.scratch<T>(images, width);
        s.d_class_scores = arena.scratch<Accum<T>>(images, Index{1}, head.prototypes());
      }
    }
    // The scratch of a head may be taken again by whoever plans next; where its outputs are scratch too, it may not.
    std::optional<Arena::Scope> scope;
    if (!arena.forgetting()) scope.emplace(arena);
    if constexpr (needs.scores) s.head = head.plan(arena, images, patches);
    if constexpr (needs.class_scores) s.class_head = head.plan(arena, images, 1);
    return s;
  }

  template <class B>
  void forward(B& be, Head& head, View<const T, 3> tokens,               // (B, N, C)
               Saved& s, View<const T, 3> small_tokens = {}) const {           // images behind those of `tokens`, of another size; or empty
    if constexpr (needs.scores) {
      for_each_row(be, s.patch_tokens.extent[0] * s.patch_tokens.extent[1], DropClassToken<T>{tokens, s.patch_tokens});
      head.forward(be, flat_rows(s.patch_tokens), s.head);
    }
    if constexpr (needs.class_scores) {
      Index const first = tokens.extent[0];
      pool.forward(be, tokens, s.class_tokens.slice(0, first));
      if (small_tokens) pool.forward(be, small_tokens, s.class_tokens.slice(first, small_tokens.extent[0]));
      head.forward(be, s.class_tokens, s.class_head);
    }
  }

  template <class B>
  void clear(B& be, Saved& s) const {
    if constexpr (needs.scores) fill(be, s.d_scores.flat(), 0);
    if constexpr (needs.class_scores) fill(be, s.d_class_scores.flat(), 0);
  }

  template <class B>
  void backward(B& be, Head& head, View<T, 3> d_tokens,                  // (B, N, C), added to
                Saved& s, View<T, 3> d_small_tokens = {}) const {               // written
    if constexpr (needs.scores) {
      head.backward(be, flat_rows(s.patch_tokens), s.d_scores, flat_rows(s.d_patch_tokens), s.head);
      for_each_row(be, s.d_patch_tokens.extent[0] * s.d_patch_tokens.extent[1], JoinTokenGradients<T>{s.d_patch_tokens, d_tokens});
    }
    if constexpr (needs.class_scores) {
      head.backward(be, s.class_tokens, s.d_class_scores, s.d_class_tokens, s.class_head);
      Index const first = d_tokens.extent[0];
      for_each_row(be, first * pool.count, JoinPooledGradients<T>{s.d_class_tokens, pool, d_tokens});
      if (d_small_tokens) pool.backward(be, s.d_class_tokens.slice(first, d_small_tokens.extent[0]), d_small_tokens);
    }
  }

 private:
  template <class V>
  static auto flat_rows(V x) { return x.as(x.extent[0] * x.extent[1], x.extent[2]); }
};

}  // namespace afire
