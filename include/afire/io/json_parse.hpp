// afire/io/json_parse.hpp -- JSON text (RFC 8259) to a value
//
//   Json config = parse_json(read_file("run/config.json"), "run/config.json");
//
// Trusts nothing: what is wrong is one error with line and column; nesting and number of values are limited; a name that stands
// twice in an object and text that is not UTF-8 are refused. Numbers without '.' and 'e' that fit 64 bits are whole numbers.
#pragma once
#include <map>

#include <afire/core/utf8.hpp>
#include <afire/io/json_value.hpp>

namespace afire {

struct JsonLimits {                        // what is refused rather than read
  int depth = 100;
  Index values = 1'000'000;                          // about 100 bytes of memory each
};

class JsonReader {                                   // parse_json() below is the way to call it
 public:
  JsonReader(std::string_view words, std::string_view what, JsonLimits limits) : words_(words), what_(what), limits_(limits) {}

  Json whole() {
    Json all = value(0);
    space();
    if (at_ < words_.size()) wrong("expected the end of the text");
    return all;
  }

 private:
  [[noreturn]] void wrong_at(std::size_t where, std::string_view why) const {
    Index line = 1, column = 1;
    for (char const c : words_.substr(0, where))
      if (c == '\n') ++line, column = 1;
      else if ((static_cast<unsigned char>(c) & 0xC0u) != 0x80u) ++column;
    throw error(text(what_, ", line ", line, ", column ", column, ": ", why));
  }

  [[noreturn]] void wrong(std::string_view expected) const {
    if (at_ >= words_.size()) wrong_at(at_, text(expected, ", found the end of the text"));
    unsigned char const c = static_cast<unsigned char>(words_[at_]);
    char found[16];
    if (c > 0x20 && c < 0x7F) std::snprintf(found, sizeof found, "'%c'", c);
    else std::snprintf(found, sizeof found, "byte 0x%02X", c);
    wrong_at(at_, text(expected, ", found ", found));
  }

  char peek() const { return at_ < words_.size() ? words_[at_] : '\0'; }

  void space() {
    for (; at_ < words_.size(); ++at_) {
      char const c = words_[at_];
      if (c == '\n') ++line_;
      else if (c != ' ' && c != '\t' && c != '\r') break;
    }
  }

  bool take(char c) {
    space();
    if (peek() != c) return false;
    ++at_;
    return true;
  }

  Json value(int depth) {
    space();
    if (depth > limits_.depth) wrong_at(at_, text("nested deeper than ", limits_.depth, " levels"));
    if (++count_ > limits_.values) wrong_at(at_, text("more than ", limits_.values, " values"));
    int const line = line_;
    Json read = any(depth);
    read.line_ = line;
    return read;
  }

  Json any(int depth) {
    char const c = peek();
    if (c == '{') return object(depth);
    if (c == '[') return array(depth);
    if (c == '"') return Json(string());
    if (c == '-' || (c >= '0' && c <= '9')) return number();
    auto const rest = words_.substr(at_);
    auto const word = [&](std::string_view w) {
      if (!rest.starts_with(w)) return false;
      at_ += w.size();
      return true;
    };
    if (word("true")) return Json(true);
    if (word("false")) return Json(false);
    if (word("null")) return Json();
    wrong("expected a value");
  }

  Json array(int depth) {
    Json::Array items;
    ++at_;
    if (take(']')) return Json(std::move(items));
    do items.push_back(value(depth + 1));
    while (take(','));
    if (!take(']')) wrong("expected ',' or ']' after an item");
    return Json(std::move(items));
  }

  Json object(int depth) {
    Json::Object members;
    std::map<std::string, std::size_t, std::less<>> names;
    ++at_;
    if (!take('}')) {
      do {
        space();
        if (peek() != '"') wrong("expected a name in quotes");
        std::size_t const where = at_;
        std::string name = string();
        if (!names.insert({name, where}).second) wrong_at(where, text("the name ", quoted(name), " stands twice in this object"));
        if (!take(':')) wrong("expected ':' after a name");
        members.push_back({std::move(name), value(depth + 1)});
      } while (take(','));
      if (!take('}')) wrong("expected ',' or '}' after a member");
    }
    return Json(std::move(members));
  }

  Json number() {
    std::size_t const begin = at_;
    bool whole = true;
    auto const digits = [&] {
      if (peek() < '0' || peek() > '9') wrong("expected a digit");
      while (peek() >= '0' && peek() <= '9') ++at_;
    };
    if (peek() == '-') ++at_;
    if (peek() == '0') ++at_;                        // and no digit after it: 012 is not a number
    else digits();
    if (peek() == '.') ++at_, whole = false, digits();
    if (peek() == 'e' || peek() == 'E') {
      ++at_, whole = false;
      if (peek() == '+' || peek() == '-') ++at_;
      digits();
    }
    char const *const first = words_.data() + begin, *const last = words_.data() + at_;
    std::int64_t n = 0;
    if (whole && std::from_chars(first, last, n).ec == std::errc() && (n != 0 || *first != '-')) return Json(n);
    double x = 0;
    if (std::from_chars(first, last, x).ec != std::errc()) wrong_at(begin, "a number outside the range of a double");
    return Json(x);
  }

  std::string string() {
    std::string all;
    ++at_;
    for (;;) {
      if (at_ >= words_.size()) wrong("expected '\"' at the end of a string");
      char const c = words_[at_];
      if (c == '"') break;
      if (c == '\\') escape(all);
      else if (static_cast<unsigned char>(c) < 0x20) wrong("a control character in a string has to be written as \\u00..");
      else {
        std::size_t const n = utf8_length(words_.substr(at_));
        if (n == 0) wrong("a string has to be UTF-8");
        all.append(words_.substr(at_, n));
        at_ += n;
      }
    }
    ++at_;
    return all;
  }

  void escape(std::string& to) {
    constexpr std::string_view letters = "\"\\/bfnrt", meant = "\"\\/\b\f\n\r\t";
    std::size_t const begin = at_++;
    if (peek() != 'u') {
      auto const known = at_ < words_.size() ? letters.find(words_[at_]) : letters.npos;
      if (known == letters.npos) wrong_at(begin, "an unknown escape in a string; \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u.... are known");
      to += meant[known];
      ++at_;
      return;
    }
    std::uint32_t code = hex4();
    if (code >= 0xD800 && code < 0xDC00 && words_.substr(at_).starts_with("\\u")) {
      ++at_;
      std::uint32_t const low = hex4();
      code = low >= 0xDC00 && low < 0xE000 ? 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00) : 0xD800;
    }
    if (code >= 0xD800 && code < 0xE000) wrong_at(begin, "half of a surrogate pair, which is no character");
    auto const six = [&](int shift) { return static_cast<char>(0x80u | ((code >> shift) & 0x3Fu)); };
    if (code < 0x80) to += static_cast<char>(code);
    else if (code < 0x800) to += static_cast<char>(0xC0u | (code >> 6)), to += six(0);
    else if (code < 0x10000) to += static_cast<char>(0xE0u | (code >> 12)), to += six(6), to += six(0);
    else to += static_cast<char>(0xF0u | (code >> 18)), to += six(12), to += six(6), to += six(0);
  }

  std::uint32_t hex4() {                             // at_ stands on the 'u'
    std::uint32_t code = 0;
    ++at_;
    for (std::size_t const end = at_ + 4; at_ < end; ++at_) {
      std::size_t const digit = std::string_view("0123456789abcdefABCDEF").find(peek());
      if (digit == std::string_view::npos) wrong("expected four hexadecimal digits after \\u");
      code = code * 16 + static_cast<std::uint32_t>(digit < 16 ? digit : digit - 6);
    }
    return code;
  }

  std::string_view words_, what_;
  JsonLimits limits_;
  std::size_t at_ = 0;
  Index count_ = 0;
  int line_ = 1;
};

// The value of a text; `what` (a path) begins every message.
inline Json parse_json(std::string_view words, std::string_view what = "JSON", JsonLimits limits = {}) {
  return JsonReader(words, what, limits).whole();
}

}  // namespace afire
