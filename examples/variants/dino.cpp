// examples/variants/dino.cpp -- DINO (Caron et al., 2021): every crop is to be assigned as the teacher assigns the large ones
//
//   Begins: student and teacher agree about directions that nobody has trained, as far as crops of a film look alike: ln K, less what a
//   softmax at 0.1 wins against targets that are the softmax of such cosines at 0.04 with a centre of 0. It then rises to ln K with the
//   targets' entropy, while what can be won (KL) falls. Small crops have 96 pixels where large ones have 224.
#include <afire/ssl/cross_views.hpp>
#include <afire/ssl/small_crops.hpp>
#include <examples/variants/variant.hpp>
using namespace afire;
using namespace afire::cli;

int main(int argc, char** argv) {
  return variant(
      argc, argv,
      {.name = "dino",
       .what = "DINO (Caron et al., 2021): every crop is to be assigned as the teacher assigns the large ones",
       .reads = {head_options, teacher_options, "temperature"},
       .falls = "kl"},
      [](auto& be, Settings const& s) {
        SharedHead const head{.hidden = s.head_hidden, .out = s.head_out, .prototypes = s.prototypes};
        SmallCrops const views{MultiCrop{.locals = 4}, small_side(s)};
        return composed(be, s, head, NoDecoder{}, views, Teacher<Ema>{{s.ema, s.ema_end}},
                        CrossViews{CentreSharpen{.temperature = 0.04}, TeacherScores{}, s.temperature});
      },
      [](Beginning const& b) {
        return Expectations{plainly("cross_views", plain::cross_views(b.said, {0.04}, b.settings.temperature, false))};
      });
}
