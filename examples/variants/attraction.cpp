// examples/variants/attraction.cpp -- two crops attract each other, and nothing holds films apart: the collapse that has to be noticed
//
//   SimCLR without the others of the batch, SimSiam without predictor and stopped gradient (Chen and He, 2021, section 4.1).
//
//   Begins at 2 - 2 cos of untrained embeddings, and falls to 0 with the same embedding for all films. ./run variants sees that it fails.
#include <afire/nn/mlp_head.hpp>
#include <afire/ssl/negative_cosine.hpp>
#include <afire/ssl/view_agreement.hpp>
#include <examples/variants/variant.hpp>
using namespace afire;
using namespace afire::cli;

int main(int argc, char** argv) {
  return variant(
      argc, argv,
      {.name = "attraction",
       .what = "two crops attract each other, and nothing holds films apart",
       .reads = {"head-hidden,head-out"}},
      [](auto& be, Settings const& s) {
        MlpHead const head{.layers = 2, .hidden = s.head_hidden, .out = s.head_out, .norm = HiddenNorm::none};
        return composed(be, s, head, NoDecoder{}, TwoCrops{}, NoTeacher{}, ViewAgreement{byol_cosine});
      },
      [](Beginning const& b) { return Expectations{plainly("agreement", plain::distance(b.said))}; });
}
