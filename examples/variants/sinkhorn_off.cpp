// examples/variants/sinkhorn_off.cpp -- AFiRe without balance: targets are a softmax of the prototypes
//
//   Begins as AFiRe does (afire.cpp).
#include <examples/variants/variant.hpp>
using namespace afire;
using namespace afire::cli;

int main(int argc, char** argv) {
  return variant(
      argc, argv,
      {.name = "sinkhorn_off", .what = "AFiRe without balance: targets are a softmax of the prototypes",
       .reads = {lesion_options, head_options, teacher_options, "temperature,sinkhorn-temperature,prototype-*", decoder_options}},
      [](auto& be, Settings const& s) {
        return composed(be, s, head_config(s), decoder_config(s), lesion_config(s), Teacher<Ema>{{s.ema, s.ema_end}},
                        contrast_config(s, Softmax{s.sinkhorn_temperature}) + 1.0 * Restoration<Everywhere>{});
      },
      [](Beginning const& b) { return Expectations{contrast_begins(b), restoration_begins(b)}; });
}
