// examples/variants/prototype_momentum.cpp -- AFiRe whose prototypes forget fast or slowly: --prototype-momentum 0 ... 0.99
//
//   Begins as AFiRe does (afire.cpp).
#include <examples/variants/variant.hpp>
using namespace afire;
using namespace afire::cli;

int main(int argc, char** argv) {
  return variant(
      argc, argv,
      {.name = "prototype_momentum", .what = "AFiRe whose prototypes forget fast or slowly: --prototype-momentum 0 ... 0.99",
       .reads = {lesion_options, head_options, teacher_options, contrast_options, decoder_options},
       .presets = [](Settings& s) { s.prototype_momentum = 0.99; }},
      [](auto& be, Settings const& s) {
        return composed(be, s, head_config(s), decoder_config(s), lesion_config(s), Teacher<Ema>{{s.ema, s.ema_end}},
                        contrast_config(s) + 1.0 * Restoration<Everywhere>{});
      },
      [](Beginning const& b) { return Expectations{contrast_begins(b), restoration_begins(b)}; });
}
