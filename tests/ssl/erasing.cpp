// Erasing: what is outside stays, what is inside is grey or noise, areas and numbers are as stated, and the bytes are those of the draws.
#include <afire/ssl/erasing.hpp>
#include <afire/ssl/masking.hpp>
#include <doctest/doctest.h>

#include <afire/core/tensor.hpp>

#include "tests/support/message.hpp"

using namespace afire;
using namespace afire_test;

namespace {

struct Film {
  Tensor<std::uint8_t, 2> clean{60, 80}, seen{60, 80}, mask{60, 80};
  Film() {
    for (Index i = 0; i < clean.size(); ++i) clean.data()[i] = static_cast<std::uint8_t>(i % 251);
  }
  void erase(Erasing const& erasing, std::uint64_t row) { erasing(Random(4, Purpose::lesion, 1, row), clean, seen, mask); }
  Index erased() const { return std::count(mask.begin(), mask.end(), 1); }
};

}  // namespace

TEST_CASE("outside nothing changes; inside is the film's mean, or noise of all greys") {
  for (Erased const fill : {Erased::mean, Erased::noise}) {
    Film film;
    double sum = 0, square = 0, count = 0;
    for (std::uint64_t row = 0; row < 50; ++row) {
      film.erase({.fill = fill}, row);
      for (Index i = 0; i < film.clean.size(); ++i) {
        double const v = film.seen.data()[i];
        if (film.mask.data()[i]) sum += v, square += v * v, ++count;
        else CHECK(film.seen.data()[i] == film.clean.data()[i]);
      }
    }
    double const mean = sum / count, deviation = std::sqrt(square / count - mean * mean);
    if (fill == Erased::mean) CHECK(deviation == 0);
    else CHECK(deviation == doctest::Approx(std::sqrt(65535 / 12.0)).epsilon(0.03));
    CHECK(mean == doctest::Approx(fill == Erased::mean ? 125 : 127.5).epsilon(0.03));
  }
}

TEST_CASE("one rectangle has the area and the aspect that are asked for; the same draws erase the same") {
  Erasing const one{.fewest = 1, .most = 1, .smallest = 0.1, .largest = 0.2, .aspect = 2};
  Film film, again;
  double area = 0;
  for (std::uint64_t row = 0; row < 400; ++row) {
    film.erase(one, row), again.erase(one, row);
    CHECK(std::equal(film.seen.begin(), film.seen.end(), again.seen.begin()));
    Index top = 60, bottom = -1, left = 80, right = -1;
    for (Index y = 0; y < 60; ++y)
      for (Index x = 0; x < 80; ++x)
        if (film.mask(y, x)) top = std::min(top, y), bottom = std::max(bottom, y), left = std::min(left, x), right = std::max(right, x);
    double const h = static_cast<double>(bottom - top + 1), w = static_cast<double>(right - left + 1);
    CHECK(film.erased() == static_cast<Index>(h * w));
    CHECK(std::fabs(std::log(w / h)) < std::log(2.15));
    area += h * w / (60 * 80) / 400;
  }
  CHECK(area == doctest::Approx(0.15).epsilon(0.03));
  film.erase({.fewest = 0, .most = 0}, 1);
  CHECK(film.erased() == 0);
  CHECK(message([&] { film.erase({.smallest = 0}, 1); }) ==
        "erasing: rectangles of 0 to 0.15 of the film with aspects up to 3; 0 < smallest <= largest <= 1 and aspect >= 1 are needed");
}

TEST_CASE("erased patches are found by their map") {
  Film film;
  Tensor<std::uint8_t, 1> map(12);
  Erasing const erasing{.smallest = 0.3, .largest = 0.3};
  film.erase(erasing, 2);
  lesion_patches(film.mask, 20, map, erasing.patch_share);
  for (Index j = 0; j < 12; ++j) {
    Index touched = 0;
    for (Index y = 0; y < 20; ++y)
      for (Index x = 0; x < 20; ++x) touched += film.mask(j / 4 * 20 + y, j % 4 * 20 + x);
    CHECK(map(j) == (touched > 12));
  }
}
