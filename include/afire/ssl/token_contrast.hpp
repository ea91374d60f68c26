// afire/ssl/token_contrast.hpp -- token-wise anatomy-guided contrast: every untouched token is classified into its position's prototypes
//
//   loss = 1 / N+  sum over untouched tokens (b, j) of  - sum_k T(j, k) log softmax_k(s(b, j, :) / t)           (spec 2.8)
//   d loss / d s(b, j, k) = (softmax_k(s / t) - T(j, k)) / (t N+)  at untouched tokens, else 0
//   T = assignment of the prototypes (L, K);  N+ = number of untouched tokens in the whole batch;  0 when there are none (spec Q9)
//
//   TokenContrast{Sinkhorn{.iterations = 3}}          TokenContrast{.assignment = Softmax{}, .temperature = 0.1}
//   TokenContrast<>{.tokens = Tokens::all}            // or Tokens::lesion: an ablation that looks at other tokens; N+ counts those
//
// KL = loss - (mean entropy of T over the same tokens) is what can still be won; it is logged beside the loss.
#pragma once
#include <afire/op/cross_entropy.hpp>
#include <afire/ssl/assignment.hpp>
#include <afire/ssl/objective.hpp>
#include <afire/ssl/prototypes.hpp>

namespace afire {

enum class Tokens { normal, lesion, all };  // which take part

// Whether a token counts in the contrast.
AFIRE_HD constexpr bool takes_part(Tokens which, bool lesion) { return which == Tokens::all || (which == Tokens::lesion) == lesion; }

template <class S>
struct ContrastWeight {                       // what a token counts for in the gradient
  View<const unsigned char, 1> lesion;     // (B L)
  S share;                                 // objective's weight / N+
  Tokens which;
  AFIRE_HD S operator()(Index n) const { return takes_part(which, lesion(n)) ? share : S(0); }
};

template <class S>
struct EntropyRow {                        // entropy(j) = - sum_k T log T
  View<const S, 2> targets;                // (L, K)
  View<S, 1> entropy;                      // (L)
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index j) const {
    S sum = 0;
    for (Index k = 0; k < targets.cols(); ++k) sum += targets(j, k) > 0 ? targets(j, k) * std::log(targets(j, k)) : S(0);
    lane.once([&] { entropy(j) = -sum; });
  }
};

template <class S>
struct CountedEntropy {                    // entropy of the targets of the tokens that take part, for reduce
  View<const S, 1> entropy;                // (L)
  View<const unsigned char, 1> lesion;     // (B L)
  Tokens which;
  AFIRE_HD double operator()(Index n) const {
    return takes_part(which, lesion(n)) ? static_cast<double>(entropy(n % entropy.size())) : 0.0;
  }
};

template <class Assignment = Sinkhorn>
struct TokenContrast {
  Assignment assignment = {};
  double temperature = 0.1;                // t, of the student's softmax
  Prototypes prototypes = {};
  Tokens tokens = Tokens::normal;
  static constexpr Needs needs{.teacher = true, .scores = true, .observes = true};

  template <class T>
  struct State {
    View<Accum<T>, 2> prototypes;          // (L, K): saved with the run
    View<Accum<T>, 2> sum, targets;        // (L, K)
    View<Accum<T>, 1> entropy;             // (L)
    View<Accum<T>, 1> clusters, samples;   // (K), (L) scratch of the assignment
    View<Accum<T>, 1> losses;              // (B L) scratch
    template <class F>
    void visit(F&& f) { f("prototype", prototypes); }
  };

  template <class T>
  State<T> plan(Arena& arena, Sizes z) const {
    using S = Accum<T>;
    validated(assignment), validated(prototypes), expects_positive("token contrast: the temperature", temperature);
    return {arena.keep<S>(z.tokens, z.prototypes), arena.keep<S>(z.tokens, z.prototypes), arena.keep<S>(z.tokens, z.prototypes),
            arena.keep<S>(z.tokens), arena.keep<S>(z.prototypes), arena.keep<S>(z.tokens), arena.keep<S>(z.batch * z.tokens)};
  }

  template <class B, class T>
  void observe(B& be, State<T>& s, std::type_identity_t<View<const Accum<T>, 3>> teacher) const {        // (B, L, K)
    for_each(be, s.sum.size(), AddOverFilms<Accum<T>>{teacher, s.sum.flat()});
  }

  template <class B, class T>
  void settle(B& be, State<T>& s, Moment const& m) const {
    move_prototypes(be, s.prototypes, s.sum, prototypes.weight(m.epoch, m.step), m.films);
    refresh(be, s);
  }

  // Targets from the prototypes as they are.
  template <class B, class T>
  void refresh(B& be, State<T>& s) const {
    assignment(be, View<const Accum<T>, 2>(s.prototypes), s.targets, s.clusters, s.samples);
    for_each_row(be, s.targets.rows(), EntropyRow<Accum<T>>{s.targets, s.entropy});
  }

  template <class B, class T, class Pixels>
  double evaluate(B& be, State<T>& s, Outputs<T> const& out, Micro<Pixels> const& batch, Terms& terms, double weight = 1) const {
    using S = Accum<T>;
    Index const N = out.scores.extent[0] * out.scores.extent[1], K = out.scores.extent[2];
    double const entropy = sum_of(be, s.entropy) / static_cast<double>(s.entropy.size());
    terms["target_entropy"] += entropy * micro_share(out.scores.extent[0], batch.films);
    Index const counted = tokens == Tokens::normal ? batch.normal : tokens == Tokens::lesion ? batch.lesions : batch.normal + batch.lesions;
    if (counted == 0) return 0;
    double const share = 1 / static_cast<double>(counted);
    auto const lesion = batch.lesion.flat();
    auto const losses = s.losses.slice(0, N);
    ContrastWeight<S> const counts{lesion, static_cast<S>(weight * share), tokens};
    for_each_row(be, N, CrossEntropyRow<S, ContrastWeight<S>>{out.scores.as(N, K), s.targets, counts, out.d_scores.as(N, K), losses,
                                                              static_cast<S>(1 / temperature)});
    double const loss = sum_of(be, losses) * share;
    terms["contrast"] += loss;
    terms["kl"] += loss - reduce(be, N, CountedEntropy<S>{s.entropy, lesion, tokens}) * share;
    return weight * loss;
  }
};
template <class A>
TokenContrast(A) -> TokenContrast<A>;
TokenContrast() -> TokenContrast<Sinkhorn>;

}  // namespace afire
