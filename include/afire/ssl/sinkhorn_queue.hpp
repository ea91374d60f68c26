// afire/ssl/sinkhorn_queue.hpp -- Sinkhorn over the batch and the rows before it, for batches smaller than the number of prototypes (SwAV)
//
//   T = the first N rows of Sinkhorn([scores; queue]),     queue: the last M rows of scores, used once it is full
//
//   SinkhornQueue assignment{.length = 3840};              a part like those of ssl/assignment.hpp, with a memory
//   sinkhorn_beside(be, scores, others, 0.05, 3, targets, all, clusters, samples);         // any rows in place of a queue
//
// SwAV's own queue keeps features and scores them anew with the prototypes of the day; what is kept here are the scores of their day, so
// that the part needs nothing but scores. For SwAV to the letter keep features in a Queue and hand their scores to sinkhorn_beside.
#pragma once
#include <afire/ssl/assignment.hpp>
#include <afire/ssl/queue.hpp>

namespace afire {

template <class B, class S>
void sinkhorn_beside(B& be, std::type_identity_t<View<const S, 2>> scores,             // (N, K)
                     std::type_identity_t<View<const S, 2>> others,                    // (M, K); M = 0: none
                     double temperature, int iterations,
                     View<S, 2> targets,                                               // (N, K), written
                     std::type_identity_t<View<S, 2>> all,                             // (N + M or more, K) scratch
                     std::type_identity_t<View<S, 1>> clusters,                        // (K) scratch
                     std::type_identity_t<View<S, 1>> samples) {                       // (N + M or more) scratch
  Index const N = scores.rows(), M = others.rows();
  expects(all.rows() >= N + M && samples.size() >= N + M, "sinkhorn beside: ", N, " rows and ", M, " others do not fit scratch of ",
          all.rows(), " rows");
  View<S, 2> const both = all.slice(0, N + M);
  copy(be, scores.flat(), both.slice(0, N).flat());
  copy(be, others.flat(), both.slice(N, M).flat());
  sinkhorn(be, both, temperature, iterations, both, clusters, samples.slice(0, N + M));
  copy(be, both.slice(0, N).flat(), targets.flat());
}

struct SinkhornQueue {
  double temperature = 0.05;
  int iterations = 3;
  Index length = 3840;                     // M
  static constexpr bool remembers = true;
  void validate() const {
    Sinkhorn{temperature, iterations}.validate();
    expects(length >= 1, "sinkhorn queue: a length of ", length, "; at least 1 is needed");
  }

  template <class S>
  struct State {
    Queue<S> queue;                        // (M, K), saved with the run
    View<S, 2> all;                        // (N + M, K) scratch
    View<S, 1> clusters, samples;          // (K), (N + M) scratch
    template <class F>
    void visit(F&& f) { queue.visit(f, "assignment_queue"); }
  };

  template <class S>
  State<S> plan(Arena& arena, Index samples, Index clusters) const {
    validate(), expect_queue_for("sinkhorn queue", length, samples);
    return {plan_queue<S>(arena, length, clusters), arena.scratch<S>(samples + length, clusters), arena.scratch<S>(clusters),
            arena.scratch<S>(samples + length)};
  }
  template <class B, class S>
  void start(B& be, State<S> const& s) const { start_queue(be, s.queue); }

  template <class B, class S>
  void assign(B& be, State<S> const& s, std::type_identity_t<View<const S, 2>> scores,             // (N, K)
              std::type_identity_t<View<S, 2>> targets, Index = 0) const {                         // (N, K), written
    S filled = 0;
    download(be, s.queue.filled(), &filled);
    Index const others = static_cast<Index>(filled) == length ? length : 0;
    sinkhorn_beside(be, scores, s.queue.rows.slice(0, others), temperature, iterations, targets, s.all, s.clusters, s.samples);
  }

  // All rows; a mask is for assignments that average.
  template <class B, class S>
  void remember(B& be, State<S> const& s, std::type_identity_t<View<const S, 2>> scores, View<const unsigned char, 1> = {}) const {
    push(be, s.queue, scores);
  }
  template <class B, class S>
  void conclude(B&, State<S> const&) const {}
};

}  // namespace afire
