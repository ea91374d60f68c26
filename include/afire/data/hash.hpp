// afire/data/hash.hpp -- 64 bits that stand for bytes: the same on every machine, made for telling files apart, not for secrets
//
//   Hash64 hash;   hash.add("nih/00000001_000.jpg");   hash.add(std::uint64_t{224});   std::uint64_t const key = hash.value();
//
// Each word of 8 bytes (little endian, the last one filled with zeros) is mixed in by a multiplication and a shift; the length counts too.
#pragma once
#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

#include <afire/core/view.hpp>

namespace afire {

class Hash64 {
 public:
  void add(std::uint64_t word) {
    state_ = (state_ ^ word) * 0x9E3779B97F4A7C15ull;
    state_ ^= state_ >> 32;
  }

  void add(std::string_view bytes) {
    add(static_cast<std::uint64_t>(bytes.size()));
    for (; bytes.size() >= 8; bytes.remove_prefix(8)) add(word_of(bytes.data(), 8));
    if (!bytes.empty()) add(word_of(bytes.data(), bytes.size()));
  }

  void add(View<const std::uint8_t, 2> film) {   // (H, W)
    add(static_cast<std::uint64_t>(film.rows()));
    add(std::string_view(reinterpret_cast<char const*>(film.data), static_cast<std::size_t>(film.size())));
  }

  std::uint64_t value() const {
    Hash64 last = *this;
    last.add(state_), last.add(state_ >> 7);     // so that the last word reaches all bits
    return last.state_;
  }

 private:
  static std::uint64_t word_of(char const* bytes, std::size_t count) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes, count);
    return std::endian::native == std::endian::little ? word : __builtin_bswap64(word);
  }

  std::uint64_t state_ = 0x2545F4914F6CDD1Dull;
};

}  // namespace afire
