// afire/ssl/queue_agreement.hpp -- MoCo as an objective (He et al., 2020, eq. 1): a view finds its key among those of the steps before
//
//   loss = QueueContrast(q, k),      q: the student's class scores of view 0, k: the teacher's of view 1, constants      (B, K) both
//
//   QueueAgreement{.contrast = {.temperature = 0.2}, .length = 4096}        // an embedding: MlpHead; Teacher<Ema>; TwoCrops
//
// Where it starts: the queue is empty, each query has its own key alone and the loss is 0; once M keys are in, ln(1 + M) at the most.
#pragma once
#include <afire/ssl/objective.hpp>
#include <afire/ssl/queue_contrast.hpp>

namespace afire {

struct QueueAgreement {
  QueueContrast contrast = {};
  Index length = 65536;                    // M, of the queue
  static constexpr Needs needs{.teacher = true, .class_scores = true, .targets = true, .remembers = true, .views = 2};

  template <class T>
  struct State {
    Queue<Accum<T>> keys;                  // (M, K)
    QueueContrast::Room<Accum<T>> room;
    template <class F>
    void visit(F&& f) { keys.visit(f, "queue"); }
  };

  template <class T>
  State<T> plan(Arena& arena, Sizes z) const {
    expect_queue_for("queue agreement", length, z.films());
    return {plan_queue<Accum<T>>(arena, length, z.prototypes), contrast.template plan<Accum<T>>(arena, z.films(), z.prototypes, length)};
  }
  template <class B, class T>
  void start(B& be, State<T>& s) const { start_queue(be, s.keys); }

  // The part of this micro-batch in the mean over the films of the step; weight times its gradient is added.
  template <class B, class T, class Pixels>
  double value(B& be, State<T>& s, Outputs<T> const& out, Micro<Pixels> const& batch, double weight) const {
    Index const V = out.views.student, G = out.views.teacher;
    double const share = micro_share(out.class_scores.rows(), batch.films);
    return share * contrast(be, of_view(out.class_scores, 0, V), of_view(out.teacher_class_scores, 1, G), s.keys, weight * share,
                            of_view(out.d_class_scores, 0, V), s.room);
  }
  template <class B, class T, class Pixels>
  double evaluate(B& be, State<T>& s, Outputs<T> const& out, Micro<Pixels> const& batch, Terms& terms, double weight = 1) const {
    double const loss = value(be, s, out, batch, weight);
    terms["agreement"] += loss;
    return weight * loss;
  }

  template <class B, class T>
  void remember(B& be, State<T>& s, Outputs<T> const&) const { push(be, s.keys, s.room.k.z); }
  template <class B, class S>
  void conclude(B&, S&, Moment const&) const {}
};

}  // namespace afire
