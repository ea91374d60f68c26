// bench/waiting.cpp -- does training wait for its films? waiting/MODEL
// needs: onednn openmp png jpeg
//
//   AFIRE_FILMS=films/manifest.csv ./run bench waiting --benchmark_filter=tiny
//
// Steps in turn: one on a batch from the loader, which reads films and draws lesions in a thread of its own, and one on a batch that was
// learnt from before. In turn, because a machine changes its speed by more within a minute than a loader costs. Counters: loaded and
// repeated, the median films/s of either kind of step (the loader makes its next batch during the first kind); share, loaded / repeated;
// waiting, the share of the time that the step waited for its batch. Without AFIRE_FILMS: 64 drawn films in memory.
#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <vector>

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

double median(std::vector<double> values) {
  auto const middle = values.begin() + std::ssize(values) / 2;
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

template <class Source>
void steps(benchmark::State& state, ViTConfig const& vit, Source const& films) {
  OneDnn cpu;
  auto const objective = TokenContrast{Sinkhorn{.iterations = 3}} + 1.0 * Restoration<Everywhere>{};
  Trainer trainer{cpu, Compute<bf16>{}, vit, PerPositionHead{}, TransformerDecoder{.width = 192, .depth = 4, .heads = 6}, SyntheticLesion{},
                  Teacher<Ema>{}, objective, AdamW{.lr = 1e-4}, TrainOptions{.batch = batch}};
  trainer.schedule(1000, 10);
  Loader loader(films, trainer.masking(), LoaderOptions{.batch = batch, .side = vit.image, .patch = vit.patch});
  Loader once(films, trainer.masking(), LoaderOptions{.batch = batch, .side = vit.image, .patch = vit.patch, .seed = 1});
  Batch const& kept = once.next();  // and no other: what it makes ahead is made while the model warms up
  double waiting = 0;
  std::vector<double> loaded, repeated;
  auto const step = [&](Batch const& batch) {
    GreyPixels const seen{batch.seen.view(), imagenet()}, clean{batch.clean.view(), imagenet()};
    Micro<GreyPixels> micro{seen, clean, batch.lesion.view()};
    benchmark::DoNotOptimize(trainer.step(std::span(&micro, 1)));
  };
  for (int warm = 0; warm < 2; ++warm) step(kept);
  for (auto _ : state) {
    double const asked = seconds();
    Batch const& batch = loader.next();
    double const begun = seconds();
    step(batch);
    double const between = seconds();
    step(kept);
    waiting += begun - asked;
    loaded.push_back(between - asked), repeated.push_back(seconds() - between);
  }
  state.counters["loaded"] = static_cast<double>(batch) / median(loaded);
  state.counters["repeated"] = static_cast<double>(batch) / median(repeated);
  state.counters["share"] = median(repeated) / median(loaded);
  state.counters["waiting"] = waiting / std::accumulate(loaded.begin(), loaded.end(), 0.0);
}

[[maybe_unused]] bool const added = [] {
  for (auto const& [model, vit] : {std::pair{"tiny", vit_tiny}, {"small", vit_small}})
    benchmark::RegisterBenchmark(text("waiting/", model).c_str(), [vit = vit](benchmark::State& state) {
      if (char const* const path = std::getenv("AFIRE_FILMS")) {
        Films const films{Manifest(path), FilmReader<Png, Jpeg>{}, {.side = vit.image}};
        steps(state, vit, films);
      } else {
        DrawnFilms drawn{Tensor<unsigned char, 3>(64, vit.image, vit.image)};
        PhantomFilms const phantoms{.count = 64, .seed = 1};
        for (Index row = 0; row < 64; ++row) phantoms.load(row, drawn.films.view().row(row));
        steps(state, vit, drawn);
      }
    })->UseRealTime()
        ->Unit(benchmark::kMillisecond)
        ->Iterations(30);
  return true;
}();

}  // namespace
