// afire/picture/markup.hpp -- words and numbers as HTML and SVG take them
//
//   escaped("a < b & \"c\"")          "a &lt; b &amp; &quot;c&quot;": safe between tags and in attributes, whatever the bytes
//   number(0.000123)  "0.000123",     number(1234567)  "1 234 567",     number(NaN)  "n/a"
//   base64(png)                       bytes as text:  "data:image/png;base64," + base64(png)
#pragma once
#include <cmath>

#include <afire/core/error.hpp>
#include <afire/core/utf8.hpp>

namespace afire {

// What is no character (file names may hold any bytes) becomes U+FFFD.
inline std::string escaped(std::string_view words) {
  std::string to;
  while (!words.empty()) {
    std::size_t const n = utf8_length(words);
    char const c = words[0];
    bool const none = n == 0 || (n == 3 && words.substr(0, 3) >= "\xEF\xBF\xBE");            // U+FFFE and U+FFFF are no characters of XML
    if (none || (n == 1 && static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') || c == 0x7F) to += "\xEF\xBF\xBD";
    else if (c == '&') to += "&amp;";
    else if (c == '<') to += "&lt;";
    else if (c == '>') to += "&gt;";
    else if (c == '"') to += "&quot;";
    else if (c == '\'') to += "&#39;";
    else to += words.substr(0, n);
    words.remove_prefix(n == 0 ? 1 : n);
  }
  return to;
}

// Characters, not bytes.
inline Index characters(std::string_view words) {
  Index n = 0;
  for (char const c : words) n += (static_cast<unsigned char>(c) & 0xC0u) != 0x80u;
  return n;
}

// Digits with a narrow space between thousands where there are more than four, and a true minus sign.
inline std::string typeset(std::string_view digits) {
  std::string to;
  if (digits.starts_with('-')) to = "\xE2\x88\x92", digits.remove_prefix(1);
  std::size_t const whole = std::min(digits.find_first_not_of("0123456789"), digits.size());
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && i < whole && whole > 4 && (whole - i) % 3 == 0) to += "\xE2\x80\xAF";
    digits[i] == '-' ? to += "\xE2\x88\x92" : to += digits[i];
  }
  return to;
}

// With so many digits after the point.
inline std::string with_decimals(double x, int decimals) {
  if (std::isnan(x)) return "n/a";
  if (std::isinf(x)) return x > 0 ? "\xE2\x88\x9E" : "\xE2\x88\x92\xE2\x88\x9E";
  if (std::fabs(x) >= 1e15) return text(x);
  char digits[64];
  std::snprintf(digits, sizeof digits, "%.*f", decimals, x);
  std::string_view const shown(digits);
  return typeset(shown.starts_with('-') && shown.find_first_not_of("-0.") == shown.npos ? shown.substr(1) : shown);        // no -0
}

// mantissa times a power of ten, the power raised.
inline std::string scientific(double x, int digits) {
  int exponent = static_cast<int>(std::floor(std::log10(std::fabs(x))));
  char mantissa[32];
  std::snprintf(mantissa, sizeof mantissa, "%.*g", digits, x / std::pow(10.0, exponent));
  if (std::string_view const m(mantissa); m == "10" || m == "-10") std::snprintf(mantissa, sizeof mantissa, x > 0 ? "1" : "-1"), ++exponent;
  std::string to = std::string_view(mantissa) == "1" ? "10" : typeset(mantissa) + "\xC2\xB7" "10";
  static constexpr char const* raised[] = {"\xE2\x81\xB0", "\xC2\xB9", "\xC2\xB2", "\xC2\xB3", "\xE2\x81\xB4",
                                           "\xE2\x81\xB5", "\xE2\x81\xB6", "\xE2\x81\xB7", "\xE2\x81\xB8", "\xE2\x81\xB9"};
  for (char const c : std::to_string(exponent)) to += c == '-' ? "\xE2\x81\xBB" : raised[c - '0'];
  return to;
}

// For a reader: some significant digits, and a power of ten where plain digits would be long.
inline std::string number(double x, int digits = 4) {
  if (!std::isfinite(x) || x == 0) return with_decimals(x, 0);
  double const size = std::fabs(x);
  if (size >= 1e9 || size < 1e-4) return scientific(x, 3);
  if (size >= 1000) return with_decimals(x, 0);
  int const decimals = std::max(0, digits - 1 - static_cast<int>(std::floor(std::log10(size))));
  char plain[64];
  std::snprintf(plain, sizeof plain, "%.*f", decimals, x);
  std::string shown(plain);
  if (shown.find('.') != shown.npos) {
    while (shown.back() == '0') shown.pop_back();
    if (shown.back() == '.') shown.pop_back();
  }
  return typeset(shown);
}

inline std::string base64(std::string_view bytes) {
  constexpr char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string to;
  to.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    unsigned const left = static_cast<unsigned>(std::min<std::size_t>(3, bytes.size() - i));
    unsigned word = 0;
    for (unsigned k = 0; k < 3; ++k) word = word << 8 | (k < left ? static_cast<unsigned char>(bytes[i + k]) : 0u);
    for (unsigned k = 0; k < 4; ++k) to += k <= left ? letters[word >> (18 - 6 * k) & 63u] : '=';
  }
  return to;
}

}  // namespace afire
