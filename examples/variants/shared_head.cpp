// examples/variants/shared_head.cpp -- AFiRe with one set of directions for all positions
//
//   Begins: untrained tokens point nearly one way at all positions, so the balance over positions takes from the targets what the shared
//   directions say, and the cross-entropy lies between that of AFiRe and that to uniform targets.
#include <examples/variants/variant.hpp>
using namespace afire;
using namespace afire::cli;

int main(int argc, char** argv) {
  return variant(
      argc, argv,
      {.name = "shared_head", .what = "AFiRe with one set of directions for all positions",
       .reads = {lesion_options, head_options, teacher_options, contrast_options, decoder_options}},
      [](auto& be, Settings const& s) {
        SharedHead const head{.hidden = s.head_hidden, .out = s.head_out, .prototypes = s.prototypes};
        return composed(be, s, head, decoder_config(s), lesion_config(s), Teacher<Ema>{{s.ema, s.ema_end}},
                        contrast_config(s) + 1.0 * Restoration<Everywhere>{});
      },
      [](Beginning const& b) {
        auto const& s = b.settings;
        double const begins = plain::contrast(b.said, {s.sinkhorn_temperature, s.sinkhorn_iterations}, s.temperature);
        return Expectations{plainly("contrast", begins), restoration_begins(b)};
      });
}
