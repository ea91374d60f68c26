// examples/variants/prototypes.cpp -- AFiRe with another number of prototypes: --prototypes 64 ... 1024
//
//   Begins as AFiRe does (afire.cpp).
#include <examples/variants/variant.hpp>
using namespace afire;
using namespace afire::cli;

int main(int argc, char** argv) {
  return variant(
      argc, argv,
      {.name = "prototypes", .what = "AFiRe with another number of prototypes: --prototypes 64 ... 1024",
       .reads = {lesion_options, head_options, teacher_options, contrast_options, decoder_options},
       .presets = [](Settings& s) { s.prototypes = 1024; }},
      [](auto& be, Settings const& s) {
        return composed(be, s, head_config(s), decoder_config(s), lesion_config(s), Teacher<Ema>{{s.ema, s.ema_end}},
                        contrast_config(s) + 1.0 * Restoration<Everywhere>{});
      },
      [](Beginning const& b) { return Expectations{contrast_begins(b), restoration_begins(b)}; });
}
