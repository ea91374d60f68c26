// Laws of the synthetic lesions, and for each defect of the released code that it is there in the faithful form and gone in the other.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <afire/core/tensor.hpp>
#include <afire/ssl/masking.hpp>

using namespace afire;

namespace {

using Grey = Tensor<std::uint8_t, 2>;

Grey constant(Index rows, Index cols, int grey) {
  Grey film(rows, cols);
  std::fill(film.begin(), film.end(), static_cast<std::uint8_t>(grey));
  return film;
}

// A bright, grainy body with two dark lungs on black.
Grey chest(Index rows, Index cols) {
  Random const grain(3, Purpose::test);
  Grey film(rows, cols);
  auto const inside = [&](Index y, Index x, double cy, double cx, double ry, double rx) {
    double const v = (static_cast<double>(y) / static_cast<double>(rows) - cy) / ry;
    double const u = (static_cast<double>(x) / static_cast<double>(cols) - cx) / rx;
    return u * u + v * v < 1;
  };
  for (Index y = 0; y < rows; ++y)
    for (Index x = 0; x < cols; ++x) {
      bool const lung = inside(y, x, 0.45, 0.3, 0.3, 0.13) || inside(y, x, 0.45, 0.7, 0.3, 0.13);
      int const grey = lung ? 60 : inside(y, x, 0.6, 0.5, 0.55, 0.45) ? 150 : 0;
      film(y, x) = static_cast<std::uint8_t>(grey + static_cast<int>(grain.bits(static_cast<std::uint64_t>(y * cols + x)) % 20));
    }
  return film;
}

struct Result {
  Grey seen, mask;
  explicit Result(Grey const& film) : seen(film.extent(0), film.extent(1)), mask(film.extent(0), film.extent(1)) {}
  bool operator==(Result const& r) const {
    return std::equal(seen.begin(), seen.end(), r.seen.begin()) && std::equal(mask.begin(), mask.end(), r.mask.begin());
  }
};

Result made(SyntheticLesion const& lesion, Grey const& film, std::uint64_t row, std::uint64_t epoch = 0) {
  Result r(film);
  lesion(Random(11, Purpose::lesion, epoch, row), film, r.seen, r.mask);
  return r;
}

Result painted(SyntheticLesion const& lesion, Grey const& film, std::vector<Lesion> const& lesions) {
  Result r(film);
  SyntheticLesion::Room room;
  lesion.paint(film, lesions, r.seen, r.mask, room);
  return r;
}

}  // namespace

TEST_CASE("the mask is what was changed, and 0 where nothing was") {
  for (auto const& [rows, cols] : {std::pair{224, 224}, std::pair{64, 64}, std::pair{90, 70}, std::pair{7, 300}, std::pair{1, 1}}) {
    Grey const film = chest(rows, cols);
    for (std::uint64_t row = 0; row < 12; ++row) {
      Result const r = made({}, film, row);
      bool equal = true;
      for (Index i = 0; i < film.size(); ++i) equal = equal && r.mask.data()[i] == std::abs(r.seen.data()[i] - film.data()[i]);
      CHECK(equal);
    }
  }
}

TEST_CASE("lesions are a function of seed, epoch and row, whatever was made before in the same room") {
  Grey const film = chest(224, 224), other = chest(100, 130);
  SyntheticLesion const lesion{.clean_share = 0};
  Result const first = made(lesion, film, 4);
  CHECK(first == made(lesion, film, 4));
  CHECK_FALSE(first == made(lesion, film, 5));
  CHECK_FALSE(first == made(lesion, film, 4, 1));
  SyntheticLesion::Room room;
  Result again(film), before(other);
  lesion(Random(11, Purpose::lesion, 0, 9), other, before.seen, before.mask, room);
  lesion(Random(11, Purpose::lesion, 0, 4), film, again.seen, again.mask, room);
  CHECK(first == again);
}

TEST_CASE("lesions are the same bytes on every machine, under any flags") {
  Random const grain(5, Purpose::test);
  Grey film(224, 224);
  for (Index i = 0; i < film.size(); ++i)
    film.data()[i] = static_cast<std::uint8_t>((i / 224 + i % 224) / 2 + grain.bits(static_cast<std::uint64_t>(i)) % 30);
  auto const fingerprint = [&](SyntheticLesion const& lesion) {        // FNV-1a
    std::uint32_t hash = 2166136261u;
    for (std::uint64_t row = 0; row < 40; ++row) {
      Result const r = made(lesion, film, row);
      for (Index i = 0; i < film.size(); ++i) hash = (hash ^ r.seen.data()[i]) * 16777619u, hash = (hash ^ r.mask.data()[i]) * 16777619u;
    }
    return hash;
  };
  CHECK(fingerprint({}) == 2847114777u);
  CHECK(fingerprint(faithful_lesions()) == 1099989573u);
}

TEST_CASE("boxes lie in the film and grow with it") {
  for (Index const side : {56, 224, 448}) {
    Draws draws(Random(1, Purpose::test));
    std::vector<Lesion> lesions;
    SyntheticLesion const lesion = faithful_lesions();
    for (int i = 0; i < 500; ++i) lesion.draw(draws, {1, 1, 1}, side, side, lesions);
    int smallest = 1000, largest = 0;
    for (Lesion const& l : lesions) {
      CHECK((l.left >= 0 && l.top >= 0 && l.left + l.width <= side && l.top + l.height <= side));
      smallest = std::min({smallest, l.height, l.width}), largest = std::max({largest, l.height, l.width});
    }
    CHECK(smallest == 16 * side / 224);
    CHECK(largest == 128 * side / 224);
    CHECK(lesions.size() > 1100);
    CHECK(lesions.size() < 1400);
  }
}

TEST_CASE("Q1: the released texture comes from the mirrored place, the corrected one from where the body is") {
  Grey film(224, 224);
  for (Index y = 0; y < 224; ++y)
    for (Index x = 0; x < 224; ++x) film(y, x) = static_cast<std::uint8_t>(y);
  Tile tile;
  cut_texture(film, {40, 150, 0}, 30, Axes::transposed, tile);
  CHECK(tile.pixels.front() == 10);
  cut_texture(film, {40, 150, 0}, 30, Axes::upright, tile);
  CHECK(tile.pixels.front() == 120);
  cut_texture(film, {40, 220, 0}, 30, Axes::upright, tile);
  CHECK(tile.rows == 34);
  CHECK(tile.cols == 60);
  CHECK_THROWS_WITH_AS(cut_texture(Grey(4, 5), {1, 1, 0}, 2, Axes::transposed, tile),
                       "lesion: transposed texture axes need a square film, this one is (4, 5)", error);
}

TEST_CASE("the eight turns of a texture are the symmetries of a square") {
  Grey film(2, 3);
  std::copy_n(std::vector<std::uint8_t>{1, 2, 3, 4, 5, 6}.begin(), 6, film.begin());
  std::set<std::string> all;
  Tile tile;
  for (int turn = 0; turn < 8; ++turn) {
    cut_texture(film, {1, 1, turn}, 2, Axes::upright, tile);
    CHECK(tile.rows == (turn < 4 ? 2 : 3));
    all.insert(std::string(tile.pixels.begin(), tile.pixels.end()));
    auto sorted = tile.pixels;
    std::sort(sorted.begin(), sorted.end());
    CHECK(sorted == std::vector<std::uint8_t>{1, 2, 3, 4, 5, 6});
  }
  CHECK(all.size() == 8);
}

TEST_CASE("Q2: the released clip reaches pixels outside every lesion, the corrected one does not") {
  Grey film = chest(224, 224);
  film(0, 0) = 250;                              // a marker
  std::vector<Lesion> const lesions{{.height = 30, .width = 30, .left = 150, .top = 150, .texture = {112, 112, 0}}};
  Result const faithful = painted(faithful_lesions(), film, lesions), corrected = painted({}, film, lesions);
  CHECK(faithful.mask(0, 0) == 0);
  CHECK(faithful.seen(0, 0) == 235);
  CHECK(corrected.mask(0, 0) == 0);
  CHECK(corrected.seen(0, 0) == 250);
  CHECK(corrected.seen(165, 165) > film(165, 165));
}

TEST_CASE("Q3: overlapping lesions wrap to black in the released form and saturate in the corrected one") {
  Grey const film = constant(224, 224, 130);
  std::vector<Lesion> const four(4, {.height = 80, .width = 80, .left = 60, .top = 60, .texture = {112, 112, 0}});
  SyntheticLesion saturating = faithful_lesions();
  saturating.overlap = Overlap::saturate;
  Result const wrapped = painted(faithful_lesions(), film, four), saturated = painted(saturating, film, four);
  CHECK(wrapped.mask(100, 100) == 4 * 65 - 256);
  CHECK(wrapped.seen(100, 100) == 130 + 4);      // a hole in the middle of the brightest place
  CHECK(wrapped.seen(100, 85) == 235);
  CHECK(saturated.mask(100, 100) == 255);
  CHECK(saturated.seen(100, 100) == 235);
  CHECK(painted({}, film, four).seen(100, 100) == 255);
}

TEST_CASE("Q4: the released lesion ends in a step along its box, the corrected one fades to nothing inside it") {
  Grey const film = constant(224, 224, 150);
  std::vector<Lesion> const lesions{{.height = 60, .width = 100, .left = 50, .top = 70, .texture = {112, 112, 0}}};
  auto const steepest = [&](Result const& r) {
    int most = 0;
    for (Index y = 1; y < 224; ++y)
      for (Index x = 1; x < 224; ++x)
        most = std::max({most, std::abs(r.seen(y, x) - r.seen(y, x - 1)), std::abs(r.seen(y, x) - r.seen(y - 1, x))});
    return most;
  };
  Result const hard = painted(faithful_lesions(), film, lesions), soft = painted({}, film, lesions);
  CHECK(hard.mask(70, 100) >= 8);                // the middle of the upper edge
  CHECK(steepest(hard) >= 8);
  for (Index x = 50; x < 150; ++x) CHECK(soft.mask(70, x) + soft.mask(129, x) == 0);
  for (Index y = 70; y < 130; ++y) CHECK(soft.mask(y, 50) + soft.mask(y, 149) == 0);
  CHECK(soft.mask(100, 100) >= 70);
  CHECK(steepest(soft) <= 4);
}

TEST_CASE("Q5: textures, turns and strengths vary, some lesions are darker, and strength does not follow the exposure") {
  Draws draws(Random(2, Purpose::test));
  std::vector<Lesion> lesions;
  SyntheticLesion const lesion;
  for (int i = 0; i < 800; ++i) lesion.draw(draws, {112, 100, 80}, 224, 224, lesions);
  double dark = 0;
  std::set<int> turns, places;
  for (Lesion const& l : lesions) {
    CHECK((std::abs(l.texture.x - 112) <= 40 && std::abs(l.texture.y - 100) <= 40));
    CHECK((std::abs(l.grey) >= lesion.weakest && std::abs(l.grey) <= lesion.strongest));
    dark += l.grey < 0, turns.insert(l.texture.turn), places.insert(l.texture.x);
  }
  CHECK(dark / static_cast<double>(lesions.size()) == doctest::Approx(0.25).epsilon(0.12));
  CHECK(turns.size() == 8);
  CHECK(places.size() == 81);
  for (int const exposure : {80, 160}) {
    Grey const film = constant(224, 224, exposure);
    Lesion one{.height = 61, .width = 61, .left = 80, .top = 80, .texture = {112, 112, 3}, .grey = 50};
    CHECK(painted({}, film, {one}).seen(110, 110) == exposure + 50);
    one.grey = -50;
    CHECK(painted({}, film, {one}).seen(110, 110) == exposure - 50);
    one.grey = 0;
    CHECK(painted({}, film, {one}).seen(110, 110) == exposure + exposure / 2);
  }
}

TEST_CASE("Q6: a share of the films stays clean") {
  Grey const film = chest(64, 64);
  int clean = 0;
  for (std::uint64_t row = 0; row < 600; ++row) {
    Result const r = made({}, film, row);
    clean += std::all_of(r.mask.begin(), r.mask.end(), [](int m) { return m == 0; });
  }
  CHECK(clean > 35);
  CHECK(clean < 90);
  CHECK(std::equal(film.begin(), film.end(), made({.clean_share = 1}, film, 0).seen.begin()));
}

TEST_CASE("Q7: a film without an outline takes its middle") {
  Contours contours;
  std::vector<PointF> points;
  Circle const c = body_circle(constant(50, 80, 0), PointOrder::shuffled, contours, points);
  CHECK(c.x == 40);
  CHECK(c.y == 25);
  Result const black = made({.clean_share = 0}, constant(224, 224, 0), 1);      // a black texture changes nothing, and says so
  CHECK(std::all_of(black.mask.begin(), black.mask.end(), [](int m) { return m == 0; }));
}

TEST_CASE("about three patches in ten are lesions") {
  Grey const film = chest(224, 224);
  Tensor<std::uint8_t, 1> map(196);
  for (auto const& lesion : {SyntheticLesion{.clean_share = 0}, faithful_lesions()}) {
    double share = 0;
    for (std::uint64_t row = 0; row < 400; ++row) {
      lesion_patches(made(lesion, film, row).mask, 16, map, lesion.patch_share);
      share += static_cast<double>(std::count(map.begin(), map.end(), 1)) / 196 / 400;
    }
    CHECK(share > 0.26);
    CHECK(share < 0.34);
  }
}

TEST_CASE("patches are marked by the share of their pixels that is touched") {
  Grey mask(32, 48);
  Tensor<std::uint8_t, 1> map(6);
  auto const marked = [&](float share) {
    lesion_patches(mask, 16, map, share);
    return std::vector<int>(map.begin(), map.end());
  };
  CHECK(marked(0) == std::vector<int>{0, 0, 0, 0, 0, 0});
  mask(15, 31) = 1;                              // the last pixel of the patch in row 0, column 1
  for (Index x = 0; x < 9; ++x) mask(20, 32 + x) = 200;
  CHECK(marked(0) == std::vector<int>{0, 1, 0, 0, 0, 1});
  CHECK(marked(8 / 256.f) == std::vector<int>{0, 0, 0, 0, 0, 1});
  CHECK(marked(9 / 256.f) == std::vector<int>{0, 0, 0, 0, 0, 0});
  CHECK_THROWS_WITH_AS(lesion_patches(mask, 7, map), "lesion patches: a mask (32, 48) in patches of 7 does not give 6 patches", error);
}

TEST_CASE("clean copies") {
  Grey const film = chest(40, 30);
  Result r(film);
  std::fill(r.mask.begin(), r.mask.end(), std::uint8_t{9});
  Clean{}(Random{}, film, r.seen, r.mask);
  CHECK(std::equal(film.begin(), film.end(), r.seen.begin()));
  CHECK(std::all_of(r.mask.begin(), r.mask.end(), [](int m) { return m == 0; }));
}

TEST_CASE("what cannot be drawn is refused in a sentence") {
  Grey const film = chest(64, 64);
  Grey small(32, 32);
  CHECK_THROWS_WITH_AS(SyntheticLesion{}(Random{}, film, small, small),
                       "lesion: clean is (64, 64), seen (32, 32), mask (32, 32); they must be of one size", error);
  CHECK_THROWS_WITH_AS(made({.fewest = 5}, film, 0), "lesion: between 5 and 4 lesions; 1 <= fewest <= most <= 100 is needed", error);
  CHECK_THROWS_WITH_AS(made({.smallest = 0}, film, 0), "lesion: boxes of 0 to 154; 1 <= smallest <= largest <= 224 is needed", error);
  CHECK_THROWS_WITH_AS(made({.weakest = 0}, film, 0), "lesion: strengths of 0 to 80; 1 <= weakest <= strongest <= 255 is needed", error);
  CHECK_THROWS_WITH_AS(painted({}, film, {{.height = 10, .width = 10, .left = 60, .top = 0}}),
                       "lesion: a box of 10 x 10 at x 60, y 0 does not fit the film (64, 64)", error);
}
