// Your own assignment: a softmax whose prototypes are divided by how often they are wanted, in place of Sinkhorn's full balance.
//
// prints:
//   softmax:           3.9 0.1 0.0
//   inverse frequency: 1.6 1.3 1.1
//   the gradient of a contrast to its targets agrees with differences to 1e-6: true
#include <cstdio>

#include <afire/backend/reference.hpp>
#include <afire/ssl/token_contrast.hpp>

#include "gradient.hpp"

using namespace afire;

// [assignment]
// T(j, k) ~ softmax_k(s(j) / t) / frequency(k),   frequency(k) = sum_j softmax_k(s(j) / t).  Targets are constants: no gradient is due.
struct InverseFrequency {
  double temperature = 0.05;

  template <class B, class S>
  void operator()(B& be, View<const S, 2> scores,        // (L, K)
                  View<S, 2> targets,                    // (L, K), written
                  View<S, 1> frequency,                  // (K) scratch
                  View<S, 1> samples) const {            // (L) scratch
    Softmax{temperature}(be, scores, targets, frequency, samples);
    for (Index k = 0; k < targets.cols(); ++k) {
      frequency(k) = 0;
      for (Index j = 0; j < targets.rows(); ++j) frequency(k) += targets(j, k);
    }
    for (Index j = 0; j < targets.rows(); ++j) {
      S sum = 0;
      for (Index k = 0; k < targets.cols(); ++k) sum += targets(j, k) /= frequency(k);
      for (Index k = 0; k < targets.cols(); ++k) targets(j, k) /= sum;
    }
  }
};
// [/assignment]

int main() {
  Reference cpu{.threads = 1};
  Index const L = 4, K = 3;
  Tensor<float, 2> scores(L, K), targets(L, K);
  Tensor<float, 1> clusters(K), samples(L);
  for (Index i = 0; i < L * K; ++i) scores.data()[i] = 0.5f + static_cast<float>(i % K) * (0.02f * static_cast<float>(i / K) - 0.25f);
  auto const show = [&](char const* name, auto const& assign) {
    assign(cpu, View<const float, 2>(scores), targets.view(), clusters.view(), samples.view());
    float column[K] = {};
    for (Index i = 0; i < L * K; ++i) column[i % K] += targets.data()[i];
    std::printf("%-18s %.1f %.1f %.1f\n", name, column[0], column[1], column[2]);
  };
  show("softmax:", Softmax{});
  show("inverse frequency:", InverseFrequency{});
  Trainer trainer{cpu, Compute<double>{}, four_patches, SharedHead{.hidden = 8, .out = 4, .prototypes = 6}, NoDecoder{}, Clean{},
                  Teacher<Ema>{}, TokenContrast{InverseFrequency{}}, AdamW{}, TrainOptions{.batch = 2}};
  std::printf("the gradient of a contrast to its targets agrees with differences to 1e-6: %s\n",
              gradient_agrees(cpu, trainer, 1e-6).c_str());
}
