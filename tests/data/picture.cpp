// From what a file holds to an 8-bit grey film.
#include <doctest/doctest.h>

#include <afire/data/picture.hpp>

#include "tests/support/message.hpp"

using namespace afire;

namespace {

Picture sixteen(std::vector<std::uint16_t> pixels) {
  Picture picture;
  picture.bits = 16;
  picture.words = Image<std::uint16_t>(1, static_cast<Index>(pixels.size()));
  picture.words.pixels = std::move(pixels);
  return picture;
}

std::vector<int> film_of(Picture picture, Range range) {
  auto const film = to_film(std::move(picture), range);
  return {film.pixels.begin(), film.pixels.end()};
}

}  // namespace

TEST_CASE("an 8-bit grey film stays as it is, whatever the range") {
  Picture picture;
  picture.bytes = Film(1, 3);
  picture.bytes.pixels = {10, 20, 200};
  for (Range const range : {Range::full, Range::twelve_bits, Range::min_max, Range::percentiles})
    CHECK(film_of(picture, range) == std::vector<int>{10, 20, 200});
}

TEST_CASE("colour becomes grey, and grey in colours itself") {
  Picture picture;
  picture.bytes = Film(1, 5, 3);
  picture.bytes.pixels = {255, 0, 0, 0, 255, 0, 0, 0, 255, 77, 77, 77, 255, 255, 255};
  CHECK(film_of(picture, Range::full) == std::vector<int>{76, 150, 29, 77, 255});

  picture.bits = 16;
  picture.words = Image<std::uint16_t>(1, 2, 3);
  picture.words.pixels = {65535, 65535, 65535, 65535, 0, 0};
  CHECK(film_of(picture, Range::full) == std::vector<int>{255, 76});
}

TEST_CASE("full range: 65535 becomes 255, rounded to the nearest") {
  CHECK(film_of(sixteen({0, 128, 129, 257, 385, 386, 32767, 65535}), Range::full) == std::vector<int>{0, 0, 1, 1, 1, 2, 127, 255});
}

TEST_CASE("twelve bits: 4095 becomes 255, more is an error") {
  CHECK(film_of(sixteen({0, 2048, 4095}), Range::twelve_bits) == std::vector<int>{0, 128, 255});
  CHECK(afire_test::message([] { film_of(sixteen({0, 4096}), Range::twelve_bits); }) ==
        "it has a pixel of 4096, more than 12 bits hold; choose another range");
}

TEST_CASE("min-max: the smallest pixel becomes 0, the largest 255") {
  CHECK(film_of(sixteen({1000, 1100, 1200}), Range::min_max) == std::vector<int>{0, 128, 255});
}

TEST_CASE("percentiles: half a percent at either end is cut off") {
  std::vector<std::uint16_t> pixels(1000);
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::uint16_t>(2000 + i);
  pixels[0] = 0, pixels[999] = 65535;                    // a dead pixel and a marker
  auto const film = film_of(sixteen(pixels), Range::percentiles);
  // The 5th smallest of 1000 is 2004, the 995th 2994.
  CHECK(film[0] == 0);
  CHECK(film[4] == 0);
  CHECK(film[5] == 0);                                   // 255 / 990 = 0.26
  CHECK(film[6] == 1);
  CHECK(film[992] == 254);
  CHECK(film[994] == 255);
  CHECK(film[999] == 255);
}

TEST_CASE("a film without any contrast has no range to spread") {
  for (Range const range : {Range::min_max, Range::percentiles})
    CHECK(afire_test::message([&] { film_of(sixteen({812, 812, 812}), range); }) ==
          "all its pixels are 812, so there is no range to spread over 8 bits");
  CHECK(film_of(sixteen({812, 812}), Range::full) == std::vector<int>{3, 3});
}
