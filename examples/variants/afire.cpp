// examples/variants/afire.cpp -- AFiRe with the corrections of docs/method.md
//
//   Begins: cosines with untrained directions are normal with variance 1 / out, and teacher and student agree, so the cross-entropy is
//   that of a softmax at 0.1 to the softmax of the same cosines at 0.05, below ln K. The untrained decoder's error is the film's second
//   moment plus its own variance 2 d / (d + P P channels).
#include <examples/variants/variant.hpp>
using namespace afire;
using namespace afire::cli;

int main(int argc, char** argv) {
  return variant(
      argc, argv,
      {.name = "afire", .what = "AFiRe with the corrections of docs/method.md",
       .reads = {lesion_options, head_options, teacher_options, contrast_options, decoder_options, "contrast-weight,restoration-weight"}},
      [](auto& be, Settings const& s) {
        return composed(be, s, head_config(s), decoder_config(s), lesion_config(s), Teacher<Ema>{{s.ema, s.ema_end}},
                        s.contrast_weight * contrast_config(s) + s.restoration_weight * Restoration<Everywhere>{});
      },
      [](Beginning const& b) { return Expectations{contrast_begins(b), restoration_begins(b)}; });
}
