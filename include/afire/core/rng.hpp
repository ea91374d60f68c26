// afire/core/rng.hpp -- random numbers as values: a pure function of (seed, purpose, a, b, position)
//
//   Philox 4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011): ten rounds of multiply and xor
//   turn a 128-bit counter and a 64-bit key into 128 random bits. No state, so the same whatever the threads do.
//
//   Random film(seed, Purpose::lesion, epoch, row);          // what happens to one film in one epoch
//   film.uniform(0), film.uniform(1), ...                    // any position, in any order
//   Draws draws(film);   draws.below(4);   draws.normal();   // or one after the other
#pragma once
#include <cmath>
#include <cstdint>

#include <afire/core/config.hpp>

namespace afire {

// What a random number is for; two purposes never share numbers.
enum class Purpose : std::uint32_t { init = 1, order, lesion, masking, phantom, augment, probe, cluster, bootstrap, test, drop_path };

struct Random {
  std::uint32_t key[2] = {};
  std::uint32_t counter[3] = {};             // purpose with the high bits of b; a; low bits of b

  Random() = default;
  AFIRE_HD Random(std::uint64_t seed, Purpose purpose, std::uint64_t a = 0, std::uint64_t b = 0)
      : key{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)},
        counter{static_cast<std::uint32_t>(purpose) | (static_cast<std::uint32_t>(b >> 32) << 8), static_cast<std::uint32_t>(a),
                static_cast<std::uint32_t>(b)} {}

  // Numbers of its own for part 0 ... 255 of what this is for: a view of a film (of rows b below 2^56; part 0 is this one).
  AFIRE_HD Random part(std::uint32_t number) const {
    Random r = *this;
    r.counter[0] += number << 24;
    return r;
  }
  // The same film, another purpose.
  AFIRE_HD Random to(Purpose purpose) const {
    Random r = *this;
    r.counter[0] = (r.counter[0] & ~0xffu) | static_cast<std::uint32_t>(purpose);
    return r;
  }

  struct Block { std::uint32_t word[4]; };

  AFIRE_HD Block block(std::uint32_t position) const {
    std::uint32_t c0 = position, c1 = counter[0], c2 = counter[1], c3 = counter[2], k0 = key[0], k1 = key[1];
    for (int round = 0; round < 10; ++round) {
      std::uint64_t const p0 = std::uint64_t{0xD2511F53u} * c0, p1 = std::uint64_t{0xCD9E8D57u} * c2;
      std::uint32_t const n0 = static_cast<std::uint32_t>(p1 >> 32) ^ c1 ^ k0, n2 = static_cast<std::uint32_t>(p0 >> 32) ^ c3 ^ k1;
      c0 = n0, c1 = static_cast<std::uint32_t>(p1), c2 = n2, c3 = static_cast<std::uint32_t>(p0);
      k0 += 0x9E3779B9u, k1 += 0xBB67AE85u;
    }
    return {{c0, c1, c2, c3}};
  }

  AFIRE_HD std::uint32_t bits(std::uint64_t i) const { return block(static_cast<std::uint32_t>(i >> 2)).word[i & 3]; }

  // Uniform in [0, 1): 24 bits, so that float and double agree.
  AFIRE_HD float uniform(std::uint64_t i) const { return static_cast<float>(bits(i) >> 8) * 0x1p-24f; }

  // Standard normal by Box and Muller from one block (positions are blocks here).
  double normal(std::uint64_t i) const {
    Block const r = block(static_cast<std::uint32_t>(i));
    double const u = (static_cast<double>(r.word[0]) + 1.0) * 0x1p-32, v = static_cast<double>(r.word[1]) * 0x1p-32;
    return std::sqrt(-2.0 * std::log(u)) * std::cos(6.283185307179586 * v);
  }
};

// One number after the other from a Random.
struct Draws {
  Random random;
  std::uint64_t at = 0;

  explicit Draws(Random r) : random(r) {}
  std::uint32_t bits() { return random.bits(at++); }
  float uniform() { return random.uniform(at++); }
  double uniform(double lo, double hi) { return lo + (hi - lo) * static_cast<double>(uniform()); }
  // An integer of 0 ... n-1, exactly uniform (values that would bias it are drawn again).
  std::uint32_t below(std::uint32_t n) {
    std::uint32_t const reject = (0u - n) % n;
    for (;;) {
      std::uint64_t const product = std::uint64_t{bits()} * n;
      if (static_cast<std::uint32_t>(product) >= reject) return static_cast<std::uint32_t>(product >> 32);
    }
  }
  // lo ... hi, both included.
  int between(int lo, int hi) { return lo + static_cast<int>(below(static_cast<std::uint32_t>(hi - lo + 1))); }
  double normal() {
    double const u = (static_cast<double>(bits()) + 1.0) * 0x1p-32, v = static_cast<double>(bits()) * 0x1p-32;
    return std::sqrt(-2.0 * std::log(u)) * std::cos(6.283185307179586 * v);
  }
};

}  // namespace afire
