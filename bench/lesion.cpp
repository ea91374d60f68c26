// How many 224 x 224 films one core spoils in a second, and where the time goes.
#include <vector>

#include <benchmark/benchmark.h>

#include <afire/data/body_circles.hpp>
#include <afire/ssl/masking.hpp>
#include <bench/support/chest.hpp>

using namespace afire;

namespace {

std::vector<Tensor<std::uint8_t, 2>> films() {
  std::vector<Tensor<std::uint8_t, 2>> all;
  for (std::uint64_t row = 0; row < 64; ++row) all.push_back(bench::chest(row));
  return all;
}

void lesions(benchmark::State& state, SyntheticLesion const& lesion) {
  auto const all = films();
  Tensor<std::uint8_t, 2> seen(224, 224), mask(224, 224);
  Tensor<std::uint8_t, 1> map(196);
  SyntheticLesion::Room room;
  std::uint64_t row = 0;
  for (auto _ : state) {
    lesion(Random(1, Purpose::lesion, 0, row), all[row % all.size()], seen, mask, room);
    lesion_patches(mask, 16, map, lesion.patch_share);
    benchmark::DoNotOptimize(map.data());
    ++row;
  }
  state.counters["images_per_s"] = benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

// What is left for a loader's thread where lesions are painted by the device: in the first epoch, and in those after it.
void plan(benchmark::State& state, bool known) {
  auto const all = films();
  SyntheticLesion const lesion;
  Tensor<std::uint8_t, 2> clean(224, 224);
  Tensor<Lesion, 1> plan(lesion.slots());
  SyntheticLesion::Room room;
  BodyCircles const circles(64);
  std::uint64_t row = 0;
  for (auto _ : state) {
    auto const& film = all[row % all.size()];
    std::copy(film.begin(), film.end(), clean.begin());
    auto const find = [&] { return lesion.body(clean, room); };
    Circle const body = known ? circles.of(static_cast<Index>(row % all.size()), clean.view(), find) : find();
    lesion.plan(Random(1, Purpose::lesion, 0, row), body, 224, 224, plan, room);
    benchmark::DoNotOptimize(plan.data());
    ++row;
  }
  state.counters["images_per_s"] = benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

void find_body(benchmark::State& state, PointOrder order) {
  auto const all = films();
  Contours contours;
  std::vector<PointF> points;
  std::size_t row = 0;
  for (auto _ : state) benchmark::DoNotOptimize(body_circle(all[row++ % all.size()], order, contours, points));
  state.counters["images_per_s"] = benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

BENCHMARK_CAPTURE(lesions, corrected, SyntheticLesion{});
BENCHMARK_CAPTURE(lesions, faithful, faithful_lesions());
BENCHMARK_CAPTURE(plan, first_epoch, false);
BENCHMARK_CAPTURE(plan, later, true);
BENCHMARK_CAPTURE(find_body, shuffled, PointOrder::shuffled);
BENCHMARK_CAPTURE(find_body, as_listed, PointOrder::as_listed);

}  // namespace
