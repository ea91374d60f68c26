// Teacher, prototypes, Sinkhorn: where the targets of the contrast come from, and why they have to be balanced.
//
// prints:
//   momentum of the teacher at the start, in the middle and at the end: 0.996 0.998 1.000
//   a teacher of momentum 0.99 has come within 13 % of a student that stands still after 200 steps
//   a prototype takes of the first five batches: 1.00 0.57 0.43 0.37 0.33
//   softmax:  5.9 0.1 0.0 of 6 positions go to the three prototypes
//   Sinkhorn: 2.0 2.0 2.0 of 6 positions go to the three prototypes
//   what two positions think of two prototypes keeps its proportions: true
#include <cmath>
#include <cstdio>

#include <afire/backend/reference.hpp>
#include <afire/ssl/assignment.hpp>
#include <afire/ssl/prototypes.hpp>
#include <afire/ssl/teacher.hpp>
#include <afire/train/schedule.hpp>

using namespace afire;

int main() {
  // [teacher]
  // theta_T <- m theta_T + (1 - m) theta_S after each step, m from 0.996 to 1 along a cosine.
  Ema const ema;
  Cosine const momentum{.base = ema.momentum, .end = ema.end, .steps = 1001};
  std::printf("momentum of the teacher at the start, in the middle and at the end: %.3f %.3f %.3f\n", momentum(0), momentum(500),
              momentum(1000));
  double teacher = 0, student = 1;
  for (int step = 0; step < 200; ++step) teacher = 0.99 * teacher + (1 - 0.99) * student;
  // [/teacher]
  std::printf("a teacher of momentum 0.99 has come within %.0f %% of a student that stands still after 200 steps\n",
              100 * (student - teacher));

  // [prototypes]
  // P <- P + w (m - P), m the batch's mean of the teacher's scores. The first batches count in full, or P would begin at zero.
  Prototypes const prototypes{.momentum = 0.75};
  std::printf("a prototype takes of the first five batches:");
  for (Index step = 0; step < 5; ++step) std::printf(" %.2f", prototypes.weight(0, step));
  // [/prototypes]
  std::printf("\n");

  // [scores]
  // Six positions, three prototypes; all of them like the first one best, some more than others.
  Reference cpu;
  Index const L = 6, K = 3;
  Tensor<float, 2> P(L, K), softmax(L, K), balanced(L, K);
  Tensor<float, 1> clusters(K), samples(L);
  for (Index j = 0; j < L; ++j)
    for (Index k = 0; k < K; ++k) P(j, k) = 0.5f - 0.25f * static_cast<float>(k) + 0.02f * static_cast<float>(j * k);
  // [/scores]
  // [assign]
  View<const float, 2> const scores = P;
  Softmax{.temperature = 0.05}(cpu, scores, softmax.view(), clusters.view(), samples.view());
  Sinkhorn{.temperature = 0.05, .iterations = 20}(cpu, scores, balanced.view(), clusters.view(), samples.view());
  // [/assign]
  auto const shares = [&](char const* name, View<const float, 2> targets) {
    std::printf("%s", name);
    for (Index k = 0; k < K; ++k) {
      float sum = 0;
      for (Index j = 0; j < L; ++j) sum += targets(j, k);
      std::printf(" %.1f", sum);
    }
    std::printf(" of %td positions go to the three prototypes\n", L);
  };
  shares("softmax: ", softmax);
  shares("Sinkhorn:", balanced);

  // [order]
  // Sinkhorn multiplies columns and rows. So what a position thinks of two prototypes changes by the same factor at every position.
  bool kept = true;
  for (Index j = 0; j + 1 < L; ++j)
    for (Index k = 0; k + 1 < K; ++k) {
      float const before = softmax(j, k) * softmax(j + 1, k + 1) / (softmax(j, k + 1) * softmax(j + 1, k));
      float const after = balanced(j, k) * balanced(j + 1, k + 1) / (balanced(j, k + 1) * balanced(j + 1, k));
      kept = kept && std::fabs(before / after - 1) < 1e-3f;
    }
  // [/order]
  std::printf("what two positions think of two prototypes keeps its proportions: %s\n", kept ? "true" : "false");
}
