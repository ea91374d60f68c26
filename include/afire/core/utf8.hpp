// afire/core/utf8.hpp -- where one character of a text ends
//
//   std::size_t n = utf8_length(words.substr(at));       // bytes of the character at `at`: 1 ... 4, or 0 if it is none
//
// Refuses what RFC 3629 refuses: overlong forms, surrogates, values above U+10FFFF, text that was cut.
#pragma once
#include <string_view>

namespace afire {

inline std::size_t utf8_length(std::string_view words) {
  auto const byte = [&](std::size_t i) { return i < words.size() ? static_cast<unsigned char>(words[i]) : 0u; };
  unsigned const first = byte(0);
  if (first < 0x80) return words.empty() ? 0 : 1;
  std::size_t const n = first >= 0xC2 && first < 0xE0 ? 2 : first >= 0xE0 && first < 0xF0 ? 3 : first >= 0xF0 && first < 0xF5 ? 4 : 0;
  for (std::size_t i = 1; i < n; ++i)
    if ((byte(i) & 0xC0u) != 0x80u) return 0;
  bool const overlong = (first == 0xE0 && byte(1) < 0xA0) || (first == 0xF0 && byte(1) < 0x90);
  bool const surrogate = first == 0xED && byte(1) >= 0xA0, beyond = first == 0xF4 && byte(1) >= 0x90;
  return overlong || surrogate || beyond ? 0 : n;
}

}  // namespace afire
