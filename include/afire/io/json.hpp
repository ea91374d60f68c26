// afire/io/json.hpp -- JSON text to values (io/json_parse.hpp) and back
//
//   Json config = parse_json(words, "run/config.json");
//   std::string line = write_json(row);                                        // {"step": 1, "loss": 0.25}
//   std::string page = write_json(config, {.pretty = true});                   // indented; ends in a newline
//
// Doubles get the fewest digits that read back as the same double, and keep a '.' or an 'e', so that they do not come back whole.
// JSON has no NaN and no infinity: an error that names the member, or null.
#pragma once
#include <cmath>

#include <afire/io/json_parse.hpp>

namespace afire {

// NonFinite: what is written for NaN and infinities, an error or null.
enum class NonFinite { refuse, null };

struct JsonStyle {                         // how text is written
  bool pretty = false;
  NonFinite non_finite = NonFinite::refuse;
};

// 12 for 12.0, else the fewest digits that read back as x; "nan", "inf", "-inf".
inline void append_shortest(std::string& to, double x) {
  char digits[32];
  bool const whole = std::fabs(x) < 0x1p53 && x == std::trunc(x) && !(x == 0 && std::signbit(x));
  auto const end = whole ? std::to_chars(digits, digits + sizeof digits, static_cast<std::int64_t>(x)).ptr
                         : std::to_chars(digits, digits + sizeof digits, x).ptr;
  to.append(digits, end);
}

class JsonWriter {                                   // write_json() below is the way to call it
 public:
  explicit JsonWriter(JsonStyle style) : style_(style) {}

  std::string whole(Json const& json) {
    value(json, {}, 0);
    if (style_.pretty) to_ += '\n';
    return std::move(to_);
  }

 private:
  void value(Json const& json, std::string_view name, int depth) {
    switch (json.kind()) {
      case JsonKind::null: to_ += "null"; break;
      case JsonKind::boolean: append(to_, json.boolean()); break;
      case JsonKind::integer: append(to_, json.integer()); break;
      case JsonKind::number: number(json.number(), name); break;
      case JsonKind::string: string(json.string()); break;
      case JsonKind::array:
        list('[', ']', json.array(), depth, [&](Json const& item) { value(item, name, depth + 1); });
        break;
      case JsonKind::object:
        list('{', '}', json.object(), depth, [&](Json::Member const& member) {
          string(member.name);
          to_ += ": ";
          value(member.value, member.name, depth + 1);
        });
        break;
    }
  }

  // An array of plain values, such as a shape, stays on one line.
  static bool short_list(Json::Object const& members) { return members.empty(); }
  static bool short_list(Json::Array const& items) {
    for (auto const& item : items)
      if (item.kind() >= JsonKind::array) return false;
    return true;
  }

  template <class Items, class Write>
  void list(char open, char close, Items const& items, int depth, Write write) {
    bool const lines = style_.pretty && !short_list(items);
    auto const indent = [&](int by) { if (lines) to_ += '\n', to_.append(static_cast<std::size_t>(2 * by), ' '); };
    char const* between = "";
    to_ += open;
    for (auto const& item : items) {
      to_ += between;
      indent(depth + 1);
      write(item);
      between = lines ? "," : ", ";
    }
    indent(depth);
    to_ += close;
  }

  void number(double x, std::string_view name) {
    if (!std::isfinite(x)) {
      if (style_.non_finite == NonFinite::refuse)
        throw error(text("JSON: ", name.empty() ? "a number" : quoted(name), " is ", x,
                         ", which JSON cannot hold; write null in its place"));
      to_ += "null";
      return;
    }
    std::size_t const begin = to_.size();
    append_shortest(to_, x);
    if (to_.find_first_of(".e", begin) == to_.npos) to_ += ".0";
  }

  void string(std::string_view words) {
    to_ += '"';
    for (std::size_t at = 0; at < words.size();) {
      char const c = words[at];
      if (c == '"' || c == '\\') to_ += '\\', to_ += c, ++at;
      else if (c == '\n') to_ += "\\n", ++at;
      else if (static_cast<unsigned char>(c) < 0x20) {
        char code[8];
        std::snprintf(code, sizeof code, "\\u%04x", static_cast<unsigned>(c));
        to_ += code, ++at;
      } else {
        std::size_t const n = utf8_length(words.substr(at));
        expects(n > 0, "JSON: ", quoted(words), " is not UTF-8, which JSON is written in");
        to_.append(words.substr(at, n));
        at += n;
      }
    }
    to_ += '"';
  }

  JsonStyle style_;
  std::string to_;
};

inline std::string write_json(Json const& json, JsonStyle style = {}) { return JsonWriter(style).whole(json); }

}  // namespace afire
