// examples/variants/simclr.cpp -- SimCLR (Chen et al., 2020): two crops of a film find each other among all crops of the batch
//
//   Begins: the loss of the actual cosines, by plain loops. An untrained encoder says nearly the same of all films, so it is near
//   ln(2B - 1), each of the 2B - 1 others being as likely; batch norm in the projector turns them apart, which costs a little.
//   Films first come together in the encoder, then part: a stage of the first hundred steps.
#include <afire/nn/mlp_head.hpp>
#include <afire/ssl/nt_xent.hpp>
#include <afire/ssl/view_agreement.hpp>
#include <examples/variants/variant.hpp>
using namespace afire;
using namespace afire::cli;

int main(int argc, char** argv) {
  return variant(
      argc, argv,
      {.name = "simclr",
       .what = "SimCLR (Chen et al., 2020): two crops of a film find each other among all crops of the batch",
       .reads = {"head-hidden,head-out,temperature"},
       .presets = [](Settings& s) { s.temperature = 0.5; }},
      [](auto& be, Settings const& s) {
        MlpHead const head{.layers = 2, .hidden = s.head_hidden, .out = s.head_out};
        return composed(be, s, head, NoDecoder{}, TwoCrops{}, NoTeacher{}, ViewAgreement{NtXent{.temperature = s.temperature}});
      },
      [](Beginning const& b) {
        return Expectations{plainly("agreement", plain::nt_xent(b.said, b.settings.temperature))};
      });
}
