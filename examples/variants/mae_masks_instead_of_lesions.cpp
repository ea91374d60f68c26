// examples/variants/mae_masks_instead_of_lesions.cpp -- AFiRe with random patches hidden by mask tokens in place of lesions
//
//   Begins as AFiRe does; the student's visible tokens differ a little from the teacher's, who sees all patches.
#include <afire/ssl/hidden.hpp>
#include <examples/variants/variant.hpp>
using namespace afire;
using namespace afire::cli;

int main(int argc, char** argv) {
  return variant(
      argc, argv,
      {.name = "mae_masks_instead_of_lesions", .what = "AFiRe with random patches hidden by mask tokens in place of lesions",
       .reads = {head_options, teacher_options, contrast_options, decoder_options}},
      [](auto& be, Settings const& s) {
        Masked const masking{RandomPatches{.ratio = 0.6}, s.patch};
        return composed(be, s, head_config(s), decoder_config(s), masking, Teacher<Ema>{{s.ema, s.ema_end}},
                        contrast_config(s) + 1.0 * Restoration<Everywhere>{});
      },
      [](Beginning const& b) {
        auto const& s = b.settings;
        double const begins = plain::contrast(b.said, {s.sinkhorn_temperature, s.sinkhorn_iterations}, s.temperature);
        return Expectations{plainly("contrast", begins), restoration_begins(b)};
      });
}
