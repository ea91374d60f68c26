// Views of a film: parameters that change nothing change nothing, the same draws give the same bytes, means and deviations are as stated.
#include <afire/data/views.hpp>
#include <afire/ssl/masking.hpp>
#include <doctest/doctest.h>

#include <afire/core/tensor.hpp>

#include "tests/support/message.hpp"

using namespace afire;
using namespace afire_test;

namespace {

using Bytes = Tensor<std::uint8_t, 2>;

// A film whose brightness says where a pixel was: 1/2 per column and 1/4 per row, with a ripple.
Bytes slope(Index rows = 96, Index cols = 96) {
  Bytes film(rows, cols);
  for (Index y = 0; y < rows; ++y)
    for (Index x = 0; x < cols; ++x) film(y, x) = static_cast<std::uint8_t>(20 + x + y / 2 + (x * 7 + y * 3) % 5);
  return film;
}

Bytes even(std::uint8_t value, Index side = 64) {
  Bytes film(side, side);
  std::fill(film.begin(), film.end(), value);
  return film;
}

Bytes copy_of(Bytes const& from) {
  Bytes to(from.extent(0), from.extent(1));
  std::copy(from.begin(), from.end(), to.begin());
  return to;
}

bool same(Bytes const& a, Bytes const& b) { return std::equal(a.begin(), a.end(), b.begin(), b.end()); }

double mean(Bytes const& film) {
  double sum = 0;
  for (std::uint8_t const v : film) sum += v;
  return sum / static_cast<double>(film.size());
}

double deviation(Bytes const& film) {
  double const m = mean(film);
  double sum = 0;
  for (std::uint8_t const v : film) sum += (v - m) * (v - m);
  return std::sqrt(sum / static_cast<double>(film.size()));
}

Random random_of(std::uint64_t row) { return Random(3, Purpose::lesion, 2, row); }

// One view of a recipe and whether the mask is empty.
template <class Views>
struct Seen {
  Bytes clean, seen, mask;
  Crop where;
  Seen(Views const& views, std::uint64_t row, Index v, Bytes const& film, Index side = 64)
      : clean(side, side), seen(side, side), mask(side, side) {
    static typename Views::Room room;
    where = views.view(random_of(row), v, film, clean, seen, mask, room);
  }
};

}  // namespace

TEST_CASE("a crop of the whole film, not turned, at its size, is the film; so is a film with no change of intensity") {
  auto const film = slope(80, 96);
  Bytes out(80, 96);
  CropRoom room;
  take_crop(film, Crop{0, 0, 80, 96}, out, room);
  CHECK(same(out, film));
  turn_film(film, 0, out);
  CHECK(same(out, film));
  IntensityRoom intensity_room;
  Draws draws(random_of(1));
  no_intensity(draws, out, intensity_room);
  CHECK(same(out, film));
  Intensity{.gamma = 1e-9, .contrast = 0, .brightness = 0, .blur_share = 0, .noise_share = 0}(draws, out, intensity_room);
  CHECK(same(out, film));                                  // through the table
  TwoCrops const whole{.crops = {.smallest = 1, .aspect = 1}, .intensity = no_intensity};
  auto const square = slope();
  Seen<TwoCrops> const view(whole, 1, 0, square, 96);
  CHECK(same(view.clean, square));
}

TEST_CASE("crops lie in the film, have the areas and aspects that are asked for, and are as likely anywhere") {
  RandomCrop const crops{.smallest = 0.2, .largest = 0.5, .aspect = 1.5};
  double area = 0, left = 0, right = 0;
  for (std::uint64_t row = 0; row < 2000; ++row) {
    Draws draws(random_of(row));
    Crop const c = crops.draw(draws, 200, 240);
    bool const inside = c.top >= 0 && c.left >= 0 && c.top + c.height <= 200 && c.left + c.width <= 240;
    CHECK(inside);
    double const height = static_cast<double>(c.height), width = static_cast<double>(c.width), share = height * width / (200 * 240);
    CHECK(share == doctest::Approx(0.35).epsilon(0.15 / 1.35 + 0.01));
    CHECK(std::fabs(std::log(width / height)) < std::log(1.55));
    CHECK(c.turn == 0);                                    // unless asked for
    CHECK(!c.flipped);
    area += share / 2000, left += static_cast<double>(c.left) / 2000, right += static_cast<double>(240 - c.left - c.width) / 2000;
  }
  CHECK(area == doctest::Approx(0.35).epsilon(0.02));
  CHECK(left == doctest::Approx(right).epsilon(0.06));
  Draws draws(random_of(1));
  Crop const middle = RandomCrop{.smallest = 1, .aspect = 1}.draw(draws, 100, 140);        // no square of this area fits: the middle one
  CHECK(middle == Crop{.top = 0, .left = 20, .height = 100, .width = 100});
  CHECK(message([&] { RandomCrop{.smallest = 0}.draw(draws, 9, 9); }) ==
        "crop: areas of 0 to 1 with aspects up to 1.33333; 0 < smallest <= largest <= 1 and aspect >= 1 are needed");
}

TEST_CASE("film_point says where a pixel of the crop was, turned, flipped and resized") {
  Bytes film(120, 120);
  for (Index y = 0; y < 120; ++y)
    for (Index x = 0; x < 120; ++x) film(y, x) = static_cast<std::uint8_t>(x + y / 2);     // brightness is linear in the place
  for (double const turn : {0.0, 7.0, -4.0})
    for (bool const flipped : {false, true}) {
      Crop const crop{30, 25, 60, 70, turn, flipped};
      Bytes out(50, 40);
      CropRoom room;
      take_crop(film, crop, out, room);
      for (Index y = 2; y < 48; y += 5)
        for (Index x = 2; x < 38; x += 5) {
          auto const p = film_point(crop, 120, 120, (static_cast<double>(x) + 0.5) / 40, (static_cast<double>(y) + 0.5) / 50);
          CHECK(std::fabs(out(y, x) - ((p.x - 0.5) + (p.y - 0.5) / 2)) < 1.5);
        }
    }
}

TEST_CASE("turning back gives the film again but for its corners and rounding; outside is black") {
  Bytes film(90, 90), there(90, 90), back(90, 90);
  for (Index y = 0; y < 90; ++y)
    for (Index x = 0; x < 90; ++x)
      film(y, x) = static_cast<std::uint8_t>(80 + 60 * std::sin(0.1 * static_cast<double>(x)) + 0.5 * static_cast<double>(y));
  turn_film(film, 20, there), turn_film(there, -20, back);
  CHECK(there(0, 89) == 0);
  for (Index y = 25; y < 65; ++y)
    for (Index x = 25; x < 65; ++x) CHECK(std::abs(back(y, x) - film(y, x)) <= 2);
}

TEST_CASE("blur keeps an even film and the mean, and spreads a point as a Gaussian does; noise has its deviation") {
  IntensityRoom room;
  auto flat = even(200);
  blur(flat, 2.5, room);
  CHECK(same(flat, even(200)));
  auto point = even(0);
  point(30, 31) = 255;
  double const width = 1.2;
  blur(point, width, room);
  for (Index dy = -4; dy <= 4; ++dy)
    for (Index dx = -4; dx <= 4; ++dx) {
      double const square = static_cast<double>(dx * dx + dy * dy) / (width * width);
      CHECK(std::fabs(point(30 + dy, 31 + dx) - 255 / (2 * 3.14159265 * width * width) * std::exp(-0.5 * square)) < 1);
    }
  auto film = slope();
  double const before = mean(film);
  blur(film, 1.5, room);
  CHECK(mean(film) == doctest::Approx(before).epsilon(0.005));
  auto corner = even(0, 8);                                // a border is not darkened, and kernels wider than the film are no trouble
  std::fill(corner.begin(), corner.end(), std::uint8_t{90});
  blur(corner, 5, room);
  CHECK(same(corner, even(90, 8)));
  for (double const wanted : {2.0, 8.0}) {
    auto noisy = even(128, 128);
    add_noise(noisy, wanted, random_of(4), 0);
    CHECK(mean(noisy) == doctest::Approx(128).epsilon(0.002));
    CHECK(deviation(noisy) == doctest::Approx(wanted).epsilon(0.03));
  }
  CHECK(message([&] { blur(film, 9, room); }) == "blur: a deviation of 9 pixels; it must lie in 0 ... 5");
}

TEST_CASE("brightness moves the mean, contrast the deviation, gamma neither black nor white; within the stated bounds") {
  IntensityRoom room;
  auto const film = slope();
  double const m = mean(film), d = deviation(film);
  double darkest = 1e9, brightest = 0, flattest = 1e9, strongest = 0;
  for (std::uint64_t row = 0; row < 200; ++row) {
    auto bright = copy_of(film), contrasted = copy_of(film), curved = even(0);
    std::fill(curved.begin() + 100, curved.end(), std::uint8_t{255});
    Draws draws(random_of(row));
    Intensity{.gamma = 0, .contrast = 0, .brightness = 0.1, .blur_share = 0, .noise_share = 0}(draws, bright, room);
    Intensity{.gamma = 0, .contrast = 0.3, .brightness = 0, .blur_share = 0, .noise_share = 0}(draws, contrasted, room);
    Intensity{.gamma = 0.7, .contrast = 0, .brightness = 0, .blur_share = 0, .noise_share = 0}(draws, curved, room);
    darkest = std::min(darkest, mean(bright) - m), brightest = std::max(brightest, mean(bright) - m);
    flattest = std::min(flattest, deviation(contrasted) / d), strongest = std::max(strongest, deviation(contrasted) / d);
    CHECK(mean(contrasted) == doctest::Approx(m).epsilon(0.01));
    CHECK(std::count(curved.begin(), curved.end(), 0) + std::count(curved.begin(), curved.end(), 255) == curved.size());
  }
  CHECK(std::fabs(darkest + 25) < 1.5);
  CHECK(std::fabs(brightest - 25) < 1.5);
  CHECK(std::fabs(flattest - 0.7) < 0.03);
  CHECK(std::fabs(strongest - 1.3) < 0.03);
}

TEST_CASE("views: the same for the same film and epoch, all different, crops as recorded") {
  auto const film = slope();
  MultiCrop const views{.locals = 3};
  CHECK(views.count() == 5);
  for (Index v = 0; v < 5; ++v) {
    Seen<MultiCrop> const once(views, 8, v, film), again(views, 8, v, film), other(views, 9, v, film), next(views, 8, (v + 1) % 5, film);
    CHECK(same(once.clean, again.clean));
    CHECK(!same(once.clean, other.clean));
    CHECK(!same(once.clean, next.clean));
    CHECK(same(once.seen, once.clean));
    CHECK(mean(once.mask) == 0);
    Crop const crop = views.crop(random_of(8), v, 96, 96);
    CHECK(crop == once.where);
    CHECK(std::fabs(crop.turn) <= 5);
    double const share = static_cast<double>(crop.width * crop.height) / (96 * 96);
    CHECK((v < 2 ? share > 0.38 : share < 0.42));
  }
}

TEST_CASE("masked views: the clean crop stays, each view is spoilt in its own way") {
  auto const film = slope();
  MaskedViews const views{TwoCrops{}, SyntheticLesion{.fewest = 2, .clean_share = 0}};
  using Recipe = std::remove_const_t<decltype(views)>;
  Seen<Recipe> const first(views, 3, 0, film), second(views, 3, 1, film);
  Seen<TwoCrops> const plain(TwoCrops{}, 3, 0, film);
  CHECK(same(first.clean, plain.clean));
  CHECK(!same(first.seen, first.clean));
  CHECK(!same(first.mask, second.mask));
  for (Index i = 0; i < first.mask.size(); ++i) CHECK((first.mask.data()[i] == 0) == (first.seen.data()[i] == first.clean.data()[i]));
}

TEST_CASE("a crop for the student alone: its pixels are those of a view, nothing counts as changed, the teacher's film is as it was") {
  SeenCrop const masking;
  auto const film = slope();
  Bytes seen(96, 96), mask(96, 96), again(96, 96);
  for (std::uint64_t row = 0; row < 5; ++row) {
    std::fill(mask.begin(), mask.end(), std::uint8_t{9});
    masking(random_of(row), film, seen.view(), mask.view());
    Seen<TwoCrops> const view(masking.views, row, 0, film, 96);
    CHECK(same(seen, view.seen));
    CHECK(!same(seen, film));
    CHECK(std::all_of(mask.begin(), mask.end(), [](int m) { return m == 0; }));
    masking(random_of(row), film, again.view(), mask.view());
    CHECK(same(seen, again));
  }
}
