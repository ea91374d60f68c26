// examples/variants/ibot.cpp -- iBOT (Zhou et al., 2022)
//
//   DINO on the class token, and hidden patches assigned as the teacher assigns them, who sees them.
//
//   Begins: the class token as DINO's. Half of the images have hidden patches; a mask token is scored like any untrained token, so their
//   cross-entropy counts for the share of images that have any.
#include <afire/ssl/cross_views.hpp>
#include <afire/ssl/hidden.hpp>
#include <afire/ssl/masked_tokens.hpp>
#include <examples/variants/variant.hpp>
using namespace afire;
using namespace afire::cli;

int main(int argc, char** argv) {
  return variant(
      argc, argv,
      {.name = "ibot",
       .what = "iBOT (Zhou et al., 2022)",
       .reads = {head_options, teacher_options, "temperature"},
       .falls = "kl"},
      [](auto& be, Settings const& s) {
        SharedHead const head{.hidden = s.head_hidden, .out = s.head_out, .prototypes = s.prototypes};
        MaskedViews const views{TwoCrops{}, Masked{ibot_blocks, s.patch}};
        return composed(be, s, head, NoDecoder{}, views, Teacher<Ema>{{s.ema, s.ema_end}},
                        CrossViews{CentreSharpen{.temperature = 0.04}, TeacherScores{}, s.temperature} +
                            1.0 * MaskedTokens<CentreSharpen>{{.temperature = 0.04}, s.temperature});
      },
      [](Beginning const& b) { double const t = b.settings.temperature;
        return Expectations{plainly("cross_views", plain::cross_views(b.said, {0.04}, t, false)),
                            plainly("masked_tokens", plain::masked_tokens(b.said, {0.04}, t))}; });
}
