// examples/variants/afire_faithful.cpp -- AFiRe as its released code trains it, quirks and all
//
//   Begins as AFiRe does. In epoch 0 the prototypes are those of the last batch (Q15), lesions are the released rectangles (Q1 to Q6),
//   tokens and directions decay (Q21, Q22).
#include <examples/variants/variant.hpp>
using namespace afire;
using namespace afire::cli;

int main(int argc, char** argv) {
  return variant(
      argc, argv,
      {.name = "afire_faithful", .what = "AFiRe as its released code trains it, quirks and all",
       .reads = {lesion_options, head_options, teacher_options, contrast_options, decoder_options},
       .presets = [](Settings& s) { s.faithful = true, s.prototype_rule = s.decay = "released", s.warmup_epochs = 10; }},
      [](auto& be, Settings const& s) {
        return composed(be, s, head_config(s), decoder_config(s), faithful_lesions(), Teacher<Ema>{{s.ema, s.ema_end}},
                        contrast_config(s) + 1.0 * Restoration<Everywhere>{});
      },
      [](Beginning const& b) { return Expectations{contrast_begins(b), restoration_begins(b)}; });
}
