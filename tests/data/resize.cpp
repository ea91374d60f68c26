// Resizing: what holds whatever the sizes. That it equals Pillow's is tests/fixture/resize.cpp.
#include <doctest/doctest.h>

#include <afire/core/rng.hpp>
#include <afire/data/centre_crop.hpp>

#include "tests/support/message.hpp"

using namespace afire;

namespace {

Film noise(Index height, Index width, std::uint64_t seed) {
  Random const random(seed, Purpose::test);
  Film film(height, width);
  for (std::size_t i = 0; i < film.pixels.size(); ++i) film.pixels[i] = static_cast<std::uint8_t>(random.bits(i));
  return film;
}

Film transposed(Film const& film) {
  Film out(film.width, film.height);
  for (Index y = 0; y < film.height; ++y)
    for (Index x = 0; x < film.width; ++x) out.plane()(x, y) = film.plane()(y, x);
  return out;
}

constexpr Filter filters[] = {Filter::bilinear, Filter::bicubic, Filter::lanczos};

}  // namespace

TEST_CASE("a constant image stays constant") {
  for (Filter const filter : filters)
    for (int const value : {0, 1, 128, 255})
      for (Index const n : {1, 7, 33}) {
        Film film(n, 9);
        film.pixels.assign(film.pixels.size(), static_cast<std::uint8_t>(value));
        for (Index const m : {1, 5, 40}) {
          auto const out = resize(film, m, m + 1, filter);
          for (auto const p : out.pixels) CHECK(p == value);
        }
      }
}

TEST_CASE("the same size is a copy") {
  Film const film = noise(31, 17, 1);
  for (Filter const filter : filters) CHECK(resize(film, 31, 17, filter) == film);
}

TEST_CASE("one axis is resized as the other is") {
  Film const film = noise(61, 40, 2);
  for (Filter const filter : filters) {
    CHECK(resize(film, 23, 40, filter) == transposed(resize(transposed(film), 40, 23, filter)));
    CHECK(resize(film, 61, 77, filter) == transposed(resize(transposed(film), 77, 61, filter)));
  }
}

TEST_CASE("halving averages with the weights of a triangle") {
  Film film(1, 8);
  film.pixels = {0, 0, 0, 80, 0, 0, 0, 0};
  // Output 1 looks at c = 3 with a triangle of half-width 2: inputs 1 ... 4 weigh 1, 3, 3, 1 eighths; for output 2 input 3 is the first.
  CHECK(resize(film, 1, 4).pixels == std::vector<std::uint8_t>{0, 30, 10, 0});
}

TEST_CASE("integers of 16 bits and floats agree with bytes up to rounding") {
  Film const film = noise(50, 41, 3);
  Image<std::uint16_t> words(50, 41);
  Image<float> floats(50, 41);
  for (std::size_t i = 0; i < film.pixels.size(); ++i)
    words.pixels[i] = static_cast<std::uint16_t>(film.pixels[i] + 1000), floats.pixels[i] = film.pixels[i];
  auto const a = resize(film, 30, 60);
  auto const b = resize(words, 30, 60);
  auto const c = resize(floats, 30, 60);
  for (std::size_t i = 0; i < a.pixels.size(); ++i) {
    CHECK(std::abs(int{b.pixels[i]} - 1000 - int{a.pixels[i]}) <= 1);
    CHECK(std::abs(c.pixels[i] - static_cast<float>(a.pixels[i])) <= 1.001f);
  }
}

TEST_CASE("a resizer that is used for several sizes keeps nothing of the last one") {
  Resizer<std::uint8_t> resizer(Filter::bicubic);
  for (Index const n : {20, 33, 20, 7}) {
    Film const film = noise(n, n + 3, 4);
    Film out(13, 11);
    resizer(film.plane(), out.plane());
    CHECK(out == resize(film, 13, 11, Filter::bicubic));
  }
}

TEST_CASE("weights add to one and stay inside the axis") {
  for (Filter const filter : filters)
    for (Index n = 1; n < 40; ++n)
      for (Index m = 1; m < 40; m += 3) {
        AxisWeights const axis(filter, n, m);
        for (Index o = 0; o < m; ++o) {
          double sum = 0;
          for (Index t = 0; t < axis.taps; ++t) sum += axis.weight[static_cast<std::size_t>(o * axis.taps + t)];
          CHECK(sum == doctest::Approx(1).epsilon(1e-12));
          CHECK(axis.first[static_cast<std::size_t>(o)] >= 0);
          CHECK(axis.first[static_cast<std::size_t>(o)] + axis.count[static_cast<std::size_t>(o)] <= n);
          CHECK(axis.padded_first(o) >= 0);
        }
      }
}

TEST_CASE("nothing and more than one channel are refused") {
  CHECK(afire_test::message([] { resize(Film(0, 5), 3, 3); }) == "resize: cannot make (3, 3) of (0, 5)");
  CHECK(afire_test::message([] { resize(Film(4, 5), 3, 0); }) == "resize: cannot make (3, 0) of (4, 5)");
  CHECK(afire_test::message([] { resize(Film(4, 5, 3), 3, 3); }) == "image: 3 channels where a grey image with one is needed");
}

TEST_CASE("the middle of a film: halves to the even number, whatever is smaller is refused") {
  Film const film = noise(7, 10, 3);
  Film const middle = centre_crop(film, 4);              // (7 - 4) / 2 = 1.5: 2, (10 - 4) / 2 = 3
  for (Index y = 0; y < 4; ++y)
    for (Index x = 0; x < 4; ++x) CHECK(middle.plane()(y, x) == film.plane()(2 + y, 3 + x));
  CHECK(centre_crop(noise(5, 5, 1), 4).plane()(0, 0) == noise(5, 5, 1).plane()(0, 0));                // 0.5: 0
  CHECK(resize_short(film, 14).width == 20);
  CHECK(resize_short(transposed(film), 3).height == 4);                                                 // trunc(3 10 / 7)
  CHECK(afire_test::message([&] { centre_crop(film, 8); }) ==
        "centre crop: 8 x 8 pixels of a film of 7 x 10; the film must not be smaller");
  CHECK(afire_test::message([&] { resize_short(film, 0); }) ==
        "resize: a short side of 0 pixels of a film of 7 x 10; each must be at least 1");
}
