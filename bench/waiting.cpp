// bench/waiting.cpp -- does training wait for its films? waiting/MODEL/loaded against waiting/MODEL/repeated
// needs: onednn openmp png jpeg
//
//   AFIRE_FILMS=films/manifest.csv ./run bench waiting --benchmark_repetitions=5 --benchmark_enable_random_interleaving=true
//
// The same steps on batches from the loader, which reads films and draws lesions in a thread of its own, and on one batch again and again.
// Counters: images_per_s; waiting, the share of the time that the step waited for its batch. Without AFIRE_FILMS: 64 drawn films in memory.
#include <cstdlib>

#include <benchmark/benchmark.h>

#include <afire/backend/onednn.hpp>
#include <afire/data/films.hpp>
#include <afire/data/jpeg.hpp>
#include <afire/data/loader.hpp>
#include <afire/data/phantom.hpp>
#include <afire/data/png.hpp>
#include <afire/data/read_film.hpp>
#include <afire/ssl/restoration.hpp>
#include <afire/ssl/token_contrast.hpp>
#include <afire/train/trainer.hpp>

using namespace afire;

namespace {

constexpr Index batch = 32;

struct DrawnFilms {
  Tensor<unsigned char, 3> films;
  Index size() const { return films.extent(0); }
  std::string name(Index row) const { return text("drawn film ", row); }
  void load(Index row, View<unsigned char, 2> film) const { std::copy_n(&films(row, 0, 0), film.size(), film.data); }
};

double seconds() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

template <class Source>
void steps(benchmark::State& state, ViTConfig const& vit, Source const& films, bool repeated) {
  OneDnn cpu;
  auto const objective = TokenContrast{Sinkhorn{.iterations = 3}} + 1.0 * Restoration<Everywhere>{};
  Trainer trainer{cpu, Compute<bf16>{}, vit, PerPositionHead{}, TransformerDecoder{.width = 192, .depth = 4, .heads = 6}, SyntheticLesion{},
                  Teacher<Ema>{}, objective, AdamW{.lr = 1e-4}, TrainOptions{.batch = batch}};
  trainer.schedule(1000, 10);
  Loader loader(films, trainer.masking(), LoaderOptions{.batch = batch, .side = vit.image, .patch = vit.patch});
  double waiting = 0, begun = 0;
  Batch const* now = &loader.next();
  auto const step = [&] {
    GreyPixels const seen{now->seen.view(), imagenet()}, clean{now->clean.view(), imagenet()};
    Micro<GreyPixels> micro{seen, clean, now->lesion.view()};
    benchmark::DoNotOptimize(trainer.step(std::span(&micro, 1)));
  };
  for (int warm = 0; warm < 2; ++warm) step();
  begun = seconds();
  for (auto _ : state) {
    double const asked = seconds();
    if (!repeated) now = &loader.next();
    waiting += seconds() - asked;
    step();
  }
  state.counters["images_per_s"] = benchmark::Counter(static_cast<double>(batch), benchmark::Counter::kIsIterationInvariantRate);
  state.counters["waiting"] = waiting / (seconds() - begun);
}

[[maybe_unused]] bool const added = [] {
  for (auto const& [model, vit] : {std::pair{"tiny", vit_tiny}, {"small", vit_small}})
    for (bool const repeated : {false, true})
      benchmark::RegisterBenchmark(text("waiting/", model, repeated ? "/repeated" : "/loaded").c_str(),
                                   [vit = vit, repeated](benchmark::State& state) {
        if (char const* const path = std::getenv("AFIRE_FILMS")) {
          Films const films{Manifest(path), FilmReader<Png, Jpeg>{}, {.side = vit.image}};
          steps(state, vit, films, repeated);
        } else {
          DrawnFilms drawn{Tensor<unsigned char, 3>(64, vit.image, vit.image)};
          PhantomFilms const phantoms{.count = 64, .seed = 1};
          for (Index row = 0; row < 64; ++row) phantoms.load(row, drawn.films.view().row(row));
          steps(state, vit, drawn, repeated);
        }
      })->UseRealTime()->Unit(benchmark::kMillisecond)->Iterations(12);
  return true;
}();

}  // namespace
