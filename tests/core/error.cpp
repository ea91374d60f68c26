// The words of an error: numbers as a reader writes them, and no cost where nothing is wrong.
#include <afire/core/error.hpp>
#include <doctest/doctest.h>

#include <cstdint>

using namespace afire;

TEST_CASE("text joins words and numbers") {
  CHECK(text("row ", 3, " of ", Index{5'000'000'000}, ": ", 0.25, ", ", 1.5f, ", ", true, ' ', std::string("x"), std::string_view("y")) ==
        "row 3 of 5000000000: 0.25, 1.5, true xy");
  CHECK(text(std::uint8_t{200}, " ", std::int64_t{-1}, " ", std::uint64_t{18446744073709551615u}, " ", 7u, " ", -7L) ==
        "200 -1 18446744073709551615 7 -7");
  CHECK(text() == "");
}

TEST_CASE("expects throws its sentence, and only when it does not hold") {
  CHECK_NOTHROW(expects(true, "never"));
  CHECK_THROWS_WITH_AS(expects(2 > 3, "fc1: input has ", 192, " columns, weight expects ", 768),
                       "fc1: input has 192 columns, weight expects 768", error);
}

TEST_CASE("an afire error is a std::runtime_error") {
  static_assert(std::is_base_of_v<std::runtime_error, error>);
}
