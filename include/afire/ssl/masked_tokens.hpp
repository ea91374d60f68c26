// afire/ssl/masked_tokens.hpp -- a masked patch is to be assigned as the teacher assigns it, who sees it (iBOT, eq. 2)
//
//   loss = mean over images of the mean over an image's masked patches of  - sum_k T(n, j, k) log softmax_k(s(n, j, :) / t)
//   s: (V B, L, K) of the student, T: an assignment of the teacher's scores of the same places; images of the first G views
//
//   1.0 * CrossViews{CentreSharpen{}} + 1.0 * MaskedTokens{CentreSharpen{.temperature = 0.07}}          // iBOT
//   MaskedTokens<CentreSharpen>{.all = true}                                                            // masked or not
//
// Where it starts: ln K, times the share of images that have a masked patch at all, where only those count.
#pragma once
#include <afire/op/cross_entropy.hpp>
#include <afire/ssl/centre_sharpen.hpp>
#include <afire/ssl/objective.hpp>
#include <afire/ssl/token_contrast.hpp>

namespace afire {

template <class Assignment = CentreSharpen>
struct MaskedTokens {
  Assignment assignment = {};
  double temperature = 0.1;                // t
  bool all = false;                        // every patch counts, not the masked ones alone
  static constexpr Needs needs{.teacher = true, .scores = true, .targets = true, .remembers = Assignment::remembers};

  template <class T>
  struct State {
    using S = Accum<T>;
    typename Assignment::template State<S> memory;
    View<S, 2> targets;                    // (G B L, K)
    View<S, 1> weights, losses;            // (G B L) scratch
    template <class F>
    void visit(F&& f) {
      memory.visit([&](std::string const& name, auto view) { f("patch_" + name, view); });
    }
  };

  template <class T>
  State<T> plan(Arena& arena, Sizes z) const {
    using S = Accum<T>;
    Index const N = z.views.teacher * z.films() * z.tokens;
    expects_positive("masked tokens: the temperature", temperature);
    return {assignment.template plan<S>(arena, N, z.prototypes), arena.keep<S>(N, z.prototypes), arena.keep<S>(N), arena.keep<S>(N)};
  }
  template <class B, class T>
  void start(B& be, State<T>& s) const {
    if constexpr (requires { assignment.start(be, s.memory); }) assignment.start(be, s.memory);
  }

  template <class B, class T, class Pixels>
  double evaluate(B& be, State<T>& s, Outputs<T> const& out, Micro<Pixels> const& batch, Terms& terms, double weight = 1) const {
    using S = Accum<T>;
    Index const images = out.teacher_scores.extent[0], K = out.teacher_scores.extent[2], N = s.weights.size();
    assignment.assign(be, s.memory, out.teacher_scores.as(N, K), s.targets, batch.epoch);
    Index const of_step = batch.films / out.views.student * out.views.teacher;
    if (all) fill(be, s.weights, 1 / static_cast<S>(of_step * out.teacher_scores.extent[1]));
    else film_weights(be, batch.lesion.slice(0, images), of_step, s.weights);
    double const loss = soft_cross_entropy(be, out.scores.slice(0, images).as(N, K), s.targets, s.weights, temperature, weight,
                                           View<S, 2>(out.d_scores.slice(0, images).as(N, K)), s.losses);
    for_each_row(be, N, EntropyRow<S>{s.targets, s.losses});
    terms["masked_tokens"] += loss;
    terms["kl"] += loss - reduce(be, N, WeightedLoss<S>{s.weights, s.losses});
    return weight * loss;
  }

  template <class B, class T>
  void remember(B& be, State<T>& s, Outputs<T> const& out) const {
    assignment.remember(be, s.memory, out.teacher_scores.as(s.weights.size(), out.teacher_scores.extent[2]));
  }
  template <class B, class T>
  void conclude(B& be, State<T>& s, Moment const&) const { assignment.conclude(be, s.memory); }
};
template <class A>
MaskedTokens(A) -> MaskedTokens<A>;
MaskedTokens() -> MaskedTokens<CentreSharpen>;

}  // namespace afire
