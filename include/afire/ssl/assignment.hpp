// afire/ssl/assignment.hpp -- from scores to targets: how prototypes are shared out among samples
//
//   Sinkhorn{.iterations = 3}        every prototype gets the same share (spec 2.7, AFiRe; SwAV)
//   Softmax{.temperature = 0.05}     no balance: the ablation that shows what the balance is for
//   SinkhornQueue, CentreSharpen     with a memory: ssl/sinkhorn_queue.hpp, ssl/centre_sharpen.hpp; Centred there has none
//
//   Samples are the rows that are given: positions (AFiRe's prototypes), the tokens of a batch, or its images.
//
//   assignment(be, scores, targets, clusters, samples);             those without a memory; (N, K) both, rows of targets sum to 1
//
//   auto state = assignment.plan<S>(arena, N, K);                   all of them
//   assignment.assign(be, state, scores, targets, epoch);           targets from the memory as it is
//   assignment.remember(be, state, scores, mask);                   where A::remembers: each micro-batch, when its targets have been taken
//   assignment.conclude(be, state);                                 and once a step, after the last
//   state.visit(f);                                                 f(name, view) for what is saved with the run
#pragma once
#include <afire/core/arena.hpp>
#include <afire/op/sinkhorn.hpp>

namespace afire {

template <class S>
struct AssignmentScratch {                 // of an assignment without a memory
  View<S, 1> clusters, samples;            // (K), (N)
  template <class F>
  void visit(F&&) {}
};

// The scratch of an assignment without a memory, for N samples (rows) and K clusters (columns).
template <class S>
AssignmentScratch<S> plan_assignment(Arena& arena, Index samples, Index clusters) {
  return {arena.scratch<S>(clusters), arena.scratch<S>(samples)};
}

struct Sinkhorn {
  double temperature = 0.05;
  int iterations = 3;
  static constexpr bool remembers = false;
  void validate() const {
    expects_positive("sinkhorn: the temperature", temperature);
    expects(iterations >= 0, "sinkhorn: ", iterations, " iterations; at least 0 are needed");
  }

  template <class B, class S>
  void operator()(B& be, View<const S, 2> scores,          // (N, K)
                  View<S, 2> targets,                      // (N, K), written
                  View<S, 1> clusters,                     // (K) scratch
                  View<S, 1> samples) const {              // (N) scratch
    sinkhorn(be, scores, temperature, iterations, targets, clusters, samples);
  }

  template <class S>
  using State = AssignmentScratch<S>;
  template <class S>
  State<S> plan(Arena& arena, Index samples, Index clusters) const { return validate(), plan_assignment<S>(arena, samples, clusters); }
  template <class B, class S>
  void assign(B& be, State<S> const& state, std::type_identity_t<View<const S, 2>> scores,         // (N, K)
              std::type_identity_t<View<S, 2>> targets, Index = 0) const {                         // (N, K), written
    (*this)(be, scores, targets, state.clusters, state.samples);
  }
};

struct Softmax {
  double temperature = 0.05;
  static constexpr bool remembers = false;
  void validate() const { expects_positive("softmax: the temperature", temperature); }

  template <class B, class S>
  void operator()(B& be, View<const S, 2> scores,          // (N, K)
                  View<S, 2> targets,                      // (N, K), written
                  View<S, 1> clusters,                     // (K) scratch
                  View<S, 1> samples) const {              // (N) scratch
    sinkhorn(be, scores, temperature, 0, targets, clusters, samples);
  }

  template <class S>
  using State = AssignmentScratch<S>;
  template <class S>
  State<S> plan(Arena& arena, Index samples, Index clusters) const { return validate(), plan_assignment<S>(arena, samples, clusters); }
  template <class B, class S>
  void assign(B& be, State<S> const& state, std::type_identity_t<View<const S, 2>> scores,         // (N, K)
              std::type_identity_t<View<S, 2>> targets, Index = 0) const {                         // (N, K), written
    (*this)(be, scores, targets, state.clusters, state.samples);
  }
};

}  // namespace afire
