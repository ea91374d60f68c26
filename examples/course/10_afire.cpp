// AFiRe composed out of its parts and trained for a moment on drawn films. Swap a part, and it is an ablation.
//
// prints:
//   58 parameter tensors, 1.3 MiB of activations
//   36 steps, finished: true
//   the loss fell: true
//   inside lesions the restored film is nearer to the clean one than before training: true
#include <cstdio>

#include <afire/afire.hpp>
#include <afire/train/fit.hpp>

using namespace afire;

int main() {
  Reference cpu;                                                       // OneDnn (backend/onednn.hpp) is many times faster

  auto objective = TokenContrast{Sinkhorn{.iterations = 3}}            // swap: Softmax, your own functor
                   + 1.0 * Restoration<Everywhere>{};                  // swap: Restoration<Lesions>, or drop the line

  Trainer trainer{cpu, Compute<float>{}, checked(ViTConfig{.image = 32, .patch = 8, .channels = 1, .width = 32, .depth = 2, .heads = 2}),
                  PerPositionHead{.hidden = 64, .out = 32, .prototypes = 32}, TransformerDecoder{.width = 32, .depth = 1, .heads = 2},
                  SyntheticLesion{}, Teacher<Ema>{}, objective, AdamW{.lr = 0.05}, TrainOptions{.batch = 8}};

  std::printf("%td parameter tensors, %.1f MiB of activations\n", trainer.method().student_store().count(),
              static_cast<double>(trainer.method().arena().bytes()) / (1 << 20));

  PhantomFilms const films{.count = 48, .seed = 1}, unseen{.count = 16, .seed = 2};
  auto const mean = mean_film(films, 32);
  ValidationFilms judges(trainer, unseen, 16, 0);
  Validation const before = validate(trainer, judges, mean.view());

  FitResult const fitted = fit(trainer, films, FitOptions{.epochs = 6, .quiet = true});
  Validation const after = validate(trainer, judges, mean.view());

  std::printf("%td steps, finished: %s\n", fitted.step, fitted.finished ? "true" : "false");
  std::printf("the loss fell: %s\n", after.terms.at("loss") < before.terms.at("loss") ? "true" : "false");
  std::printf("inside lesions the restored film is nearer to the clean one than before training: %s\n",
              after.inside.restored < before.inside.restored ? "true" : "false");
}
