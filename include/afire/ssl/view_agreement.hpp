// afire/ssl/view_agreement.hpp -- two views of a film agree, by any loss of pairs (ssl/pair_loss.hpp)
//
//   ViewAgreement{NtXent{}}                 loss(z0, z1): both views of the student, both learn              (SimCLR, VICReg, Barlow Twins)
//   TeacherAgreement{moco_v3_contrast()}   loss(p0, k1) + loss(p1, k0): p the student's, with its predictor, k the teacher's, constants
//                                                                                                        (MoCo v3, BYOL, SimSiam)
//   z, p, k: (B, K) class scores of a head that gives embeddings (nn/mlp_head.hpp)
//
// Where it starts: untrained embeddings of all films point nearly the same way, so every film is as likely as the right one:
// NT-Xent at ln(2B - 1), InfoNCE at ln B, each times its factor. With batch norm they point apart, and it starts a little lower.
#pragma once
#include <afire/ssl/objective.hpp>
#include <afire/ssl/pair_loss.hpp>

namespace afire {

template <class Loss>
struct ViewAgreement {
  Loss loss = {};
  static constexpr Needs needs{.class_scores = true, .views = 2};

  template <class T>
  struct State {
    typename Loss::template Room<Accum<T>> room;
    template <class F>
    void visit(F&&) {}
  };
  template <class T>
  State<T> plan(Arena& arena, Sizes z) const { return {validated(loss).template plan<Accum<T>>(arena, z.films(), z.prototypes)}; }

  template <class B, class T, class Pixels>
  double evaluate(B& be, State<T>& s, Outputs<T> const& out, Micro<Pixels> const& batch, Terms& terms, double weight = 1) const {
    Index const V = out.views.student;
    auto const z = [&](Index v) { return of_view(out.class_scores, v, V); };
    auto const dz = [&](Index v) { return of_view(out.d_class_scores, v, V); };
    double const share = micro_share(out.class_scores.rows(), batch.films);
    double const value = share * loss(be, z(0), z(1), weight * share, dz(0), dz(1), s.room);
    terms["agreement"] += value;
    return weight * value;
  }
};
template <class L>
ViewAgreement(L) -> ViewAgreement<L>;

template <class Loss>
struct TeacherAgreement {
  Loss loss = {};
  static constexpr Needs needs{.teacher = true, .class_scores = true, .targets = true, .views = 2};

  template <class T>
  using State = typename ViewAgreement<Loss>::template State<T>;
  template <class T>
  State<T> plan(Arena& arena, Sizes z) const { return {validated(loss).template plan<Accum<T>>(arena, z.films(), z.prototypes)}; }

  template <class B, class T, class Pixels>
  double evaluate(B& be, State<T>& s, Outputs<T> const& out, Micro<Pixels> const& batch, Terms& terms, double weight = 1) const {
    Index const V = out.views.student, G = out.views.teacher;
    auto const p = [&](Index v) { return of_view(out.class_scores, v, V); };
    auto const dp = [&](Index v) { return of_view(out.d_class_scores, v, V); };
    auto const k = [&](Index v) { return of_view(out.teacher_class_scores, v, G); };
    double const share = micro_share(out.class_scores.rows(), batch.films);
    double const value = share * symmetric(be, loss, p(0), p(1), k(0), k(1), weight * share, dp(0), dp(1), {}, {}, s.room);
    terms["agreement"] += value;
    return weight * value;
  }
};
template <class L>
TeacherAgreement(L) -> TeacherAgreement<L>;

}  // namespace afire
