// bf16 rounding against an oracle that knows nothing of bits: the nearer neighbour, and between two equally near the even one.
#include <afire/core/bf16.hpp>
#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <initializer_list>
#include <limits>

using namespace afire;

namespace {

float value(std::uint32_t upper) {
  std::uint32_t const bits = upper << 16;
  float x;
  std::memcpy(&x, &bits, sizeof x);
  return x;
}

// Of the neighbours lower and lower + 1 (as bit patterns of one sign, lower the smaller in magnitude) the one nearer to x.
std::uint32_t nearest(float x, std::uint32_t lower) {
  auto const size = [](std::uint32_t bits) { return std::fabs(static_cast<double>(value(bits))); };
  std::uint32_t const upper = lower + 1;
  // The step upward from the largest finite number is as large as the one before it, whatever infinity minus it may be.
  double const step = (upper & 0x7fff) == 0x7f80 ? size(lower) - size(lower - 1) : size(upper) - size(lower);
  double const below = std::fabs(static_cast<double>(x)) - size(lower);
  if (below < step - below) return lower;
  if (below > step - below) return upper;
  return lower & 1 ? upper : lower;
}

}  // namespace

TEST_CASE("bf16 goes to float and back unchanged, for all 65,536 patterns") {
  int wrong = 0;
  for (std::uint32_t upper = 0; upper < 0x10000; ++upper) {
    bf16 h;
    h.bits = static_cast<std::uint16_t>(upper);
    float const wide_value = wide(h), expected = value(upper);
    if (std::isnan(expected)) {
      wrong += !std::isnan(wide_value) || !std::isnan(wide(bf16(wide_value)));
    } else {
      wrong += std::memcmp(&wide_value, &expected, sizeof expected) != 0 || bf16(wide_value).bits != upper;
    }
  }
  CHECK(wrong == 0);
}

TEST_CASE("rounding is to the nearest, halves to even, between all neighbours") {
  int wrong = 0;
  for (std::uint32_t sign : {0u, 0x8000u})
    for (std::uint32_t lower = 0; lower < 0x7f80; ++lower)
      for (std::uint32_t low : {0x0001u, 0x3fffu, 0x7fffu, 0x8000u, 0x8001u, 0xc000u, 0xffffu}) {
        std::uint32_t const bits = ((sign | lower) << 16) | low;
        float x;
        std::memcpy(&x, &bits, sizeof x);
        wrong += bf16(x).bits != nearest(x, sign | lower);
      }
  CHECK(wrong == 0);
}

TEST_CASE("a NaN stays a NaN of the same sign, whatever its payload") {
  for (std::uint32_t bits : {0x7f800001u, 0x7fffffffu, 0x7fc00000u, 0xff800001u, 0xffffffffu}) {
    float x;
    std::memcpy(&x, &bits, sizeof x);
    bf16 const h(x);
    CHECK(std::isnan(wide(h)));
    CHECK((h.bits >> 15) == (bits >> 31));
  }
}

TEST_CASE("infinities stay, the largest floats become infinite") {
  constexpr float inf = std::numeric_limits<float>::infinity();
  CHECK(wide(bf16(inf)) == inf);
  CHECK(wide(bf16(-inf)) == -inf);
  CHECK(wide(bf16(std::numeric_limits<float>::max())) == inf);
  CHECK(wide(bf16(3.3895314e38f)) == 3.3895314e38f);               // the largest bf16
}

TEST_CASE("what the header promises") {
  CHECK(wide(bf16(0.1f)) == 0.10009765625f);
  static_assert(wide(bf16(1.5f)) == 1.5f);                         // usable at compile time
  static_assert(sizeof(bf16) == 2);
  static_assert(std::is_same_v<Accum<bf16>, float> && std::is_same_v<Accum<float>, float> && std::is_same_v<Accum<double>, double>);
}
