// bench/gpu/step.cu -- one whole training step of AFiRe in bf16 on the GPU: a line of JSON for each batch
//
//   step MODEL [graphs] BATCH...            MODEL: tiny, small, base;   ./run gpu step runs all of them
//
// images_per_second and tflops of the step; gemm_tflops: one large product measured in the same process just before; mfu: their ratio;
// arena_mib: activations; memory_mib: all that the training took. Without a GPU: one sentence, and it ends with 77.
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <afire/backend/cuda.hpp>
#include <afire/ssl/cost.hpp>
#include <afire/ssl/masking.hpp>
#include <afire/ssl/restoration.hpp>
#include <afire/ssl/token_contrast.hpp>
#include <afire/train/trainer.hpp>
#include <bench/support/gemm_rate.hpp>
#include <bench/support/step_films.hpp>

using namespace afire;

Index free_mib() {
  std::size_t free = 0, all = 0;
  check_cuda(cudaMemGetInfo(&free, &all), "asking how much memory is free");
  return static_cast<Index>(free >> 20);
}

void measure(Cuda& gpu, char const* model, ViTConfig const& vit, Index batch) {
  Index const free_before = free_mib();
  auto const objective = TokenContrast{Sinkhorn{.iterations = 3}} + 1.0 * Restoration<Everywhere>{};
  Trainer trainer{gpu, Compute<bf16>{}, vit, PerPositionHead{}, TransformerDecoder{}, Clean{}, Teacher<Ema>{}, objective,
                  AdamW{.lr = 1e-4}, TrainOptions{.batch = batch}};
  trainer.schedule(1000, 10);
  bench::StepFilms const films(vit, batch);
  Micro<GreyPixels> micro = films.micro();
  for (int k = 0; k < 3; ++k) trainer.step(std::span(&micro, 1), &micro);        // the first choose how to multiply; the third is recorded
  Index const memory = free_before - free_mib();
  double const gemm = bench::gemm_rate<bf16>(gpu, batch * (1 + vit.tokens()), 4 * vit.width, vit.width);
  constexpr int steps = 10;
  double const begin = bench::seconds();
  for (int k = 0; k < steps; ++k) trainer.step(std::span(&micro, 1), &micro);
  gpu.on->wait();
  double const rate = static_cast<double>(batch) * steps / (bench::seconds() - begin);
  double const flops = rate * step_flops(trainer.method()).all();
  std::printf("{\"device\": \"%s\", \"model\": \"%s\", \"batch\": %td, \"images_per_second\": %.1f, ",
              device_name(gpu).c_str(), model, batch, rate);
  std::printf("\"tflops\": %.1f, \"gemm_tflops\": %.1f, \"mfu\": %.3f, ", flops * 1e-12, gemm * 1e-12, flops / gemm);
  std::printf("\"arena_mib\": %td, \"memory_mib\": %td}\n", trainer.method().arena().bytes() >> 20, memory);
}

// A batch for which there is not enough memory is a result too.
void measure_if_it_fits(Cuda& gpu, char const* model, ViTConfig const& vit, Index batch) {
  try {
    measure(gpu, model, vit, batch);
  } catch (not_enough_memory const& e) {
    std::printf("{\"model\": \"%s\", \"batch\": %td, \"error\": \"%s\"}\n", model, batch, e.what());
  }
}

int main(int count, char** words) {
  try {
    bool const graphs = count > 2 && !std::strcmp(words[2], "graphs");
    Cuda gpu{.graphs = graphs};
    char const* const model = count > 1 ? words[1] : "small";
    std::string const called = graphs ? text(model, ", graphs") : model;
    ViTConfig const vit = !std::strcmp(model, "base") ? vit_base : !std::strcmp(model, "tiny") ? vit_tiny : vit_small;
    for (int k = graphs ? 3 : 2; k < count; ++k) measure_if_it_fits(gpu, called.c_str(), vit, std::atoll(words[k]));
  } catch (error const& e) {
    std::printf("%s\n", e.what());
    return 77;
  }
}
