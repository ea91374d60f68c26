// examples/variants/lesions_only.cpp -- AFiRe whose restoration counts the pixels of lesions alone (spec Q18)
//
//   Begins as AFiRe does, with the second moment of the clean film where lesions were drawn.
#include <examples/variants/variant.hpp>
using namespace afire;
using namespace afire::cli;

int main(int argc, char** argv) {
  return variant(
      argc, argv,
      {.name = "lesions_only", .what = "AFiRe whose restoration counts the pixels of lesions alone (spec Q18)",
       .reads = {lesion_options, head_options, teacher_options, contrast_options, decoder_options}},
      [](auto& be, Settings const& s) {
        return composed(be, s, head_config(s), decoder_config(s), lesion_config(s), Teacher<Ema>{{s.ema, s.ema_end}},
                        contrast_config(s) + 1.0 * Restoration<Lesions>{});
      },
      [](Beginning const& b) { return Expectations{contrast_begins(b), lesion_restoration_begins(b)}; });
}
