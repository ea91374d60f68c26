// examples/variants/densecl.cpp -- DenseCL (Wang et al., 2021)
//
//   An image finds its other crop among those of a queue, and every place the place most like it.
//
//   Begins at 0: the queues are empty, and each query has no key but its own. It rises to about ln(1 + keys) while they fill.
//   Keys of the same film count as others, so that the queue must be much shorter than the set of films.
#include <afire/nn/mlp_head.hpp>
#include <afire/ssl/dense_objective.hpp>
#include <examples/variants/variant.hpp>
using namespace afire;
using namespace afire::cli;

int main(int argc, char** argv) {
  return variant(
      argc, argv,
      {.name = "densecl",
       .what = "DenseCL (Wang et al., 2021)",
       .reads = {"head-hidden,head-out,temperature", teacher_options},
       .presets = [](Settings& s) { s.temperature = 0.2, s.ema = 0.99; },
       .settles = 2},
      [](auto& be, Settings const& s) {
        MlpHead const head{.layers = 2, .hidden = s.head_hidden, .out = s.head_out, .norm = HiddenNorm::none};
        DenseObjective const objective{.contrast = {.temperature = s.temperature}, .length = 2 * s.batch};
        return composed(be, s, head, NoDecoder{}, TwoCrops{}, Teacher<Ema>{{s.ema, s.ema_end}}, objective);
      },
      [](Beginning const&) { return Expectations{{"loss", 0}}; });
}
