// examples/variants/dino_mae.cpp -- DINO and MAE at once
//
//   Crops with patches left out are assigned as the teacher assigns the whole ones, and painted.
//
//   Begins: the class token as DINO's, less what the missing patches change in it; the decoder as in MAE, with pixels as they are.
#include <afire/ssl/cross_views.hpp>
#include <afire/ssl/hidden.hpp>
#include <examples/variants/variant.hpp>
using namespace afire;
using namespace afire::cli;

int main(int argc, char** argv) {
  return variant(
      argc, argv,
      {.name = "dino_mae",
       .what = "DINO and MAE at once",
       .reads = {head_options, teacher_options, "temperature", decoder_options},
       .falls = "kl"},
      [](auto& be, Settings const& s) {
        SharedHead const head{.hidden = s.head_hidden, .out = s.head_out, .prototypes = s.prototypes};
        MaskedViews const views{TwoCrops{}, Dropped{RandomPatches{.ratio = 0.5}, s.patch}};
        return composed(be, s, head, decoder_config(s), views, Teacher<Ema>{{s.ema, s.ema_end}},
                        CrossViews{CentreSharpen{.temperature = 0.04}, TeacherScores{}, s.temperature} + 1.0 * Restoration<Lesions>{});
      },
      [](Beginning const& b) { double const begins = plain::cross_views(b.said, {0.04}, b.settings.temperature, false);
        return Expectations{plainly("cross_views", begins), lesion_restoration_begins(b)}; });
}
