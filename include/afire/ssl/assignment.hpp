// afire/ssl/assignment.hpp -- from scores to targets: how prototypes are shared out among positions
//
//   an Assignment is called as  assign(be, scores, targets, clusters, samples);
//   scores, targets: (L, K), targets' rows sum to 1;  clusters: (K), samples: (L) scratch
//
//   Sinkhorn{.iterations = 3}        every prototype gets the same share (spec 2.7, AFiRe)
//   Softmax{.temperature = 0.05}     no balance: the ablation that shows what the balance is for
#pragma once
#include <afire/op/sinkhorn.hpp>

namespace afire {

struct Sinkhorn {
  double temperature = 0.05;
  int iterations = 3;

  template <class B, class S>
  void operator()(B& be, View<const S, 2> scores,          // (L, K)
                  View<S, 2> targets,                      // (L, K), written
                  View<S, 1> clusters,                     // (K) scratch
                  View<S, 1> samples) const {              // (L) scratch
    sinkhorn(be, scores, temperature, iterations, targets, clusters, samples);
  }
};

struct Softmax {
  double temperature = 0.05;

  template <class B, class S>
  void operator()(B& be, View<const S, 2> scores,          // (L, K)
                  View<S, 2> targets,                      // (L, K), written
                  View<S, 1> clusters,                     // (K) scratch
                  View<S, 1> samples) const {              // (L) scratch
    sinkhorn(be, scores, temperature, 0, targets, clusters, samples);
  }
};

}  // namespace afire
