// examples/variants/vicreg.cpp -- VICReg (Bardes et al., 2022)
//
//   Two crops agree, every dimension varies over the batch, and no two dimensions say the same.
//
//   Begins: with batch norm before it, the last map gives every dimension a variance of about one, so the hinge is half open and the two
//   crops, which batch norm turns apart, differ by at most 2 in the mean square: between nothing and 25 (2 + 1), plus the covariance.
#include <afire/nn/mlp_head.hpp>
#include <afire/ssl/vicreg.hpp>
#include <afire/ssl/view_agreement.hpp>
#include <examples/variants/variant.hpp>
using namespace afire;
using namespace afire::cli;

int main(int argc, char** argv) {
  return variant(
      argc, argv,
      {.name = "vicreg",
       .what = "VICReg (Bardes et al., 2022)",
       .reads = {"head-hidden,head-out"}},
      [](auto& be, Settings const& s) {
        MlpHead const head{.layers = 3, .hidden = s.head_hidden, .out = s.head_out};
        return composed(be, s, head, NoDecoder{}, TwoCrops{}, NoTeacher{}, ViewAgreement{VicReg{}});
      },
      [](Beginning const& b) { return Expectations{plainly("agreement", plain::vicreg(b.said, 25, 25, 1))}; });
}
