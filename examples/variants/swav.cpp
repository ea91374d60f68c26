// examples/variants/swav.cpp -- SwAV (Caron et al., 2020)
//
//   Every crop is to be assigned as the other large ones are, in equal shares of the prototypes.
//
//   Begins: crops of different films hardly differ before training, so the balance over the batch leaves nearly uniform targets: ln K
//   and half the variance of s / t, less what crops of a film share. The head is shared by all views; no teacher is there. Without a
//   queue: --batch should exceed --prototypes.
#include <afire/ssl/cross_views.hpp>
#include <afire/ssl/small_crops.hpp>
#include <examples/variants/variant.hpp>
using namespace afire;
using namespace afire::cli;

int main(int argc, char** argv) {
  return variant(
      argc, argv,
      {.name = "swav",
       .what = "SwAV (Caron et al., 2020)",
       .reads = {head_options, "temperature", "sinkhorn-*"}},
      [](auto& be, Settings const& s) {
        SharedHead const head{.hidden = s.head_hidden, .out = s.head_out, .prototypes = s.prototypes};
        SmallCrops const views{MultiCrop{.locals = 4}, small_side(s)};
        return composed(be, s, head, NoDecoder{}, views, NoTeacher{},
                        CrossViews{sinkhorn_config(s), OwnScores{}, s.temperature});
      },
      [](Beginning const& b) { auto const& s = b.settings;
        plain::Targets const balanced{s.sinkhorn_temperature, s.sinkhorn_iterations};
        return Expectations{plainly("cross_views", plain::cross_views(b.said, balanced, s.temperature, true))}; });
}
