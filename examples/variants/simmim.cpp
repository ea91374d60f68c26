// examples/variants/simmim.cpp -- SimMIM (Xie et al., 2022): coarse squares are hidden by mask tokens, and one linear map paints them
//
//   Begins: the error is the second moment of the hidden patches plus the variance of an untrained map, 2 C / (C + P P channels).
//   The error is squared, where the paper takes its absolute value.
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
        return composed(be, s, NoHead{}, LinearDecoder{}, masking, NoTeacher{}, 1.0 * Restoration<Lesions>{});
      },
      [](Beginning const& b) { return Expectations{{"restoration", b.masked_moment + b.painted, 0.15}}; });
}
