// examples/variants/simmim.cpp -- SimMIM (Xie et al., 2022): coarse squares are hidden by mask tokens, and one linear map paints them
//
//   Begins: the mean distance between a hidden pixel x and what an untrained map says, normal with variance v = 2 C / (C + P P channels):
//   E|x - y| = sqrt(2 v / pi) exp(-x^2 / 2 v) + x erf(x / sqrt(2 v)).
#include <afire/nn/linear_decoder.hpp>
#include <afire/ssl/hidden.hpp>
#include <examples/variants/variant.hpp>
using namespace afire;
using namespace afire::cli;

int main(int argc, char** argv) {
  return variant(
      argc, argv,
      {.name = "simmim",
       .what = "SimMIM (Xie et al., 2022): coarse squares are hidden by mask tokens, and one linear map paints them"},
      [](auto& be, Settings const& s) {
        Masked const masking{CoarsePatches{.ratio = 0.6, .side = 2}, s.patch};
        return composed(be, s, NoHead{}, LinearDecoder{}, masking, NoTeacher{}, 1.0 * Restoration<Lesions, Absolute>{});
      },
      [](Beginning const& b) { return Expectations{{"restoration", b.hidden_distance, 0.1}}; });
}
