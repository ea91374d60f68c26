// AFiRe on an NVIDIA GPU: the composition of examples/course/10_afire.cpp with Cuda in place of a backend of the CPU, compiled by nvcc.
//
//   afire_cuda OUT [films] [steps]          trains a small model on phantoms, whose films need no file; prints the loss as it falls
//
// Without a GPU it says so in one sentence and ends with 77.
#include <afire/afire.hpp>
#include <afire/backend/cuda.hpp>
#include <afire/train/fit.hpp>
#include <cstdio>
#include <cstdlib>

using namespace afire;

int main(int count, char** words) try {
  Index const films = count > 2 ? std::atoll(words[2]) : 512, steps = count > 3 ? std::atoll(words[3]) : 100;
  Cuda gpu;
  std::printf("%s\n", device_name(gpu).c_str());

  ViTConfig const vit{.image = 64, .patch = 8, .width = 192, .depth = 4, .heads = 6};
  auto objective = TokenContrast{Sinkhorn{}} + 1.0 * Restoration<Everywhere>{};
  Trainer trainer{gpu, Compute<bf16>{}, vit, PerPositionHead{.hidden = 256, .out = 64, .prototypes = 64},
                  TransformerDecoder{.width = 96, .depth = 2, .heads = 3}, SyntheticLesion{}, Teacher<Ema>{}, objective,
                  AdamW{.lr = 1e-3}, TrainOptions{.batch = 64, .scale_lr = false}};
  PhantomFilms const phantoms{.count = films, .seed = 1};
  FitOptions const options{.epochs = 1 + steps / (films / 64), .steps = steps, .out = count > 1 ? words[1] : ""};
  FitResult const r = fit(trainer, phantoms, options);
  std::printf("%lld steps, %.0f films a second\n", static_cast<long long>(r.step), r.films_per_second);
} catch (error const& e) {
  std::fprintf(stderr, "%s\n", e.what());
  return 77;
}
