// examples/variants/mae.cpp -- MAE (He et al., 2022): three quarters of the patches are left out, and a decoder paints them
//
//   Begins: the untrained decoder's error is the second moment of the target, 1 for patches of mean 0 and variance 1, plus its own
//   variance 2 d / (d + P P channels).
#include <afire/ssl/hidden.hpp>
#include <examples/variants/variant.hpp>
using namespace afire;
using namespace afire::cli;

int main(int argc, char** argv) {
  return variant(
      argc, argv,
      {.name = "mae",
       .what = "MAE (He et al., 2022): three quarters of the patches are left out, and a decoder paints them",
       .reads = {decoder_options}},
      [](auto& be, Settings const& s) {
        Dropped const masking{RandomPatches{.ratio = 0.75}, s.patch};
        return composed(be, s, NoHead{}, decoder_config(s), masking, NoTeacher{},
                        1.0 * Restoration<Lesions, Squared, PatchNormalised>{});
      },
      [](Beginning const& b) { return Expectations{{"restoration", 1 + b.restored, 0.1}}; });
}
