// An objective without a gradient of your own: the loss of a token is written down as a formula, and a tape differentiates it.
//
// prints:
//   the gradient of every tensor agrees with differences to 1e-7: true
#include <cstdio>

#include <afire/backend/reference.hpp>
#include <afire/op/tape.hpp>
#include <afire/ssl/masking.hpp>
#include <afire/train/trainer.hpp>

#include "gradient.hpp"

using namespace afire;
// [objective]
// loss = mean over tokens of log(sum_k exp(s_k)) - mean_k s_k: least where a token likes all prototypes equally.
struct Undecided {
  static constexpr Needs needs{.scores = true};
  template <class T>
  struct State {
    View<TapeNote, 1> notes;                             // memory of the tape: for one token
    void visit(auto&&) {}
  };
  template <class T>
  State<T> plan(Arena& arena, Sizes sizes) const { return {arena.keep<TapeNote>(5 * sizes.prototypes + 8)}; }

  template <class B, class T, class Pixels>
  double evaluate(B&, State<T>& state, Outputs<T> const& out, Micro<Pixels> const& m, Terms& terms, double weight = 1) const {
    Index const N = out.scores.extent[0] * out.scores.extent[1], K = out.scores.extent[2];
    double const share = 1 / static_cast<double>(m.films * out.scores.extent[1]);
    double total = 0;
    for (Index n = 0; n < N; ++n) {
      Tape tape(state.notes);
      for (Index k = 0; k < K; ++k) tape.variable(static_cast<double>(out.scores.data[n * K + k]));        // 0 ... K - 1 of the tape
      Var sum = tape.variable(0), mean = tape.variable(0);
      for (Index k = 0; k < K; ++k) sum = sum + exp(Var{&tape, k}), mean = mean + Var{&tape, k} / static_cast<double>(K);
      Var const loss = log(sum) - mean;
      tape.backward(loss);
      for (Index k = 0; k < K; ++k) out.d_scores.data[n * K + k] += static_cast<Accum<T>>(weight * share * Var{&tape, k}.slope());
      total += loss.value();
    }
    terms["undecided"] += total * share;
    return weight * total * share;
  }
};
// [/objective]
int main() {
  Reference cpu{.threads = 1};
  Trainer trainer{cpu, Compute<double>{}, four_patches, SharedHead{.hidden = 8, .out = 6, .prototypes = 5}, TransformerDecoder{},
                  Clean{}, Teacher<Ema>{}, Undecided{}, AdamW{}, TrainOptions{.batch = 2}};
  std::printf("the gradient of every tensor agrees with differences to 1e-7: %s\n", gradient_agrees(cpu, trainer, 1e-7).c_str());
}
