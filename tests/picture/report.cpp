// The report: one well-formed page that needs nothing else, whatever the words in it.
#include <doctest/doctest.h>

#include <afire/picture/colour_key.hpp>
#include <afire/picture/curves.hpp>
#include <afire/picture/report.hpp>

#include "tests/picture/well_formed.hpp"

using namespace afire;
using afire_test::count;
using afire_test::problem_with;

namespace {

std::string fake_png(Film const& film) { return text("png", film.height, film.width, film.channels); }

bool says(std::string const& page, std::string_view what) { return page.find(what) != page.npos; }

}  // namespace

TEST_CASE("words are escaped, and bytes that are no characters are replaced") {
  CHECK(escaped("<a href=\"x\">'&'</a>") == "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;");
  CHECK(escaped("Röntgen \xE2\x89\xA4 5 \xF0\x9F\xA9\xBB") == "Röntgen \xE2\x89\xA4 5 \xF0\x9F\xA9\xBB");
  CHECK(escaped(std::string("a\0b\x01", 4)) == "a\xEF\xBF\xBD" "b\xEF\xBF\xBD");
  CHECK(escaped("\xFF\xC3") == "\xEF\xBF\xBD\xEF\xBF\xBD");
  CHECK(escaped("\xC0\xAF") == "\xEF\xBF\xBD\xEF\xBF\xBD");                                    // an overlong slash
  CHECK(escaped("\xED\xA0\x80") == "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");                    // half of a surrogate pair
  CHECK(inline_markup("run `a<b` and `c") == "run <code>a&lt;b</code> and `c");
}

TEST_CASE("numbers are written as a reader wants them") {
  CHECK(number(0.5) == "0.5");
  CHECK(number(3.14159) == "3.142");
  CHECK(number(0.000123456) == "0.0001235");
  CHECK(number(1234.5) == "1234");
  CHECK(number(1234567) == "1\xE2\x80\xAF" "234\xE2\x80\xAF" "567");
  CHECK(number(-2) == "\xE2\x88\x92" "2");
  CHECK(number(0) == "0");
  CHECK(number(std::nan("")) == "n/a");
  CHECK(number(2.5e-7) == "2.5\xC2\xB7" "10\xE2\x81\xBB\xE2\x81\xB7");
  CHECK(number(1e-6) == "10\xE2\x81\xBB\xE2\x81\xB6");
  CHECK(number(9.9999e-6) == "10\xE2\x81\xBB\xE2\x81\xB5");
  CHECK(with_decimals(-0.0001, 2) == "0.00");
  CHECK(with_decimals(1e300, 2) == "1e+300");
}

TEST_CASE("base64 as in RFC 4648") {
  CHECK(base64("") == "");
  CHECK(base64("f") == "Zg==");
  CHECK(base64("fo") == "Zm8=");
  CHECK(base64("foobar") == "Zm9vYmFy");
  CHECK(base64("\xFF\xFE\xFD") == "//79");
}

TEST_CASE("a whole report is well-formed and needs no network") {
  Report r("AFiRe <on> \"films\" & more", "A lead with `code`.");
  r.fact("films", "497");
  r.section("Losses & <more>");
  r.prose("First.\n\nSecond with <b>no bold</b>.\n\n\n\n");
  Chart const chart{.what = "loss", .series = {Series{.name = "a", .x = {0, 1}, .y = {1, 2}}}};
  r.figure("It falls.", "Thin: each step.", {draw(chart).inline_text(), draw(chart).inline_text()});
  r.section("Films");
  Panels p{.columns = {"seen", "restored"}, .rows = {{"film <1>", {Film(14, 14), Film(20, 20, 3)}}, {"film 2", {Film(14, 14)}}}};
  r.figure("Lesions vanish.", "", {panel_grid(p, fake_png), colour_key(balance_map, -60, 60, "difference").inline_text()});
  r.table({"view", "AUROC"}, {{"PA", "0.78"}, {"AP", "n/a"}}, "What it is.");
  r.list({{"films", "/a/b<c>.csv,d"}, {"batch", "32"}});
  r.footer("Made by `afire`.");
  auto const page = r.html();
  CHECK(problem_with(page) == "");
  CHECK(page.starts_with("<!DOCTYPE html>"));
  CHECK(!says(page, "http"));
  CHECK(!says(page, "<script"));
  CHECK(!says(page, "<b>no bold"));
  CHECK(!says(page, "@import"));
  CHECK(says(page, "<b>Figure 2.</b> Lesions vanish."));
  CHECK(says(page, "prefers-color-scheme:dark"));
  CHECK(says(page, "@media print"));
  CHECK(count(page, "<p>") == 2);
  CHECK(count(page, "<img ") == count(page, " alt=\""));
  CHECK(count(page, "<svg ") == count(page, " aria-label=\"") - 1);            // one belongs to the navigation
  CHECK(says(page, "class=\"number\">0.78"));
  CHECK(says(page, "a/<wbr>b&lt;c&gt;.csv,<wbr>d"));
  CHECK(says(page, "alt=\"film &lt;1&gt;: seen\""));
}

TEST_CASE("an empty report is a page too") {
  CHECK(problem_with(Report("", "").html()) == "");
  Report r("t", "");
  r.section("s");
  r.prose("");
  r.table({"a"}, {});
  r.list({});
  CHECK(problem_with(r.html()) == "");
}

TEST_CASE("no picture without the sentence that says what to see; no table with a row too short") {
  Report r("t", "");
  CHECK_THROWS_WITH_AS(r.figure(" ", "", {}), "report: a figure without the sentence that says what to see", error);
  CHECK_THROWS_WITH_AS(r.table({"a", "b"}, {{"1"}}), "report: a table of 2 columns has a row of 1 cells", error);
}
