// examples/variants/teacher_sees_lesion.cpp -- AFiRe whose teacher gets the spoilt film, not the clean one
//
//   Begins as AFiRe does (afire.cpp).
#include <examples/variants/variant.hpp>
using namespace afire;
using namespace afire::cli;

int main(int argc, char** argv) {
  return variant(
      argc, argv,
      {.name = "teacher_sees_lesion", .what = "AFiRe whose teacher gets the spoilt film, not the clean one",
       .reads = {lesion_options, head_options, teacher_options, contrast_options, decoder_options}},
      [](auto& be, Settings const& s) {
        Teacher<Ema> const teacher{.kind = {s.ema, s.ema_end}, .sees = Sees::seen};
        return composed(be, s, head_config(s), decoder_config(s), lesion_config(s), teacher,
                        contrast_config(s) + 1.0 * Restoration<Everywhere>{});
      },
      [](Beginning const& b) { return Expectations{contrast_begins(b), restoration_begins(b)}; });
}
