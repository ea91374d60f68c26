// examples/variants/contrast_only.cpp -- AFiRe without restoration: what the token contrast learns alone
//
//   Begins: cosines with untrained directions are normal with variance 1 / out, and teacher and student agree, so the cross-entropy is
//   that of a softmax at 0.1 to the softmax of the same cosines at 0.05, below ln K.
#include <examples/variants/variant.hpp>
using namespace afire;
using namespace afire::cli;

int main(int argc, char** argv) {
  return variant(
      argc, argv,
      {.name = "contrast_only", .what = "AFiRe without restoration: what the token contrast learns alone",
       .reads = {lesion_options, head_options, teacher_options, contrast_options}},
      [](auto& be, Settings const& s) {
        return composed(be, s, head_config(s), NoDecoder{}, lesion_config(s), Teacher<Ema>{{s.ema, s.ema_end}}, contrast_config(s));
      },
      [](Beginning const& b) { return Expectations{contrast_begins(b)}; });
}
