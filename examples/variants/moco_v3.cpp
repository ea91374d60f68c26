// examples/variants/moco_v3.cpp -- MoCo v3 (Chen et al., 2021)
//
//   A prediction of one crop finds the teacher's key of the other among those of the batch.
//
//   Begins: predictor and projector have not met, so a query points anywhere relative to all keys: each of B keys is as likely, and the
//   two terms are 2 t ln B each, times what the spread of cosines adds.
#include <afire/nn/mlp_head.hpp>
#include <afire/ssl/info_nce.hpp>
#include <afire/ssl/view_agreement.hpp>
#include <examples/variants/variant.hpp>
using namespace afire;
using namespace afire::cli;

int main(int argc, char** argv) {
  return variant(
      argc, argv,
      {.name = "moco_v3",
       .what = "MoCo v3 (Chen et al., 2021)",
       .reads = {"head-hidden,head-out,temperature", teacher_options},
       .presets = [](Settings& s) { s.temperature = 0.2, s.ema = 0.99; }},
      [](auto& be, Settings const& s) {
        PredictedHead const head{{.layers = 3, .hidden = s.head_hidden, .out = s.head_out, .last_norm = LastNorm::batch},
                                 {.layers = 2, .hidden = s.head_hidden, .last_norm = LastNorm::batch}};
        return composed(be, s, head, NoDecoder{}, TwoCrops{}, Teacher<Ema>{{s.ema, s.ema_end}},
                        TeacherAgreement{moco_v3_contrast(s.temperature)});
      },
      [](Beginning const& b) {
        double const t = b.settings.temperature;
        return Expectations{plainly("agreement", 2 * t * plain::info_nce(b.said, t))};
      });
}
