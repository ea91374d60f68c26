// Shapes of hidden patches: exact numbers, the same for the same draws, even over the film, connected blocks, MAE's order.
#include <afire/ssl/patch_shapes.hpp>
#include <doctest/doctest.h>

#include <array>

#include "tests/support/fixture_case.hpp"
#include "tests/support/message.hpp"

using namespace afire;
using namespace afire_test;

namespace {

constexpr Index side = 14, L = side * side;
using Map = std::array<std::uint8_t, L>;

template <class Shape>
Map drawn(Shape const& shape, std::uint64_t row) {
  static PatchRoom room;
  Map map;
  map.fill(7);                                             // every patch must be written
  Draws draws(Random(5, Purpose::masking, 1, row));
  shape(draws, View<std::uint8_t, 2>(map.data(), side, side), room);
  return map;
}

Index count(Map const& map) { return std::count(map.begin(), map.end(), 1); }

// How far the number of times that a patch was hidden is from the same for all, in deviations of a fair coin, at worst.
template <class Shape>
double unevenness(Shape const& shape, int films) {
  std::array<double, L> times{};
  double all = 0;
  for (int f = 0; f < films; ++f) {
    Map const map = drawn(shape, static_cast<std::uint64_t>(f));
    for (std::size_t j = 0; j < L; ++j) times[j] += map[j], all += map[j];
  }
  double const p = all / (films * static_cast<double>(L));
  double worst = 0;
  for (double t : times) worst = std::max(worst, std::fabs(t - films * p) / std::sqrt(films * p * (1 - p)));
  return worst;
}

// Sizes of the pieces of hidden patches that touch along a side.
std::vector<Index> pieces(Map map) {
  std::vector<Index> found;
  std::vector<Index> stack;
  for (Index start = 0; start < L; ++start) {
    if (map[static_cast<std::size_t>(start)] != 1) continue;
    found.push_back(0), stack.push_back(start);
    while (!stack.empty()) {
      Index const j = stack.back();
      stack.pop_back();
      if (map[static_cast<std::size_t>(j)] != 1) continue;
      map[static_cast<std::size_t>(j)] = 2, ++found.back();
      if (j % side > 0) stack.push_back(j - 1);
      if (j % side < side - 1) stack.push_back(j + 1);
      if (j >= side) stack.push_back(j - side);
      if (j + side < L) stack.push_back(j + side);
    }
  }
  return found;
}

}  // namespace

TEST_CASE_TEMPLATE("the same draws hide the same patches, others others; every patch of the map is written", Shape, RandomPatches,
                   CoarsePatches, BlockPatches) {
  Shape const shape{};
  int different = 0;
  for (std::uint64_t row = 0; row < 20; ++row) {
    Map const map = drawn(shape, row);
    CHECK(map == drawn(shape, row));
    different += map != drawn(shape, row + 100);
    for (std::uint8_t const m : map) CHECK(m <= 1);
  }
  CHECK(different == 20);
}

TEST_CASE("the number of hidden patches is exact in every film") {
  for (std::uint64_t row = 0; row < 100; ++row) {
    CHECK(count(drawn(RandomPatches{}, row)) == 147);
    CHECK(count(drawn(RandomPatches{.ratio = 0.9}, row)) == L - 19);
    CHECK(count(drawn(CoarsePatches{}, row)) == 4 * 30);   // ceil(0.6 * 49) squares
    CHECK(count(drawn(BlockPatches{.fill_up = true}, row)) == 78);
  }
  CHECK(RandomPatches{}.hidden(L) == 147);
  CHECK(CoarsePatches{}.hidden(L) == 120);
  CHECK(BlockPatches{.fill_up = true}.hidden(L) == 78);
  CHECK(count(drawn(RandomPatches{.ratio = 0}, 1)) == 0);
  CHECK(count(drawn(RandomPatches{.ratio = 1}, 1)) == L);
}

TEST_CASE("every patch is hidden as often as any other; squares are whole") {
  CHECK(unevenness(RandomPatches{}, 4000) < 4);
  CHECK(unevenness(CoarsePatches{}, 4000) < 4);
  for (std::uint64_t row = 0; row < 20; ++row) {
    Map const map = drawn(CoarsePatches{}, row);
    for (Index j = 0; j < L; ++j) {
      Index const corner = j / side / 2 * 2 * side + j % side / 2 * 2;
      CHECK(map[static_cast<std::size_t>(j)] == map[static_cast<std::size_t>(corner)]);
    }
  }
}

TEST_CASE("blocks: never more than asked, in few pieces, of many ratios and sometimes none for iBOT") {
  double blocks = 0, scattered = 0, total = 0;
  for (std::uint64_t row = 0; row < 300; ++row) {
    Map const map = drawn(BlockPatches{}, row);
    CHECK(count(map) <= 78);
    total += static_cast<double>(count(map)) / 300;
    blocks += static_cast<double>(pieces(map).size());
    scattered += static_cast<double>(pieces(drawn(RandomPatches{.ratio = 0.4}, row)).size());
  }
  CHECK(total > 75);
  CHECK(blocks / 300 < 3);
  CHECK(scattered / 300 > 20);
  for (std::uint64_t row = 0; row < 50; ++row) {           // no more than the smallest block: it comes first, and in one piece
    auto const sizes = pieces(drawn(BlockPatches{.ratio = 16.0 / L}, row));
    if (!sizes.empty()) CHECK(*std::max_element(sizes.begin(), sizes.end()) >= 12);
  }
  int none = 0;
  Index least = L, most = 0;
  for (std::uint64_t row = 0; row < 400; ++row) {
    Index const n = count(drawn(ibot_blocks, row));
    none += n == 0;
    if (n > 0) least = std::min(least, n), most = std::max(most, n);
  }
  CHECK(std::abs(none - 200) < 50);
  CHECK(least < 40);
  CHECK(most > 80);
  CHECK(most <= L / 2);
}

TEST_CASE("what cannot be drawn is said") {
  PatchRoom room;
  Draws draws(Random(1, Purpose::masking));
  std::array<std::uint8_t, 15> map;
  View<std::uint8_t, 2> const odd(map.data(), 3, 5);
  CHECK(message([&] { CoarsePatches{}(draws, odd, room); }) == "coarse patches: 3 x 5 patches cannot be cut into squares of 2");
  CHECK(message([&] { RandomPatches{.ratio = 1.5}(draws, odd, room); }) == "random patches: the ratio is 1.5; it must lie in 0 ... 1");
  CHECK(message([&] { BlockPatches{}.hidden(196); }) ==
        "block patches: blocks may hide fewer patches than asked for; where the number must be fixed use .fill_up = true, "
        "with .spread = 0 and .share = 1");
}

TEST_CASE("fixture MAE's masks from the same random numbers") {
  auto const path = fixture("objectives.safetensors");
  if (!path) return;
  SafetensorsFile const file(*path);
  for (char const* const name : {"mae_mask_L16", "mae_mask_L196", "mae_mask_L49_r09", "mae_mask_ties"}) {
    FixtureCase<double> const c{file, name};
    auto const noise = c("in/noise"), shuffle = c("out/ids_shuffle");
    auto const mask = c.read<std::uint8_t>("out/mask");
    Index const B = c.extent("in/noise", 0), patches = c.extent("in/noise", 1), keep = static_cast<Index>(c.number("attr/keep"));
    CHECK(RandomPatches{.ratio = c.number("attr/ratio")}.hidden(patches) == patches - keep);
    std::vector<int> order;
    Tensor<std::uint8_t, 1> map(patches);
    for (Index b = 0; b < B; ++b) {
      hide_largest(View<const double, 1>(noise.view().slice(b * patches, patches)), keep, map.view(), order);
      for (Index j = 0; j < patches; ++j) {
        CHECK(map(j) == mask(b * patches + j));
        CHECK(static_cast<double>(order[static_cast<std::size_t>(j)]) == shuffle(b * patches + j));
      }
    }
  }
}
