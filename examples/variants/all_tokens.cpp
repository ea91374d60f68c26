// examples/variants/all_tokens.cpp -- AFiRe whose contrast counts the tokens of lesions too
//
//   Begins as AFiRe does (afire.cpp).
#include <examples/variants/variant.hpp>
using namespace afire;
using namespace afire::cli;

int main(int argc, char** argv) {
  return variant(
      argc, argv,
      {.name = "all_tokens", .what = "AFiRe whose contrast counts the tokens of lesions too",
       .reads = {lesion_options, head_options, teacher_options, contrast_options, decoder_options}},
      [](auto& be, Settings const& s) {
        return composed(be, s, head_config(s), decoder_config(s), lesion_config(s), Teacher<Ema>{{s.ema, s.ema_end}},
                        contrast_config(s, sinkhorn_config(s), Tokens::all) + 1.0 * Restoration<Everywhere>{});
      },
      [](Beginning const& b) { return Expectations{contrast_begins(b), restoration_begins(b)}; });
}
