// Charts: well-formed whatever the values, nothing left out in silence, axes at round numbers.
#include <doctest/doctest.h>

#include <afire/picture/curves.hpp>
#include <afire/picture/intervals.hpp>
#include <afire/picture/scatter.hpp>

#include "tests/picture/well_formed.hpp"

using namespace afire;
using afire_test::count;
using afire_test::problem_with;

namespace {

double const missing = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();

Series line(std::vector<double> y) {
  Series s{.name = "loss", .y = y};
  for (std::size_t i = 0; i < y.size(); ++i) s.x.push_back(static_cast<double>(i));
  return s;
}

bool says(std::string const& svg, std::string_view what) { return svg.find(what) != svg.npos; }

std::string words(Axis const& a) {
  std::string all;
  for (auto const& t : a.ticks) all += (all.empty() ? "" : " ") + t.words;
  return all;
}

}  // namespace

TEST_CASE("ticks stand at 1, 2 and 5 times a power of ten") {
  CHECK(words(linear_axis(0.3, 5.6, Ends::round)) == "0 1 2 3 4 5 6");
  CHECK(words(linear_axis(0, 1, Ends::exact)) == "0.0 0.2 0.4 0.6 0.8 1.0");
  CHECK(words(linear_axis(-3, 12000, Ends::exact)) == "0 2000 4000 6000 8000 10\xE2\x80\xAF" "000 12\xE2\x80\xAF" "000");
  CHECK(words(linear_axis(-0.02, 0.021, Ends::round, 4)) == "\xE2\x88\x92" "0.02 \xE2\x88\x92" "0.01 0.00 0.01 0.02 0.03");
  CHECK(words(log_axis(0.01, 100)) == "0.01 0.1 1 10 100");
  CHECK(words(log_axis(0.09, 1.1)) == "0.1 0.2 0.5 1");
  CHECK(words(log_axis(1e-7, 1e-1)).find("10\xE2\x81\xBB\xC2\xB3") != std::string::npos);
}

TEST_CASE("an axis has a sensible length for one value, zero, huge and tiny values") {
  for (double v : {0.0, 1.0, -5.0, 1e-300, 1e300, 1e15, -1e-12})
    for (Ends ends : {Ends::exact, Ends::round}) {
      CAPTURE(v);
      Axis const a = linear_axis(v, v, ends);
      CHECK(a.low <= v);
      CHECK(a.high >= v);
      CHECK(a.at(a.high) == doctest::Approx(1));
      CHECK(!a.ticks.empty());
      CHECK(a.ticks.size() < 20);
    }
  Axis const wide_range = linear_axis(-1e300, 1e300, Ends::round);
  CHECK(wide_range.ticks.size() < 20);
}

TEST_CASE("a chart is well-formed, names its series and shows where they end") {
  Chart c{.what = "falls <fast> & \"far\"", .title = "a < b & c", .x_label = "step", .y_label = "nats", .series = {line({5, 4, 3.14159})}};
  auto const svg = draw(c).inline_text();
  CHECK(problem_with(svg) == "");
  CHECK(problem_with(draw(c).file()) == "");
  CHECK(says(svg, "a &lt; b &amp; c"));
  CHECK(says(svg, "aria-label=\"falls &lt;fast&gt; &amp; &quot;far&quot;\""));
  CHECK(says(svg, ">loss</tspan>"));
  CHECK(says(svg, ">3.14</tspan>"));
  CHECK(says(draw(c).file(), "prefers-color-scheme:dark"));
}

TEST_CASE("values that are not finite are gaps and are counted") {
  Chart c{.series = {line({1, 2, missing, 3, infinity, 4})}};
  auto const svg = draw(c).inline_text();
  CHECK(problem_with(svg) == "");
  CHECK(says(svg, "2 values are not finite and not drawn"));
  CHECK(!says(svg, "nan"));
  CHECK(!says(svg, "inf\""));
  c.series = {line({1, 0, 10, 100})};
  c.log_y = true;
  CHECK(says(draw(c).inline_text(), "1 value is not finite and not drawn"));
}

TEST_CASE("nothing to draw is said, not drawn") {
  CHECK(says(draw(Chart{}).inline_text(), "no values yet"));
  CHECK(says(draw(Chart{.series = {line({})}}).inline_text(), "no values yet"));
  CHECK(says(draw(Chart{.series = {line({missing, missing})}}).inline_text(), "none of 2 values is finite"));
  CHECK(problem_with(draw(Chart{.title = "t", .series = {line({missing})}}).inline_text()) == "");
  CHECK(says(draw(Scatter{}).inline_text(), "no points yet"));
  CHECK(says(draw(Intervals{}).inline_text(), "no values yet"));
}

TEST_CASE("one value, equal values and a value between two gaps can be seen") {
  for (auto const& y : {std::vector<double>{3}, {2, 2, 2}, {0, 0}, {missing, 5, missing}, {1e-310, 1e-310}, {1, 1 + 1e-16, 1 - 1e-16},
                        {-1e300, 1e300}, {1e16, 1e16 + 2}}) {
    auto const svg = draw(Chart{.series = {line(y)}}).inline_text();
    CHECK(problem_with(svg) == "");
    CHECK(says(svg, "class=\"line\""));
    CHECK(problem_with(draw(Chart{.series = {line(y)}, .log_x = true, .log_y = true}).inline_text()) == "");
  }
  CHECK(says(draw(Chart{.series = {line({missing, 5, missing})}}).inline_text(), "h0"));               // a dot
}

TEST_CASE("a hundred thousand points cost no more than the pixels they fall on, and keep their extremes") {
  std::vector<double> y(100000, 1.0);
  y[31415] = 9, y[27182] = -4;
  Chart const c{.series = {line(y)}, .low = -4, .high = 9};
  auto const svg = draw(c).inline_text();
  CHECK(svg.size() < 30000);
  double const top = 8, bottom = 268 - 26;
  CHECK(says(svg, " " + coordinate(top) + "L"));
  CHECK(says(svg, " " + coordinate(bottom) + "L"));
}

TEST_CASE("the running mean is centred, keeps gaps, and a line stays the line it was") {
  std::vector<double> straight;
  for (int i = 0; i < 50; ++i) straight.push_back(3 * i);
  for (std::size_t i = 0; i < 50; ++i) CHECK(curve_parts::running_mean(straight, 9)[i] == doctest::Approx(straight[i]));
  auto const gap = curve_parts::running_mean({1, missing, 3}, 3);
  CHECK(std::isnan(gap[1]));
  CHECK(gap[2] == 3);
}

TEST_CASE("names at the ends of lines do not lie upon each other") {
  double a = 100, b = 101, c = 99, d = 250;
  curve_parts::spread_labels({&a, &b, &c, &d}, 15, 10, 240);
  CHECK(c <= 225);
  CHECK(a >= c + 15);
  CHECK(b >= a + 15);
  CHECK(d <= 240);
}

TEST_CASE("long names become a legend and are all there") {
  Series first = line({1, 2}), second = line({2, 1});
  first.name = "restoration error inside the lesions of films never seen";
  second.name = "the same of copying what was seen";
  auto const svg = draw(Chart{.series = {first, second}}).inline_text();
  CHECK(says(svg, first.name));
  CHECK(says(svg, second.name));
  CHECK(problem_with(svg) == "");
}

TEST_CASE("x and y of different length are refused by name") {
  Series s{.name = "loss", .x = {1, 2}, .y = {1}};
  CHECK_THROWS_WITH_AS(draw(Chart{.series = {s}}), "chart: series \"loss\" has 2 x and 1 y", error);
}

TEST_CASE("a scatter shows each class, keeps every point inside, and counts what it cannot show") {
  Scatter s{.what = "tokens", .classes = {"lung", "heart & vessels"}};
  s.points = {{0, 0, 0}, {1e9, 3, 1}, {-1e9, -3, 1}, {missing, 0, 0}};
  auto const svg = draw(s).inline_text();
  CHECK(problem_with(svg) == "");
  CHECK(says(svg, "heart &amp; vessels"));
  CHECK(says(svg, "1 point is not finite and not drawn"));
  CHECK(count(svg, "class=\"dots\"") == 2);
  s.points.push_back({0, 0, 2});
  CHECK_THROWS_WITH_AS(draw(s), "scatter: a point of class 2, where there are 2", error);
  CHECK(problem_with(draw(Scatter{.points = {{1, 1, 0}}}).inline_text()) == "");
}

TEST_CASE("intervals show value and range, and n/a where there is none") {
  Intervals c{.what = "AUROC", .title = "AUROC", .reference = 0.5};
  c.rows = {{"ours", 0.78, 0.74, 0.82}, {"theirs", missing}, {"no range", 0.5}};
  auto const svg = draw(c).inline_text();
  CHECK(problem_with(svg) == "");
  CHECK(says(svg, ">0.780<"));
  CHECK(says(svg, "0.740\xE2\x80\x93" "0.820"));
  CHECK(says(svg, ">n/a<"));
  CHECK(count(svg, "<circle") == 2);
}

TEST_CASE("a drawing refuses a coordinate that is not finite") {
  Svg svg(10, 10, "");
  CHECK_THROWS_AS(svg.add("circle", {{"cx", missing}}), error);
  CHECK(coordinate(1.50) == "1.5");
  CHECK(coordinate(-0.001) == "0");
  CHECK(coordinate(100) == "100");
}
