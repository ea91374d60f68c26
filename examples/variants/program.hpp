// examples/variants/program.hpp -- the program around a variant, and how it is checked; compiled once
//
//   Variant{.name = "mae", .what = "MAE (He et al., 2022)", .reads = {decoder_options}}       // of parts that it has; others are refused
//
//   --check trains on --phantom films for --steps steps and sees that
//     the first loss is where theory says, within a tolerance that the variant states;
//     the mean of the last fifth of the losses is below that of the first fifth (of another term, or after some steps, where it says so);
//     what stands for an image still differs between images: its spread is at least `spread_floor` of that before training.
//   It prints one row of the table of ./run variants and ends with 1 where one of them fails.
#pragma once
#include <string>
#include <vector>

#include <afire/nn/embed.hpp>
#include <examples/cli/composition.hpp>
#include <examples/variants/plain.hpp>

namespace afire::cli {

inline constexpr char const *lesion_options = "lesion*,clean-share,faithful", *head_options = "head-*,prototypes,freeze-epochs",
                            *teacher_options = "ema*", *decoder_options = "decoder-*",
                            *contrast_options = "temperature,sinkhorn-*,prototype-*";

struct Variant {
  char const* name;
  char const* what;
  std::vector<char const*> reads = {};     // settings that are read: those below, or names; '*' is any letters
  void (*presets)(Settings&) = nullptr;    // defaults that differ from AFiRe's
  char const* falls = "loss";              // the term that has to fall; kl where the targets' entropy moves first
  Index settles = 0;                       // steps until a queue is full, before which it may rise
};

// What is known before the first step.
struct Beginning {
  Settings const& settings;
  Said const& said;                        // what the untrained networks say of the first batch
  double films;                            // B of a step
  double prototypes, tokens;               // K, L
  double second_moment;                    // of the pixels of the first batch, as the encoder sees them
  double masked_moment;                    // of those of spoilt patches alone
  double restored;                         // variance of an untrained decoder's pixels: Xavier's 2 d / (d + P P channels)
  double common;                           // share of untrained patch scores that all films have at a place; 1 where nobody scores patches
  double hidden_distance;                  // mean |x - y| over the pixels of spoilt patches, y what an untrained linear decoder says
};

struct Expectation {
  char const* term;                        // of the first step
  double value;
  double tolerance = 0.05;                 // a share of the value
};
using Expectations = std::vector<Expectation>;

inline constexpr double spread_floor = 0.1;

// Pixels along a small crop: DINO's 96 of 224, in whole patches.
inline Index small_side(Settings const& s) {
  Index const patches = (6 * s.image + 7 * s.patch) / (14 * s.patch);
  return (patches > 0 ? patches : 1) * s.patch;
}

// Cross-entropy of an untrained head: z and K directions of `width` columns point anywhere, so cosines are normal with variance 1 / width;
// the student's softmax has temperature t, the targets are the softmax at `sharp` of what is common to cosines of all films (a share of
// their variance). sharp = 0: targets are uniform.
double untrained_cross_entropy(double prototypes, double width, double t, double sharp, double common = 1);

// AFiRe's: teacher and student agree about directions that nobody has trained, at the temperatures of the settings.
Expectation contrast_begins(Beginning const& b);
// What plain loops make of the first batch's own scores (plain.hpp); floats differ from them by rounding alone.
inline Expectation plainly(char const* term, double value) { return {term, value, 1e-5}; }
// The decoder knows nothing of the film: its error is the film's second moment plus its own variance 2 d / (d + P P channels).
Expectation restoration_begins(Beginning const& b);
Expectation lesion_restoration_begins(Beginning const& b);               // of the pixels of hidden patches

// Operations a second of a product on the backend of the variants.
double fastest_gemm_rate(Settings const& s, Index M, Index N, Index K);

// `listen` says what untrained networks of the settings say of a batch.
int run_variant(int argc, char** argv, Variant const& about, Composition const& composition, Expectations (*begins)(Beginning const&),
                Said (*listen)(Settings const&, Micro<GreyPixels> const&));

}  // namespace afire::cli
