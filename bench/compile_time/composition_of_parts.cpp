// The same composition, reading the headers of its parts in place of afire.hpp.
#include <afire/ssl/masking.hpp>
#include <afire/ssl/restoration.hpp>
#include <afire/ssl/token_contrast.hpp>
#include <afire/train/trainer.hpp>
#include <afire/backend/onednn.hpp>
using namespace afire;

double step(View<const unsigned char, 3> clean,        // (B, S, S)
            View<const unsigned char, 3> seen,         // (B, S, S)
            View<const unsigned char, 2> lesion) {     // (B, L)
  OneDnn cpu;
  auto const objective = TokenContrast{Sinkhorn{.iterations = 3}} + 1.0 * Restoration<Everywhere>{};
  Trainer trainer{cpu, Compute<bf16>{}, vit_small, PerPositionHead{.prototypes = 256}, TransformerDecoder{.width = 512, .depth = 8},
                  SyntheticLesion{}, Teacher<Ema>{}, objective, AdamW{.lr = 5e-4}, TrainOptions{.batch = clean.rows()}};
  trainer.schedule(1000, 100);
  Micro<GreyPixels> micro{{clean, imagenet()}, {seen, imagenet()}, lesion};
  return trainer.step(std::span(&micro, 1))["loss"];
}
