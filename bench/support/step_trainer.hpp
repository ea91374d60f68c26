// bench/support/step_trainer.hpp -- AFiRe as it is timed: the released head and decoder; no lesions are drawn
//
//   auto trainer = step_trainer<bf16>(cpu, vit_small, 8);      trainer.schedule(1000, 10);      trainer.step(...);
#pragma once
#include <afire/ssl/masking.hpp>
#include <afire/ssl/restoration.hpp>
#include <afire/ssl/token_contrast.hpp>
#include <afire/train/trainer.hpp>
#include <bench/support/step_films.hpp>

namespace afire::bench {

struct Checkpoints {                // chosen when the program runs, so that both choices are one piece of code
  bool recompute = false;
};

template <class T, class B>
auto step_trainer(B& be, ViTConfig const& vit, Index batch, Checkpoints checkpointing = {}, TransformerDecoder const& decoder = {}) {
  auto const objective = TokenContrast{Sinkhorn{.iterations = 3}} + 1.0 * Restoration<Everywhere>{};
  return Trainer{be, Compute<T>{}, vit, PerPositionHead{}, decoder, Clean{}, Teacher<Ema>{}, objective, AdamW{.lr = 1e-4},
                 TrainOptions{.batch = batch}, checkpointing};
}

}  // namespace afire::bench
