// examples/variants/crops_instead_of_lesions.cpp -- AFiRe whose student sees a crop in place of a film with lesions
//
//   Places no longer match.
//
//   Begins as AFiRe does, less what the crop changes in the student's tokens. The decoder has to paint the whole film from the crop.
#include <examples/variants/variant.hpp>
using namespace afire;
using namespace afire::cli;

int main(int argc, char** argv) {
  return variant(
      argc, argv,
      {.name = "crops_instead_of_lesions", .what = "AFiRe whose student sees a crop in place of a film with lesions",
       .reads = {head_options, teacher_options, contrast_options, decoder_options}},
      [](auto& be, Settings const& s) {
        return composed(be, s, head_config(s), decoder_config(s), SeenCrop{}, Teacher<Ema>{{s.ema, s.ema_end}},
                        contrast_config(s) + 1.0 * Restoration<Everywhere>{});
      },
      [](Beginning const& b) {
        auto const& s = b.settings;
        double const begins = plain::contrast(b.said, {s.sinkhorn_temperature, s.sinkhorn_iterations}, s.temperature);
        return Expectations{plainly("contrast", begins), restoration_begins(b)};
      });
}
