// examples/variants/centring.cpp -- AFiRe with DINO's centring in place of balance: what all positions prefer is taken off their prototypes
//
//   Begins: the cross-entropy of the untrained cosines to the softmax of their means over films, less the mean of those over positions, by
//   plain loops; restoration as AFiRe's (afire.cpp).
#include <afire/ssl/centre_sharpen.hpp>
#include <examples/variants/variant.hpp>
using namespace afire;
using namespace afire::cli;

int main(int argc, char** argv) {
  return variant(
      argc, argv,
      {.name = "centring", .what = "AFiRe with DINO's centring in place of balance",
       .reads = {lesion_options, head_options, teacher_options, "temperature,sinkhorn-temperature,prototype-*", decoder_options}},
      [](auto& be, Settings const& s) {
        return composed(be, s, head_config(s), decoder_config(s), lesion_config(s), Teacher<Ema>{{s.ema, s.ema_end}},
                        contrast_config(s, Centred{s.sinkhorn_temperature}) + 1.0 * Restoration<Everywhere>{});
      },
      [](Beginning const& b) {
        plain::Targets const centred{.temperature = b.settings.sinkhorn_temperature, .centred = true};
        return Expectations{plainly("contrast", plain::contrast(b.said, centred, b.settings.temperature)), restoration_begins(b)};
      });
}
