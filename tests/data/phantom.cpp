#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <afire/data/phantom.hpp>

using namespace afire;
using phantom::Region;

namespace {

constexpr Index side = 224;

struct Extent {
  Index pixels = 0, top = side, bottom = -1, left = side, right = -1;
  double row = 0, col = 0;                 // centre
  double across() const { return static_cast<double>(right - left + 1); }
};

template <class Counts>
Extent extent_where(Counts counts) {
  Extent e;
  for (Index r = 0; r < side; ++r)
    for (Index c = 0; c < side; ++c)
      if (counts(r, c)) {
        ++e.pixels;
        e.top = std::min(e.top, r), e.bottom = std::max(e.bottom, r), e.left = std::min(e.left, c), e.right = std::max(e.right, c);
        e.row += static_cast<double>(r), e.col += static_cast<double>(c);
      }
  if (e.pixels > 0) e.row /= static_cast<double>(e.pixels), e.col /= static_cast<double>(e.pixels);
  return e;
}

Extent extent_of(Phantom const& p, Region region) {
  return extent_where([&](Index r, Index c) { return p.regions(r, c) == static_cast<std::uint8_t>(region); });
}

Extent extent_of(Phantom const& p, Finding finding) {
  return extent_where([&](Index r, Index c) { return p.masks(static_cast<Index>(finding), r, c) != 0; });
}

double mean_grey(Phantom const& p, Region region) {
  double sum = 0, count = 0;
  for (Index i = 0; i < side * side; ++i)
    if (p.regions.data()[i] == static_cast<std::uint8_t>(region)) sum += p.film.data()[i], ++count;
  return sum / count;
}

Findings only(Finding f) {
  Findings wanted;
  wanted[f] = true;
  return wanted;
}

Phantom with(Finding f, std::uint64_t row) { return draw_phantom(Random(5, Purpose::phantom, 0, row), only(f), side); }
Phantom healthy(std::uint64_t row) { return draw_phantom(Random(5, Purpose::phantom, 0, row), {}, side); }

}  // namespace

TEST_CASE("a phantom is a function of seed and row") {
  PhantomFilms const films{.count = 8, .seed = 3, .abnormal = 0.5f}, same{.count = 9, .seed = 3, .abnormal = 0.5f};
  Phantom const first = films.phantom(2), again = same.phantom(2), other = films.phantom(3);
  CHECK(std::equal(first.film.begin(), first.film.end(), again.film.begin()));
  CHECK(std::equal(first.regions.begin(), first.regions.end(), again.regions.begin()));
  CHECK(std::equal(first.masks.begin(), first.masks.end(), again.masks.begin()));
  CHECK(!std::equal(first.film.begin(), first.film.end(), other.film.begin()));
  PhantomFilms const reseeded{.count = 8, .seed = 4, .abnormal = 0.5f};
  CHECK(!std::equal(first.film.begin(), first.film.end(), reseeded.phantom(2).film.begin()));

  Tensor<std::uint8_t, 2> loaded(side, side);
  films.load(2, loaded);
  CHECK(std::equal(first.film.begin(), first.film.end(), loaded.begin()));
  CHECK(films.name(2) == "phantom-3-2");
  CHECK(films.name(2) != films.name(3));
}

TEST_CASE("a phantom that cannot be drawn is refused in a sentence") {
  PhantomFilms const films{.count = 2};
  CHECK_THROWS_WITH_AS(films.phantom(2), "phantom: no film 2; there are 2", error);
  CHECK_THROWS_WITH_AS(films.phantom(0, 8), "phantom: a film of 8 pixels a side; 32 to 4096 can be drawn", error);
  Tensor<std::uint8_t, 2> film(64, 32);
  CHECK_THROWS_WITH_AS(films.load(0, film), "phantom: a film is square, not (64, 32)", error);
}

TEST_CASE("the same body at half the size") {
  PhantomFilms const films{.count = 6, .seed = 11};
  for (Index row = 0; row < films.size(); ++row) {
    Phantom const large = films.phantom(row, side), half = films.phantom(row, side / 2);
    Index equal = 0;
    double difference = 0;
    for (Index r = 0; r < side / 2; ++r)
      for (Index c = 0; c < side / 2; ++c) {
        bool any = false;
        double grey = 0;
        for (Index k = 0; k < 4; ++k) {
          any = any || large.regions(2 * r + k / 2, 2 * c + k % 2) == half.regions(r, c);
          grey += 0.25 * large.film(2 * r + k / 2, 2 * c + k % 2);
        }
        equal += any;
        difference += std::fabs(grey - half.film(r, c));
      }
    CAPTURE(row);
    CHECK(static_cast<double>(equal) > 0.97 * side * side / 4);
    CHECK(difference < 4.0 * side * side / 4);
  }
}

TEST_CASE("organs lie where they belong") {
  for (std::uint64_t row = 0; row < 24; ++row) {
    CAPTURE(row);
    Phantom const p = healthy(row);
    Extent const right = extent_of(p, Region::right_lung), left = extent_of(p, Region::left_lung), heart = extent_of(p, Region::heart);
    Extent const abdomen = extent_of(p, Region::abdomen), windpipe = extent_of(p, Region::trachea), collar = extent_of(p, Region::clavicle);
    Extent const vessels = extent_of(p, Region::mediastinum);
    for (Region region : {Region::right_lung, Region::left_lung, Region::heart, Region::abdomen, Region::trachea, Region::clavicle,
                          Region::mediastinum, Region::spine, Region::scapula, Region::soft_tissue}) {
      CAPTURE(phantom::region_names[static_cast<int>(region)]);
      CHECK(extent_of(p, region).pixels > 20);
    }
    double const middle = 0.5 * (right.col + left.col);
    CHECK(right.col < left.col);                                 // the patient's right is on the image's left
    CHECK(heart.col > windpipe.col);                             // the heart lies to the left,
    CHECK(static_cast<double>(heart.right) - middle > middle - static_cast<double>(heart.left));      // and its left border further out
    CHECK(heart.across() / static_cast<double>(left.right - right.left + 1) < 0.6);
    CHECK(heart.row > right.row);
    CHECK(abdomen.row > heart.row);
    CHECK(windpipe.row < heart.row);
    CHECK(collar.row < right.row);
    CHECK(vessels.row < heart.row);
    CHECK(p.film(static_cast<Index>(right.row), static_cast<Index>(right.col)) > 0);
    CHECK(mean_grey(p, Region::heart) > mean_grey(p, Region::right_lung) + 20);
    CHECK(mean_grey(p, Region::abdomen) > mean_grey(p, Region::left_lung) + 20);
    CHECK(mean_grey(p, Region::spine) > mean_grey(p, Region::soft_tissue));
  }
}

TEST_CASE("ribs cross the lungs and are brighter than what is between them") {
  for (std::uint64_t row = 0; row < 6; ++row) {
    CAPTURE(row);
    Phantom const p = healthy(row);
    double grey[2] = {}, count[2] = {}, behind = 0, before = 0;
    for (Index r = 0; r < side; ++r)
      for (Index c = 0; c < side; ++c) {
        auto const shown = static_cast<Region>(p.regions(r, c));
        if (shown != Region::right_lung && shown != Region::left_lung) continue;
        bool const rib = p.ribs(r, c) != 0;
        grey[rib] += p.film(r, c), ++count[rib];
        behind += p.ribs(r, c) & 1, before += p.ribs(r, c) >> 1;
      }
    double const all = count[0] + count[1];
    CHECK(count[1] / all > 0.3);
    CHECK(count[1] / all < 0.85);
    CHECK(behind / all > 0.2);
    CHECK(before / all > 0.1);
    CHECK(grey[1] / count[1] > grey[0] / count[0]);
  }
}

TEST_CASE("a film without findings has none, and the share of films with findings is as asked") {
  PhantomFilms const normal{.count = 400}, mixed{.count = 400, .abnormal = 0.5f};
  Index ill = 0, seen[findings] = {};
  for (Index row = 0; row < 400; ++row) {
    CHECK(!normal.wanted(row).any());
    ill += mixed.wanted(row).any();
    for (int f = 0; f < findings; ++f) seen[f] += mixed.wanted(row).present[f];
  }
  CHECK(ill > 160);
  CHECK(ill < 240);
  for (Index const count : seen) CHECK(count > 25);
  for (Index row = 0; row < 6; ++row) {
    Phantom const p = normal.phantom(row);
    CHECK(!p.labels.any());
    CHECK(std::all_of(p.masks.begin(), p.masks.end(), [](std::uint8_t m) { return m == 0; }));
  }
  for (Index row = 0; row < 12; ++row) CHECK(mixed.phantom(row).labels == mixed.wanted(row));
}

TEST_CASE("each finding has its mask, and no other") {
  for (int f = 0; f < findings; ++f)
    for (std::uint64_t row = 0; row < 8; ++row) {
      CAPTURE(finding_names[f]);
      CAPTURE(row);
      auto const finding = static_cast<Finding>(f);
      Phantom const p = with(finding, row);
      CHECK(p.labels == only(finding));
      for (int g = 0; g < findings; ++g) CHECK((extent_of(p, static_cast<Finding>(g)).pixels > 0) == (f == g));
      Index within = 0, all = 0;
      for (Index i = 0; i < side * side; ++i)
        if (p.masks.data()[f * side * side + i]) {
          auto const shown = static_cast<Region>(p.regions.data()[i]);
          bool const lung = shown == Region::right_lung || shown == Region::left_lung, heart = shown == Region::heart;
          within += finding == Finding::cardiomegaly ? heart : lung || heart;
          ++all;
        }
      CHECK(static_cast<double>(within) >= 0.75 * static_cast<double>(all));
      CHECK(static_cast<double>(all) < 0.3 * side * side);
    }
}

TEST_CASE("a finding changes the film where its mask is and nowhere else") {
  // A margin of 2 pixels for the blur and for what is too faint to be counted as seen.
  auto const changes = [](Finding finding, std::uint64_t row) {
    Phantom const ill = with(finding, row), well = healthy(row);
    double inside = 0, outside = 0, in = 0, out = 0;
    for (Index r = 0; r < side; ++r)
      for (Index c = 0; c < side; ++c) {
        bool masked = false;
        for (Index y = std::max<Index>(0, r - 2); y <= std::min(side - 1, r + 2); ++y)
          for (Index x = std::max<Index>(0, c - 2); x <= std::min(side - 1, c + 2); ++x)
            masked = masked || ill.masks(static_cast<Index>(finding), y, x) != 0;
        double const change = static_cast<double>(ill.film(r, c)) - well.film(r, c);
        if (ill.masks(static_cast<Index>(finding), r, c)) inside += change, ++in;
        else if (!masked) outside += std::fabs(change), ++out;
      }
    return std::pair(inside / in, outside / out);
  };
  for (std::uint64_t row = 0; row < 5; ++row) {
    CAPTURE(row);
    for (Finding f : {Finding::nodule, Finding::opacity, Finding::effusion}) {
      CAPTURE(finding_names[static_cast<int>(f)]);
      auto const [inside, outside] = changes(f, row);
      CHECK(inside > 3);                                         // brighter,
      CHECK(outside < 0.3);
    }
    auto const [inside, outside] = changes(Finding::pneumothorax, row);
    CHECK(inside < -3);                                          // and air is darker
    CHECK(outside < 1.5);                                        // the lung that came off is a little denser
  }
}

TEST_CASE("cardiomegaly is a heart wider than half the chest") {
  for (std::uint64_t row = 0; row < 16; ++row) {
    CAPTURE(row);
    auto const ratio = [](Phantom const& p) {
      Extent const right = extent_of(p, Region::right_lung), left = extent_of(p, Region::left_lung);
      return extent_of(p, Region::heart).across() / static_cast<double>(left.right - right.left + 1);
    };
    CHECK(ratio(with(Finding::cardiomegaly, row)) > 0.5);
    CHECK(ratio(with(Finding::cardiomegaly, row)) > ratio(healthy(row)));
  }
}

TEST_CASE("people differ") {
  std::vector<double> width, height, heart, lungs, left_markers;
  for (std::uint64_t row = 0; row < 24; ++row) {
    Phantom const p = healthy(row);
    Extent const right = extent_of(p, Region::right_lung), left = extent_of(p, Region::left_lung);
    width.push_back(static_cast<double>(left.right - right.left));
    height.push_back(static_cast<double>(right.bottom - right.top));
    heart.push_back(static_cast<double>(extent_of(p, Region::heart).pixels));
    lungs.push_back(mean_grey(p, Region::left_lung));
    Extent const marker = extent_of(p, Region::marker);
    CHECK(marker.pixels > 0);
    left_markers.push_back(marker.col > 112);
  }
  auto const spread = [](std::vector<double> const& x) {
    double sum = 0, squares = 0, n = static_cast<double>(x.size());
    for (double v : x) sum += v, squares += v * v;
    return std::sqrt(squares / n - sum / n * sum / n);
  };
  CHECK(spread(width) > 5);
  CHECK(spread(height) > 8);
  CHECK(spread(heart) > 400);
  CHECK(spread(lungs) > 10);
  CHECK(spread(left_markers) > 0.1);
}
