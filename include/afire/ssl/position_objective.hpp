// afire/ssl/position_objective.hpp -- reading H1 of the structure loss as an objective: a token finds its position among all
//
//   centre(j) = moving mean over films of the teacher's embedding at position j (ssl/prototypes.hpp);  loss: ssl/position_contrast.hpp
//
//   PositionInfoNce{PositionContrast{.temperature = 0.1}}        // with an embedding: MlpHead{.norm = HiddenNorm::none}
//
// Tokens of lesions are left out, as in TokenContrast. Where it starts: ln L less what the position table alone already gives away.
#pragma once
#include <afire/ssl/objective.hpp>
#include <afire/ssl/position_contrast.hpp>
#include <afire/ssl/prototypes.hpp>

namespace afire {

struct UntouchedMap {                      // counted = 1 where nothing was changed
  View<const unsigned char, 1> lesion;     // (B L)
  View<unsigned char, 1> counted;          // (B L), written
  AFIRE_HD void operator()(Index n) const { counted(n) = lesion(n) == 0; }
};

struct PositionInfoNce {
  PositionContrast contrast = {};
  Prototypes prototypes = {};
  static constexpr Needs needs{.teacher = true, .scores = true, .observes = true};

  template <class T>
  struct State {
    View<Accum<T>, 2> centre, sum;         // (L, K); the first is saved with the run
    View<unsigned char, 1> counted;        // (B L) scratch
    PositionContrast::Room<Accum<T>> room;
    template <class F>
    void visit(F&& f) { f("centre", centre); }
  };

  template <class T>
  State<T> plan(Arena& arena, Sizes z) const {
    using S = Accum<T>;
    validated(contrast), validated(prototypes);
    return {arena.keep<S>(z.tokens, z.prototypes), arena.keep<S>(z.tokens, z.prototypes), arena.keep<unsigned char>(z.batch * z.tokens),
            contrast.template plan<S>(arena, z.batch, z.tokens, z.prototypes)};
  }
  template <class B, class T>
  void start(B& be, State<T>& s) const { fill(be, s.centre.flat(), 0), fill(be, s.sum.flat(), 0); }
  template <class B, class T>
  void observe(B& be, State<T>& s, std::type_identity_t<View<const Accum<T>, 3>> teacher) const {        // (G B, L, K)
    for_each(be, s.sum.size(), AddOverFilms<Accum<T>>{teacher, s.sum.flat()});
  }
  template <class B, class T>
  void settle(B& be, State<T>& s, Moment const& m) const {
    move_prototypes(be, s.centre, s.sum, prototypes.weight(m.epoch, m.step), m.films);
  }
  template <class B, class S>
  void refresh(B&, S&) const {}

  template <class B, class T, class Pixels>
  double evaluate(B& be, State<T>& s, Outputs<T> const& out, Micro<Pixels> const& batch, Terms& terms, double weight = 1) const {
    Index const N = out.scores.extent[0] * out.scores.extent[1], K = out.scores.extent[2];
    for_each(be, N, UntouchedMap{batch.lesion.flat(), s.counted});
    double const loss = contrast(be, out.scores.as(N, K), s.centre, s.counted, batch.normal, weight, out.d_scores.as(N, K), {}, s.room);
    terms["positions"] += loss;
    return weight * loss;
  }
};

}  // namespace afire
