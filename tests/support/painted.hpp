// tests/support/painted.hpp -- lesions that a backend paints against those of the loader's threads: the same bytes and maps
//
//   for (auto const& how : every_lesion()) expect_same_painting(be, how, {.films = 6, .rows = 64, .cols = 64, .patch = 8});
#pragma once
#include <afire/ssl/lesion_paint.hpp>
#include <afire/ssl/masking.hpp>
#include <doctest/doctest.h>

namespace afire_test {

using namespace afire;

// The two forms, each choice of theirs by itself, and many, large and tiny lesions.
inline std::vector<SyntheticLesion> every_lesion() {
  SyntheticLesion const released = faithful_lesions();
  std::vector<SyntheticLesion> all{{}, released, {.fewest = 9, .most = 9, .clean_share = 0}, {.fewest = 4, .smallest = 1, .largest = 3}};
  all.push_back({.clip = released.clip, .ceiling = released.ceiling});
  all.push_back({.overlap = released.overlap, .dark_share = 0, .weakest = 200, .strongest = 255});
  all.push_back({.edge = released.edge, .patch_share = 0});
  all.push_back({.texture = released.texture});
  all.push_back({.clip = Ceiling::under_lesions, .ceiling = 140, .reach = 1, .dark_share = 0.5f, .clean_share = 0.4f});
  SyntheticLesion crossed;
  crossed.axes = released.axes;
  all.push_back(crossed);
  SyntheticLesion hard = released;
  hard.fewest = 4, hard.overlap = Overlap::saturate, hard.texture = Texture::varied, hard.dark_share = 0.5f;
  all.push_back(hard);
  return all;
}

struct PaintedSize {
  Index films, rows, cols, patch;
  std::uint64_t seed = 1;
};

// A grainy body off the middle, another in each film; the last film is black.
inline Tensor<std::uint8_t, 3> painted_bodies(PaintedSize const& z) {
  Random const random(z.seed, Purpose::test, 77);
  Tensor<std::uint8_t, 3> films(z.films, z.rows, z.cols);
  for (Index b = 0; b + 1 < z.films; ++b)
    for (Index y = 0; y < z.rows; ++y)
      for (Index x = 0; x < z.cols; ++x) {
        Index const v = 10 * y - (4 + b % 3) * z.rows, u = 10 * x - (6 - b % 4) * z.cols;
        bool const inside = v * v * z.cols * z.cols + u * u * z.rows * z.rows < 16 * z.rows * z.rows * z.cols * z.cols;
        auto const grain = random.bits(static_cast<std::uint64_t>((b * z.rows + y) * z.cols + x)) % 60;
        films(b, y, x) = static_cast<std::uint8_t>((inside ? 90 + 20 * (b % 5) : 3) + static_cast<Index>(grain));
      }
  return films;
}

// Pixels that lesions have changed.
template <class B>
Index expect_same_painting(B& be, SyntheticLesion const& how, PaintedSize const& z) {
  auto const films = painted_bodies(z);
  Index const N = z.films, H = z.rows, W = z.cols, L = H * W / z.patch / z.patch, K = how.slots();
  Tensor<std::uint8_t, 3> seen(N, H, W), painted(N, H, W);
  Tensor<std::uint8_t, 2> mask(H, W), map(N, L), painted_map(N, L);
  Tensor<Lesion, 2> plan(N, K);
  SyntheticLesion::Room room;
  Index changed = 0;
  for (Index b = 0; b < N; ++b) {
    Random const random(z.seed, Purpose::lesion, 3, static_cast<std::uint64_t>(b));
    how(random, films.view().row(b), seen.view().row(b), mask.view(), room);
    lesion_patches(mask.view(), z.patch, map.view().row(b), how.patch_share);
    how.plan(random, how.body(films.view().row(b), room), H, W, plan.view().row(b), room);
    for (std::uint8_t const m : mask) changed += m != 0;
  }
  auto const there = allocate<std::uint8_t>(be, films.size()), there_seen = allocate<std::uint8_t>(be, films.size());
  auto const there_map = allocate<std::uint8_t>(be, N * L);
  auto const there_plan = allocate<Lesion>(be, N * K);
  LesionBrushes const brushes(be, how, N, H, W);
  upload(be, films.data(), there.view()), upload(be, plan.data(), there_plan.view());
  paint_lesions(be, how,
                {View<const std::uint8_t, 3>(there.data(), N, H, W), View<const Lesion, 2>(there_plan.data(), N, K),
                 View<std::uint8_t, 3>(there_seen.data(), N, H, W), View<std::uint8_t, 2>(there_map.data(), N, L)},
                z.patch, brushes);
  download(be, there_seen.view(), painted.data()), download(be, there_map.view(), painted_map.data());
  CHECK(std::equal(painted.begin(), painted.end(), seen.begin()));
  CHECK(std::equal(painted_map.begin(), painted_map.end(), map.begin()));
  return changed;
}

}  // namespace afire_test
