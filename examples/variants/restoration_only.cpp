// examples/variants/restoration_only.cpp -- AFiRe without contrast: lesions are taken out of films, and nobody teaches
//
//   Begins: the untrained decoder's error is the film's second moment plus its own variance 2 d / (d + P P channels).
#include <examples/variants/variant.hpp>
using namespace afire;
using namespace afire::cli;

int main(int argc, char** argv) {
  return variant(
      argc, argv,
      {.name = "restoration_only", .what = "AFiRe without contrast: lesions are taken out of films, and nobody teaches",
       .reads = {lesion_options, decoder_options}},
      [](auto& be, Settings const& s) {
        return composed(be, s, NoHead{}, decoder_config(s), lesion_config(s), NoTeacher{}, 1.0 * Restoration<Everywhere>{});
      },
      [](Beginning const& b) { return Expectations{restoration_begins(b)}; });
}
