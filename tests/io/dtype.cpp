// Element types: every bit pattern of the small ones, and what cannot be held is refused.
#include <afire/io/dtype.hpp>
#include <doctest/doctest.h>

#include <cmath>
#include <vector>

using namespace afire;

namespace {

template <class T, class S>
Index converted(std::vector<S> const& from, std::vector<T>& to) {
  to.resize(from.size());
  return convert(dtype_of<S>(), reinterpret_cast<std::byte const*>(from.data()), static_cast<Index>(from.size()), to.data());
}

// Whether T takes this value.
template <class T, class S>
bool takes(S value) {
  std::vector<T> to;
  return converted<T>(std::vector<S>{value}, to) == -1;
}

}  // namespace

TEST_CASE("names and sizes") {
  int count = 0;
  for (auto const* name : {"F64", "F32", "F16", "BF16", "I64", "I32", "I16", "I8", "U64", "U32", "U16", "U8", "BOOL"}) {
    Dtype d{};
    REQUIRE(dtype_named(name, d));
    CHECK(std::string_view(dtype_name(d)) == name);
    ++count;
  }
  CHECK(count == std::size(dtype_facts));
  Dtype d{};
  CHECK_FALSE(dtype_named("F8_E4M3", d));
  CHECK_FALSE(dtype_named("f32", d));
  CHECK(dtype_bytes(Dtype::bf16) == 2);
  CHECK(dtype_bytes(dtype_of<std::int64_t>()) == 8);
  CHECK(dtype_of<long long>() == Dtype::i64);
  CHECK(dtype_of<unsigned char>() == Dtype::u8);
}

TEST_CASE("all 65,536 halves") {
  int bad = 0;
  for (unsigned bits = 0; bits < 65536; ++bits) {
    double const sign = bits >> 15 ? -1.0 : 1.0;
    int const exponent = static_cast<int>((bits >> 10) & 31u);
    double const fraction = static_cast<double>(bits & 1023u) / 1024;
    double const want = exponent == 31 ? (fraction == 0 ? sign * INFINITY : NAN)
                        : exponent == 0 ? sign * std::ldexp(fraction, -14) : sign * std::ldexp(1 + fraction, exponent - 15);
    auto const half = static_cast<std::uint16_t>(bits);
    double got = 0;
    Index const refused = convert(Dtype::f16, reinterpret_cast<std::byte const*>(&half), 1, &got);
    bool const same = std::isnan(want) ? std::isnan(got) : got == want && std::signbit(got) == std::signbit(want);
    bad += refused != -1 || !same;
  }
  CHECK(bad == 0);
}

TEST_CASE("all 65,536 bf16 to double and back") {
  int bad = 0;
  for (unsigned bits = 0; bits < 65536; ++bits) {
    bf16 b;
    b.bits = static_cast<std::uint16_t>(bits);
    std::vector<double> wide_one;
    std::vector<bf16> back;
    bad += converted(std::vector<bf16>{b}, wide_one) != -1 || converted(wide_one, back) != -1;
    bad += std::isnan(wide_one[0]) ? !std::isnan(wide(back[0])) : back[0].bits != b.bits;
  }
  CHECK(bad == 0);
}

TEST_CASE("integers to integers: in range or refused") {
  std::vector<std::uint8_t> to;
  CHECK(converted(std::vector<std::int64_t>{0, 255, 7, 256, 1}, to) == 3);
  CHECK(converted(std::vector<std::int64_t>{-1}, to) == 0);
  CHECK(converted(std::vector<std::int64_t>{0, 255}, to) == -1);
  CHECK(to == std::vector<std::uint8_t>{0, 255});
  CHECK(takes<std::int64_t>(std::uint64_t{9223372036854775807u}));
  CHECK_FALSE(takes<std::int64_t>(std::uint64_t{9223372036854775808u}));
  CHECK_FALSE(takes<std::uint64_t>(std::int8_t{-1}));
}

TEST_CASE("numbers to integers: whole and in range or refused") {
  CHECK(takes<std::int8_t>(-128.0));
  CHECK_FALSE(takes<std::int8_t>(-129.0));
  CHECK(takes<std::int8_t>(127.0f));
  CHECK_FALSE(takes<std::int8_t>(128.0f));
  CHECK_FALSE(takes<int>(0.5));
  CHECK_FALSE(takes<int>(std::nan("")));
  CHECK_FALSE(takes<std::uint8_t>(-1.0));
  CHECK_FALSE(takes<std::int64_t>(0x1p63));
  CHECK(takes<std::int64_t>(-0x1p63));
  CHECK(takes<std::uint64_t>(0x1p63));
  CHECK_FALSE(takes<std::uint64_t>(0x1p64));
  CHECK_FALSE(takes<std::uint64_t>(INFINITY));
}

TEST_CASE("to float: rounded to nearest, but never to infinity") {
  std::vector<float> to;
  CHECK(converted(std::vector<double>{0.1, 1e-60, -INFINITY, std::nan(""), 3.4e38, 1e39}, to) == 5);
  CHECK(to[0] == 0.1f);
  CHECK(to[1] == 0.0f);
  CHECK(to[2] == -INFINITY);
  CHECK(std::isnan(to[3]));
  CHECK(converted(std::vector<std::int64_t>{16777217, -9223372036854775807 - 1}, to) == -1);
  CHECK(to == std::vector<float>{16777216.0f, -0x1p63f});
  CHECK_FALSE(takes<bf16>(3.4e38));
}

TEST_CASE("truth values are 0 and 1") {
  unsigned char const bytes[] = {0, 1, 7};
  std::vector<double> to(3);
  CHECK(convert(Dtype::boolean, reinterpret_cast<std::byte const*>(bytes), 3, to.data()) == -1);
  CHECK(to == std::vector<double>{0, 1, 1});
}
