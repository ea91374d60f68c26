// How many 224 x 224 films one core spoils in a second, and where the time goes.
#include <vector>

#include <benchmark/benchmark.h>

#include <afire/core/tensor.hpp>
#include <afire/ssl/masking.hpp>

using namespace afire;

namespace {

// A grainy body with two lungs; outlines as long as those of real films (about 400 corners).
Tensor<std::uint8_t, 2> chest(std::uint64_t row) {
  Random const grain(row, Purpose::test);
  Tensor<std::uint8_t, 2> film(224, 224);
  auto const inside = [](Index y, Index x, double cy, double cx, double ry, double rx) {
    double const v = (static_cast<double>(y) - cy) / ry, u = (static_cast<double>(x) - cx) / rx;
    return u * u + v * v < 1;
  };
  for (Index y = 0; y < 224; ++y)
    for (Index x = 0; x < 224; ++x) {
      bool const lung = inside(y, x, 100, 70, 65, 30) || inside(y, x, 100, 154, 65, 30);
      std::uint32_t const noise = grain.bits(static_cast<std::uint64_t>(y * 224 + x)) % 40;
      film(y, x) = static_cast<std::uint8_t>((lung ? 85u : inside(y, x, 134, 112, 123, 101) ? 160u : 5u) + noise);
    }
  return film;
}

std::vector<Tensor<std::uint8_t, 2>> films() {
  std::vector<Tensor<std::uint8_t, 2>> all;
  for (std::uint64_t row = 0; row < 64; ++row) all.push_back(chest(row));
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
BENCHMARK_CAPTURE(find_body, shuffled, PointOrder::shuffled);
BENCHMARK_CAPTURE(find_body, as_listed, PointOrder::as_listed);

}  // namespace
