// afire/ssl/dense_objective.hpp -- DenseCL as an objective (Wang et al., 2021): an image finds its other view, and every place its own
//
//   loss = (1 - lambda) QueueContrast(q, k) + lambda QueueContrast(q_j, k_m(j)),      m(j): the place of the other view most like j
//   q: the student's scores of view 0, k: the teacher's of view 1; class scores, and those of every patch
//
//   DenseObjective{.length = 1024}                          // two queues: keys of images, and means over places of dense keys
//
// Where it starts: queues are empty, each query has its own key alone and the loss is 0; once M keys are in, ln(1 + M) at the most.
#pragma once
#include <afire/ssl/dense_match.hpp>
#include <afire/ssl/queue_agreement.hpp>

namespace afire {

struct DenseObjective {
  QueueContrast contrast = {};
  double lambda = 0.5;
  Index length = 65536;                    // M, of the queues
  static constexpr Needs needs{.teacher = true, .scores = true, .class_scores = true, .targets = true, .tokens = true, .remembers = true,
                               .views = 2};

  template <class T>
  struct State {
    using S = Accum<T>;
    QueueAgreement::State<T> images;
    Queue<S> places;                       // (M, K)
    QueueContrast::Room<S> place_room;
    MatchRoom<T> match_room;
    View<Index, 1> match;                  // (B L)
    View<S, 3> keys;                       // (B, L, K): of the places that match
    View<S, 2> mean;                       // (B, K)
    Directions<S> mean_room;
    template <class F>
    void visit(F&& f) { images.visit(f), places.visit(f, "dense_queue"); }
  };

  template <class T>
  State<T> plan(Arena& arena, Sizes z) const {
    using S = Accum<T>;
    Index const B = z.films(), L = z.tokens, K = z.prototypes;
    expects_share("dense objective: lambda", lambda), expect_queue_for("dense objective", length, B);
    return {of_images().plan<T>(arena, z), plan_queue<S>(arena, length, K), contrast.template plan<S>(arena, B * L, K, length),
            plan_match<T>(arena, B, L, z.width), arena.keep<Index>(B * L), arena.keep<S>(B, L, K), arena.keep<S>(B, K),
            plan_directions<S>(arena, B, K)};
  }
  template <class B, class T>
  void start(B& be, State<T>& s) const { of_images().start(be, s.images), start_queue(be, s.places); }

  template <class B, class T, class Pixels>
  double evaluate(B& be, State<T>& s, Outputs<T> const& out, Micro<Pixels> const& batch, Terms& terms, double weight = 1) const {
    Index const V = out.views.student, G = out.views.teacher, N = s.match.size(), K = s.keys.cols();
    double const share = lambda * micro_share(out.class_scores.rows(), batch.films);
    match_cells(be, of_view(out.tokens, 0, V), of_view(out.teacher_tokens, 1, G), s.match, s.match_room);
    take_cells(be, of_view(out.teacher_scores, 1, G), s.match, s.keys);
    double const image = (1 - lambda) * of_images().value(be, s.images, out, batch, (1 - lambda) * weight);
    double const place = share * contrast(be, of_view(out.scores, 0, V).as(N, K), s.keys.as(N, K), s.places, weight * share,
                                          of_view(out.d_scores, 0, V).as(N, K), s.place_room);
    terms["images"] += image, terms["places"] += place;
    return weight * (image + place);
  }

  template <class B, class T>
  void remember(B& be, State<T>& s, Outputs<T> const& out) const {
    of_images().remember(be, s.images, out);
    mean_cells(be, of_view(out.teacher_scores, 1, out.views.teacher), s.mean);
    s.mean_room.forward(be, View<const Accum<T>, 2>(s.mean));
    push(be, s.places, s.mean_room.z);
  }
  template <class B, class S>
  void conclude(B&, S&, Moment const&) const {}

 private:
  QueueAgreement of_images() const { return {contrast, length}; }
};

}  // namespace afire
