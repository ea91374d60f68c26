// Your own objective: neighbouring positions should be scored alike. Value and gradient come from one pass.
//
// prints:
//   26 parameter tensors, 0 of a teacher
//   the gradient of every tensor agrees with differences to 1e-7: true
#include <cstdio>

#include <afire/backend/reference.hpp>
#include <afire/ssl/masking.hpp>
#include <afire/train/trainer.hpp>

#include "gradient.hpp"

using namespace afire;
// [objective]
// loss = mean over films and neighbours of sum_k (s(b, j, k) - s(b, j + 1, k))^2
struct Smooth {
  static constexpr Needs needs{.scores = true};          // what it looks at; a method owns no more than that
  template <class T>
  struct State {                                         // nothing is kept from step to step
    void visit(auto&&) {}
  };
  template <class T>
  State<T> plan(Arena&, Sizes) const { return {}; }
  template <class B, class T, class Pixels>
  double evaluate(B&, State<T>&, Outputs<T> const& out, Micro<Pixels> const& m, Terms& terms, double weight = 1) const {
    Index const films = out.scores.extent[0], L = out.scores.extent[1], K = out.scores.extent[2];
    double const share = 1 / static_cast<double>(m.films * (L - 1));         // m.films: of the whole step
    double sum = 0;
    for (Index b = 0; b < films; ++b)
      for (Index j = 0; j + 1 < L; ++j)
        for (Index k = 0; k < K; ++k) {
          auto const d = out.scores(b, j, k) - out.scores(b, j + 1, k), slope = static_cast<Accum<T>>(2 * weight * share) * d;
          sum += static_cast<double>(d * d);
          out.d_scores(b, j, k) += slope, out.d_scores(b, j + 1, k) -= slope;       // added: others may have written there
        }
    terms["smooth"] += sum * share;
    return weight * sum * share;
  }
};
// [/objective]

int main() {
  Reference cpu{.threads = 1};
  Trainer trainer{cpu, Compute<double>{}, four_patches, SharedHead{.hidden = 8, .out = 6, .prototypes = 5}, TransformerDecoder{},
                  Clean{}, Teacher<Ema>{}, Smooth{}, AdamW{}, TrainOptions{.batch = 2}};
  auto& method = trainer.method();
  std::printf("%td parameter tensors, %td of a teacher\n", method.student_store().count(), method.teacher_store().count());
  std::printf("the gradient of every tensor agrees with differences to 1e-7: %s\n", gradient_agrees(cpu, trainer, 1e-7).c_str());
}
