// Colours and films made of numbers: brightness rises with the value, sizes are right, NaN is told apart.
#include <set>

#include <doctest/doctest.h>

#include <afire/core/tensor.hpp>
#include <afire/picture/heat_map.hpp>
#include <afire/picture/panels.hpp>

using namespace afire;

namespace {

// Relative luminance of sRGB (WCAG).
double luminance(Rgb c) {
  auto const linear = [](std::uint8_t v) {
    double const x = v / 255.0;
    return x <= 0.04045 ? x / 12.92 : std::pow((x + 0.055) / 1.055, 2.4);
  };
  return 0.2126 * linear(c.r) + 0.7152 * linear(c.g) + 0.0722 * linear(c.b);
}

Rgb pixel(Film const& f, Index y, Index x) { return {f.view()(y, x, 0), f.view()(y, x, 1), f.view()(y, x, 2)}; }

}  // namespace

TEST_CASE("the glow grows brighter at every step, from nearly black to nearly white") {
  double before = -1;
  for (int i = 0; i <= 100; ++i) {
    double const l = luminance(glow(i / 100.0));
    CHECK(l > before);
    before = l;
  }
  CHECK(luminance(glow(0)) < 0.01);
  CHECK(luminance(glow(1)) > 0.8);
  CHECK(glow(-5) == glow(0));
  CHECK(glow(5) == glow(1));
}

TEST_CASE("the balance is bright in the middle, blue below, red above, equally dark at both ends") {
  CHECK(luminance(balance(0)) > 0.85);
  CHECK(balance(-1).b > balance(-1).r + 50);
  CHECK(balance(1).r > balance(1).b + 50);
  CHECK(std::fabs(luminance(balance(-1)) - luminance(balance(1))) < 0.05);
}

TEST_CASE("the first forty classes have forty colours") {
  std::set<int> seen;
  for (Index k = 0; k < 40; ++k) seen.insert(category(k).r << 16 | category(k).g << 8 | category(k).b);
  CHECK(seen.size() == 40);
}

TEST_CASE("a heat map has the size of its values; ends are clamped, NaN is grey") {
  Tensor<double, 2> v(2, 3);
  v(0, 0) = -1e9, v(0, 1) = 0.5, v(0, 2) = 1e9, v(1, 0) = std::nan("");
  Film const f = heat_map(v.view(), 0, 1);
  CHECK(f.height == 2);
  CHECK(f.width == 3);
  CHECK(f.channels == 3);
  CHECK(pixel(f, 0, 0) == glow(0));
  CHECK(pixel(f, 0, 2) == glow(1));
  CHECK(pixel(f, 1, 0) == Rgb{128, 128, 128});
  CHECK_THROWS_AS(heat_map(v.view(), 1, 1), error);
}

TEST_CASE("an overlay leaves the film where values are low, and covers it patch by patch where they are high") {
  Film grey(4, 4);
  for (Index i = 0; i < 16; ++i) grey.pixels[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(10 * i);
  Tensor<float, 2> v(2, 2);
  v(1, 1) = 5;
  Film const f = overlay(grey, v.view(), 0, 5, 1);
  CHECK(pixel(f, 0, 3) == Rgb{30, 30, 30});
  CHECK(pixel(f, 2, 2) == glow(1));
  CHECK(pixel(f, 3, 3) == glow(1));
  Tensor<float, 2> odd(3, 2);
  CHECK_THROWS_WITH_AS(overlay(grey, odd.view(), 0, 1), "overlay: values of shape (3, 2) do not divide a film of 4 x 4", error);
}

TEST_CASE("component maps share their range, class maps their colours") {
  Tensor<double, 2> scores(200, 3);
  for (Index n = 0; n < 200; ++n) scores(n, 0) = static_cast<double>(n), scores(n, 1) = 7, scores(n, 2) = static_cast<double>(-n);
  auto const r = component_ranges(scores);
  CHECK(r.low[0] == doctest::Approx(2));
  CHECK(r.high[0] == doctest::Approx(197));
  Film const f = component_map(scores.view().as(10, 20, 3), r);
  CHECK(pixel(f, 0, 0).r == 0);
  CHECK(pixel(f, 0, 0).b == 255);
  CHECK(pixel(f, 9, 19).r == 255);
  Tensor<Index, 2> label(1, 3);
  label(0, 1) = 4, label(0, 2) = -1;
  Film const c = class_map(label.view());
  CHECK(pixel(c, 0, 1) == category(4));
  CHECK(pixel(c, 0, 2) == Rgb{40, 40, 40});
}

TEST_CASE("a contact sheet holds every panel in its place, small ones enlarged without blur") {
  Film one(4, 4), two(2, 2, 3), three(4, 4);
  one.view()(0, 0, 0) = 200;
  set_pixel(two, 1, 1, {9, 8, 7});
  three.view()(3, 3, 0) = 77;
  Film const sheet = contact_sheet({.columns = {}, .rows = {{"", {one, two}}, {"", {three}}}}, 1);
  CHECK(sheet.width == 1 + 4 + 1 + 4 + 1);
  CHECK(sheet.height == 1 + 4 + 1 + 4 + 1);
  CHECK(pixel(sheet, 0, 0) == Rgb{255, 255, 255});
  CHECK(pixel(sheet, 1, 1) == Rgb{200, 200, 200});
  CHECK(pixel(sheet, 3, 8) == Rgb{9, 8, 7});
  CHECK(pixel(sheet, 4, 9) == Rgb{9, 8, 7});
  CHECK(pixel(sheet, 9, 4) == Rgb{77, 77, 77});
  CHECK_THROWS_AS(contact_sheet({.columns = {}, .rows = {{"x", {Film(2, 2, 4)}}}}), error);
  CHECK(contact_sheet({}).size() > 0);
  CHECK(enlarge(two, 3).view()(5, 5, 2) == 7);
}
