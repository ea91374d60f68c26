// Random numbers: the generator is Philox (its authors' known answers), and what is made of them has the right distribution.
#include <afire/core/rng.hpp>
#include <doctest/doctest.h>

#include <array>
#include <initializer_list>
#include <set>
#include <vector>

using namespace afire;

namespace {

using Words = std::array<std::uint32_t, 4>;

Words philox(Words counter, std::array<std::uint32_t, 2> key) {
  Random random;
  for (std::size_t k = 0; k < 2; ++k) random.key[k] = key[k];
  for (std::size_t k = 0; k < 3; ++k) random.counter[k] = counter[k + 1];
  auto const block = random.block(counter[0]);
  return {block.word[0], block.word[1], block.word[2], block.word[3]};
}

}  // namespace

TEST_CASE("Philox 4x32-10 gives the known answers of Random123") {
  CHECK(philox({0, 0, 0, 0}, {0, 0}) == Words{0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u});
  CHECK(philox({~0u, ~0u, ~0u, ~0u}, {~0u, ~0u}) == Words{0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu});
  CHECK(philox({0x243f6a88u, 0x85a308d3u, 0x13198a2eu, 0x03707344u}, {0xa4093822u, 0x299f31d0u}) ==
        Words{0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u});
}

TEST_CASE("a number depends on seed, purpose, a and b, each in full") {
  std::set<std::uint32_t> seen;
  int count = 0;
  auto const add = [&](Random random) { seen.insert(random.bits(0)), ++count; };
  for (std::uint64_t seed : {0ull, 1ull, 1ull << 32, ~0ull}) add(Random(seed, Purpose::test));
  for (Purpose purpose : {Purpose::init, Purpose::order, Purpose::lesion, Purpose::masking, Purpose::bootstrap}) add(Random(0, purpose));
  for (std::uint64_t a : {1ull, 2ull, 0xffffffffull}) add(Random(0, Purpose::test, a));
  for (std::uint64_t b : {1ull, 2ull, 0xffffffffull, 1ull << 32, 3ull << 40}) add(Random(0, Purpose::test, 0, b));
  add(Random(0, Purpose::test, 1, 1));
  CHECK(seen.size() == static_cast<std::size_t>(count));
}

TEST_CASE("any position can be asked in any order") {
  Random const random(7, Purpose::test, 1, 2);
  Draws draws(random);
  std::vector<std::uint32_t> one_by_one;
  for (int i = 0; i < 20; ++i) one_by_one.push_back(draws.bits());
  for (std::uint64_t i = 20; i-- > 0;) CHECK(random.bits(i) == one_by_one[i]);
}

TEST_CASE("uniform numbers lie in [0, 1) and have the mean and variance of a uniform") {
  Random const random(1, Purpose::test);
  constexpr int n = 200'000;
  double sum = 0, squares = 0;
  bool inside = true;
  for (std::uint64_t i = 0; i < n; ++i) {
    double const u = random.uniform(i);
    inside = inside && 0 <= u && u < 1;
    sum += u, squares += u * u;
  }
  CHECK(inside);
  double const mean = sum / n, variance = squares / n - mean * mean;
  CHECK(std::fabs(mean - 0.5) < 5 * std::sqrt(1.0 / 12 / n));                    // five standard errors
  CHECK(std::fabs(variance - 1.0 / 12) < 5 * std::sqrt(1.0 / 180 / n));
}

TEST_CASE("normal numbers have the moments of a normal") {
  Random const random(2, Purpose::test);
  Draws draws(Random(3, Purpose::test));
  for (bool drawn : {false, true}) {
    constexpr int n = 100'000;
    double sum = 0, squares = 0, fourths = 0;
    for (std::uint64_t i = 0; i < n; ++i) {
      double const z = drawn ? draws.normal() : random.normal(i);
      sum += z, squares += z * z, fourths += z * z * z * z;
    }
    CHECK(std::fabs(sum / n) < 5 / std::sqrt(n));
    CHECK(std::fabs(squares / n - 1) < 5 * std::sqrt(2.0 / n));
    CHECK(std::fabs(fourths / n - 3) < 5 * std::sqrt(96.0 / n));
  }
}

TEST_CASE("below(n) is exactly uniform: chi-square over 0 ... n-1") {
  Draws draws(Random(4, Purpose::test));
  for (std::uint32_t n : {1u, 2u, 3u, 7u, 10u, 1000u}) {
    std::vector<double> count(n);
    double const expected = 200;
    bool inside = true;
    for (std::uint32_t i = 0; i < 200 * n; ++i) {
      std::uint32_t const k = draws.below(n);
      inside = inside && k < n;
      if (k < n) ++count[k];
    }
    CHECK(inside);
    double chi2 = 0;
    for (double c : count) chi2 += (c - expected) * (c - expected) / expected;
    CHECK(chi2 <= n - 1 + 5 * std::sqrt(2.0 * n));                               // five deviations above its mean
  }
}

TEST_CASE("below(n) rejects what would bias it, where n is large") {
  // With n = 3/4 of 2^32 a plain multiply would hit every third value twice as often: the thirds of the range would differ by half.
  Draws draws(Random(5, Purpose::test));
  std::uint32_t const n = 3u << 30;
  int odd_third = 0;
  constexpr int draws_made = 60'000;
  for (int i = 0; i < draws_made; ++i) odd_third += draws.below(n) % 3 == 0;
  CHECK(std::fabs(odd_third - draws_made / 3.0) < 5 * std::sqrt(draws_made * 2.0 / 9));
}

TEST_CASE("between includes both ends") {
  Draws draws(Random(6, Purpose::test));
  std::set<int> seen;
  for (int i = 0; i < 200; ++i) seen.insert(draws.between(-1, 2));
  CHECK(seen == std::set<int>{-1, 0, 1, 2});
}
