// JSON: what is read and written, and one sentence with line and column for everything that is not JSON.
#include <afire/core/rng.hpp>
#include <afire/io/json.hpp>
#include <doctest/doctest.h>

#include <cstring>
#include <limits>

#include "tests/support/message.hpp"

using namespace afire;
using afire_test::message;

namespace {

std::string wrong(std::string_view words, JsonLimits limits = {}) {
  return message([&] { parse_json(words, "a.json", limits); });
}

std::string repeated(std::string const& part, int n) {
  std::string all;
  for (int i = 0; i < n; ++i) all += part;
  return all;
}

}  // namespace

TEST_CASE("every kind of value is read") {
  Json const json = parse_json(R"( {"a": null, "b": [true, false, []], "c": -12, "d": 1.5e3, "e": "x", "f": {}} )");
  CHECK(json == json_object({{"a", nullptr}, {"b", json_array({true, false, json_array({})})}, {"c", -12}, {"d", 1500.0}, {"e", "x"},
                             {"f", json_object({})}}));
  CHECK(json.at("a").is_null());
  CHECK(json.at("b").array().at(0).boolean());
  CHECK(json.at("c").integer() == -12);
  CHECK(json.at("c").number() == -12.0);
  CHECK(json.at("d").number() == 1500.0);
  CHECK(json.at("e").string() == "x");
  CHECK(json.find("f")->object().empty());
  CHECK(json.find("g") == nullptr);
}

TEST_CASE("members keep their order, and set replaces in place") {
  Json json = parse_json(R"({"z": 1, "a": 2, "m": 3})");
  json.set("a", "two").set("b", 4);
  CHECK(write_json(json) == R"({"z": 1, "a": "two", "m": 3, "b": 4})");
}

TEST_CASE("whole numbers are exact to 64 bits, larger ones are doubles") {
  CHECK(parse_json("9223372036854775807").integer() == std::numeric_limits<std::int64_t>::max());
  CHECK(parse_json("-9223372036854775808").integer() == std::numeric_limits<std::int64_t>::min());
  CHECK(parse_json("9223372036854775808").kind() == JsonKind::number);
  CHECK(parse_json("1.0").kind() == JsonKind::number);
  CHECK(std::signbit(parse_json("-0").number()));
  CHECK(message([] { Json(18446744073709551615ull); }) ==
        "JSON: 18446744073709551615 is above 2^63 - 1, the largest whole number it is given; write it as a string");
}

TEST_CASE("doubles come back with the same bits") {
  auto const same = [](double x) {
    Json const back = parse_json(write_json(x));
    double const y = back.number();
    return back.kind() == JsonKind::number && std::memcmp(&x, &y, sizeof x) == 0;
  };
  using Limits = std::numeric_limits<double>;
  for (double const x : {0.0, -0.0, 1.0, 0.1, 1e22, 1e23, 123456789.0, 5e-324, Limits::max(), Limits::min(), -Limits::epsilon()})
    CHECK(same(x));
  Random const random(1, Purpose::test);
  int bad = 0;
  for (std::uint64_t i = 0; i < 20000; ++i) {
    std::uint64_t const bits = std::uint64_t{random.bits(2 * i)} << 32 | random.bits(2 * i + 1);
    double x;
    std::memcpy(&x, &bits, sizeof x);
    if (std::isfinite(x) && !same(x)) ++bad;
  }
  CHECK(bad == 0);
}

TEST_CASE("a float is written with the digits of a float") {
  CHECK(write_json(5e-4f) == "5e-04");
  CHECK(static_cast<float>(parse_json(write_json(0.1f)).number()) == 0.1f);
}

TEST_CASE("NaN and infinity are refused by name, or null") {
  Json const json = json_object({{"losses", json_object({{"contrast", std::nan("")}})}});
  CHECK(message([&] { write_json(json); }) == "JSON: \"contrast\" is nan, which JSON cannot hold; write null in its place");
  CHECK(message([&] { write_json(-std::numeric_limits<double>::infinity()); }) ==
        "JSON: a number is -inf, which JSON cannot hold; write null in its place");
  CHECK(write_json(json, {.non_finite = NonFinite::null}) == R"({"losses": {"contrast": null}})");
}

TEST_CASE("pretty text is indented, keeps short arrays on a line, and reads back") {
  Json const json = json_object({{"shape", json_array({2, 3})}, {"none", json_object({})},
                                 {"list", json_array({json_object({{"a", 1}}), json_array({})})}});
  std::string const page = write_json(json, {.pretty = true});
  CHECK(page == "{\n  \"shape\": [2, 3],\n  \"none\": {},\n  \"list\": [\n    {\n      \"a\": 1\n    },\n    []\n  ]\n}\n");
  CHECK(parse_json(page) == json);
}

TEST_CASE("strings: escapes, UTF-8, and back") {
  std::string const words = parse_json(R"("\"\\\/\b\f\n\r\t\u0041\u00e9\u20ac\ud83d\ude00\u0000")").string();
  CHECK(words == std::string("\"\\/\b\f\n\r\tA\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\0", 19));
  CHECK(parse_json(write_json(words)).string() == words);
  CHECK(write_json("a\x01\n") == "\"a\\u0001\\n\"");
  CHECK(message([] { write_json("caf\xe9"); }) == "JSON: \"caf\xe9\" is not UTF-8, which JSON is written in");
}

TEST_CASE("what is not JSON is refused with line and column") {
  CHECK(wrong("") == "a.json, line 1, column 1: expected a value, found the end of the text");
  CHECK(wrong("  \n ") == "a.json, line 2, column 2: expected a value, found the end of the text");
  CHECK(wrong("{\"a\": 1,\n \"b\" 2}") == "a.json, line 2, column 6: expected ':' after a name, found '2'");
  CHECK(wrong("{\"a\": 1,}") == "a.json, line 1, column 9: expected a name in quotes, found '}'");
  CHECK(wrong("{a: 1}") == "a.json, line 1, column 2: expected a name in quotes, found 'a'");
  CHECK(wrong("{\"a\": 1 \"b\"") == "a.json, line 1, column 9: expected ',' or '}' after a member, found '\"'");
  CHECK(wrong("{\"a\": 1") == "a.json, line 1, column 8: expected ',' or '}' after a member, found the end of the text");
  CHECK(wrong("[1 2]") == "a.json, line 1, column 4: expected ',' or ']' after an item, found '2'");
  CHECK(wrong("[1, 2,]") == "a.json, line 1, column 7: expected a value, found ']'");
  CHECK(wrong("[1] x") == "a.json, line 1, column 5: expected the end of the text, found 'x'");
  CHECK(wrong("nul") == "a.json, line 1, column 1: expected a value, found 'n'");
  CHECK(wrong("NaN") == "a.json, line 1, column 1: expected a value, found 'N'");
  CHECK(wrong("\xEF\xBB\xBF{}") == "a.json, line 1, column 1: expected a value, found byte 0xEF");
  CHECK(wrong(std::string_view("[\0]", 3)) == "a.json, line 1, column 2: expected a value, found byte 0x00");
}

TEST_CASE("numbers that are none") {
  CHECK(wrong("012") == "a.json, line 1, column 2: expected the end of the text, found '1'");
  CHECK(wrong("-") == "a.json, line 1, column 2: expected a digit, found the end of the text");
  CHECK(wrong("1.") == "a.json, line 1, column 3: expected a digit, found the end of the text");
  CHECK(wrong(".5") == "a.json, line 1, column 1: expected a value, found '.'");
  CHECK(wrong("1e+x") == "a.json, line 1, column 4: expected a digit, found 'x'");
  CHECK(wrong("+1") == "a.json, line 1, column 1: expected a value, found '+'");
  CHECK(wrong("[1e999]") == "a.json, line 1, column 2: a number outside the range of a double");
  CHECK(wrong(repeated("9", 400)) == "a.json, line 1, column 1: a number outside the range of a double");
}

TEST_CASE("strings that are none") {
  CHECK(wrong("\"ab") == "a.json, line 1, column 4: expected '\"' at the end of a string, found the end of the text");
  CHECK(wrong("\"a\nb\"") == "a.json, line 1, column 3: a control character in a string has to be written as \\u00.., found byte 0x0A");
  CHECK(wrong(R"("\x")") == R"(a.json, line 1, column 2: an unknown escape in a string; \" \\ \/ \b \f \n \r \t \u.... are known)");
  CHECK(wrong("\"\\") == R"(a.json, line 1, column 2: an unknown escape in a string; \" \\ \/ \b \f \n \r \t \u.... are known)");
  CHECK(wrong(R"("\u12g4")") == "a.json, line 1, column 6: expected four hexadecimal digits after \\u, found 'g'");
  CHECK(wrong("\"\\u12") == "a.json, line 1, column 6: expected four hexadecimal digits after \\u, found the end of the text");
  for (auto const* half : {R"("\ud800")", R"("\ud800x")", R"("\ud800\u0041")", R"("\udc00")"})
    CHECK(wrong(half) == "a.json, line 1, column 2: half of a surrogate pair, which is no character");
}

TEST_CASE("text that is not UTF-8 is refused, and columns count characters") {
  CHECK(wrong("[\"\xc3\xa9\xe2\x82\xac\", x]") == "a.json, line 1, column 8: expected a value, found 'x'");
  for (auto const* bytes : {"\x80", "\xc3(", "\xc0\xaf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80",
                            "\xf5\x80\x80\x80", "\xe2\x82"})
    CHECK(wrong(std::string("\"") + bytes).starts_with("a.json, line 1, column 2: a string has to be UTF-8, found byte 0x"));
}

TEST_CASE("a name that stands twice is refused where it stands the second time") {
  CHECK(wrong("{\"a\": 1,\n \"b\": 2,\n  \"a\": 3}") == "a.json, line 3, column 3: the name \"a\" stands twice in this object");
  CHECK(wrong(R"({"a": 1, "\u0061": 3})") == "a.json, line 1, column 10: the name \"a\" stands twice in this object");
  CHECK(wrong(R"([{"a": 1}, {"a": 1}])") == "(no error)");
}

TEST_CASE("nesting and number of values are limited") {
  CHECK(wrong(repeated("[", 101) + repeated("]", 101)) == "(no error)");
  CHECK(wrong(repeated("[", 1'000'000)) == "a.json, line 1, column 102: nested deeper than 100 levels");
  CHECK(wrong(repeated("{\"a\":", 1'000'000)) == "a.json, line 1, column 506: nested deeper than 100 levels");
  CHECK(wrong("[1, 2, 3]", {.values = 3}) == "a.json, line 1, column 8: more than 3 values");
}

TEST_CASE("the wrong kind of value is named, with its line") {
  Json const json = parse_json("{\n\"width\": \"192\",\n\"depth\": 1.5}");
  CHECK(message([&] { json.at("width").integer(); }) == "line 2: expected a whole number, found the string \"192\"");
  CHECK(message([&] { json.at("depth").integer(); }) == "line 3: expected a whole number, found a number");
  CHECK(message([&] { json.at("depth").object(); }) == "line 3: expected an object, found a number");
  CHECK(message([&] { json.at("heads"); }) == "line 1: there is no \"heads\"; there is \"width\", \"depth\"");
  CHECK(message([] { Json(true).string(); }) == "expected a string, found true or false");
  CHECK(message([] { Json().at("x"); }) == "expected an object, found null");
  CHECK(message([] { Json(1).set("x", 2); }) == "expected an object, found a whole number");
}

TEST_CASE("names in messages are short and harmless to a terminal") {
  CHECK(quoted("a\x1b[31m\nb\x7f") == "\"a?[31m?b?\"");
  CHECK(quoted(repeated("x", 90)) == "\"" + repeated("x", 80) + "...\"");
  CHECK(quoted(repeated("\xe2\x82\xac", 30)) == "\"" + repeated("\xe2\x82\xac", 26) + "...\"");
}

TEST_CASE("no bytes crash the parser") {
  std::string const good = R"({"a": [1, -2.5e3, true, null], "\u00e9": {"x": "y\n\ud83d\ude00"}, "b": "caf)" "\xc3\xa9" R"("})";
  Draws draws(Random(2, Purpose::test));
  int refused = 0, read = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string bad = good;
    if (draws.below(4) == 0) bad.resize(draws.below(static_cast<std::uint32_t>(bad.size())));
    for (std::uint32_t n = 1 + draws.below(3); n > 0 && !bad.empty(); --n) {
      auto const at = draws.below(static_cast<std::uint32_t>(bad.size()));
      bad[at] = draws.below(2) == 0 ? static_cast<char>(draws.below(256)) : R"({}[]",:\u0e-)"[draws.below(12)];
    }
    try {
      Json const json = parse_json(bad);
      if (parse_json(write_json(json)) == json) ++read;
    } catch (error const&) { ++refused; }
  }
  CHECK(read + refused == 20000);
  CHECK(read > 100);
  CHECK(refused > 10000);
}
