// examples/variants/positions_infonce.cpp -- H1 of the structure loss
//
//   A token finds its position among all, with centres of the teacher's embeddings.
//
//   Begins below ln L: the position table is part of every token, so that untrained tokens of a place already resemble each other: the loss
//   of their actual cosines to the means over films, by plain loops.
#include <afire/nn/mlp_head.hpp>
#include <afire/ssl/position_objective.hpp>
#include <examples/variants/variant.hpp>
using namespace afire;
using namespace afire::cli;

int main(int argc, char** argv) {
  return variant(
      argc, argv,
      {.name = "positions_infonce",
       .what = "H1 of the structure loss",
       .reads = {lesion_options, "head-hidden,head-out,temperature,prototype-*", teacher_options}},
      [](auto& be, Settings const& s) {
        MlpHead const head{.layers = 2, .hidden = s.head_hidden, .out = s.head_out, .norm = HiddenNorm::none};
        PositionInfoNce const objective{{.temperature = s.temperature}, prototype_config(s)};
        return composed(be, s, head, NoDecoder{}, lesion_config(s), Teacher<Ema>{{s.ema, s.ema_end}}, objective);
      },
      [](Beginning const& b) { return Expectations{plainly("positions", plain::positions(b.said, b.settings.temperature))}; });
}
