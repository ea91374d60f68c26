// afire/io/json_value.hpp -- a JSON value: null, true or false, whole number, number, string, array, object in the order written
//
//   Json run = json_object({{"model", "tiny"}, {"steps", 4000}, {"rate", 5e-4f}});
//   run.set("films", json_array({"a.png", "b.png"}));
//   run.at("steps").integer();                        // 4000; a wrong kind or a missing name is an error that says what is there
//   if (Json const* rate = run.find("rate")) use(rate->number());
//
// Text to value and back: io/json.hpp. A value remembers the line it was read from, for messages; == does not look at it.
#pragma once
#include <charconv>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <utility>
#include <vector>

#include <afire/core/error.hpp>

namespace afire {

// A name or a text of a file inside a message: in quotes, at most 80 bytes, without control characters.
inline std::string quoted(std::string_view words) {
  constexpr std::size_t most = 80;
  std::size_t n = words.size();
  if (n > most)
    for (n = most; n > most - 4 && (static_cast<unsigned char>(words[n]) & 0xC0u) == 0x80u;) --n;
  std::string all = "\"";
  for (char const c : words.substr(0, n)) all += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? '?' : c;
  return all + (n < words.size() ? "...\"" : "\"");
}
// Of a std::string, so that std::quoted of <iomanip> fits no better.
inline std::string quoted(std::string const& words) { return quoted(std::string_view(words)); }
inline std::string quoted(std::string& words) { return quoted(std::string_view(words)); }
inline std::string quoted(char const* words) { return quoted(std::string_view(words)); }

// JsonKind of a value; integer: its text has no point and no exponent.
enum class JsonKind { null, boolean, integer, number, string, array, object };

// As an error says it: "a whole number".
inline char const* kind_name(JsonKind kind) {
  constexpr char const* names[] = {"null", "true or false", "a whole number", "a number", "a string", "an array", "an object"};
  return names[static_cast<int>(kind)];
}

template <class Value>
struct NamedValue {                                  // a member of an object; a template because it holds a Json and is held by it
  std::string name;
  Value value;
  friend bool operator==(NamedValue const& a, NamedValue const& b) { return a.name == b.name && a.value == b.value; }
};

class Json {
 public:
  using Member = NamedValue<Json>;
  using Array = std::vector<Json>;
  using Object = std::vector<Member>;

  Json(std::nullptr_t = nullptr) {}
  Json(bool b) : kind_(JsonKind::boolean), whole_(b) {}
  Json(long long n) : kind_(JsonKind::integer), whole_(n) {}
  Json(long n) : Json(static_cast<long long>(n)) {}
  Json(int n) : Json(static_cast<long long>(n)) {}
  Json(unsigned n) : Json(static_cast<long long>(n)) {}
  Json(unsigned long n) : Json(static_cast<unsigned long long>(n)) {}
  Json(unsigned long long n) : Json(static_cast<long long>(n)) {
    expects(n <= static_cast<unsigned long long>(std::numeric_limits<long long>::max()), "JSON: ", n,
            " is above 2^63 - 1, the largest whole number it is given; write it as a string");
  }
  Json(double x) : kind_(JsonKind::number), number_(x) {}
  Json(float x) : Json(shortest(x)) {}
  Json(std::string words) : kind_(JsonKind::string), words_(std::move(words)) {}
  Json(std::string_view words) : Json(std::string(words)) {}
  Json(char const* words) : Json(std::string(words)) {}
  explicit Json(Array items) : kind_(JsonKind::array), items_(std::move(items)) {}
  explicit Json(Object members) : kind_(JsonKind::object), members_(std::move(members)) {}        // of names that differ

  JsonKind kind() const { return kind_; }
  bool is_null() const { return kind_ == JsonKind::null; }

  bool boolean() const { return is(JsonKind::boolean), whole_ != 0; }
  Index integer() const { return is(JsonKind::integer), whole_; }
  double number() const {                            // a whole number is one too
    return kind_ == JsonKind::integer ? static_cast<double>(whole_) : (is(JsonKind::number), number_);
  }
  std::string const& string() const { return is(JsonKind::string), words_; }
  Array const& array() const { return is(JsonKind::array), items_; }
  Object const& object() const { return is(JsonKind::object), members_; }

  // The member of that name, or null; the member of that name, or an error.
  Json const* find(std::string_view name) const;
  Json const& at(std::string_view name) const;

  // Replaces the member of that name, or adds it at the end.
  Json& set(std::string_view name, Json value);
  void push_back(Json value);

  int line() const { return line_; }                 // 0: not read from a text
  friend bool operator==(Json const& a, Json const& b) {
    return a.kind_ == b.kind_ && a.whole_ == b.whole_ && a.number_ == b.number_ && a.words_ == b.words_ && a.items_ == b.items_ &&
           a.members_ == b.members_;
  }

 private:
  friend class JsonReader;

  // The double with the fewest digits that rounds to this float: 0.1f becomes 0.1, not 0.10000000149011612.
  static double shortest(float x) {
    char digits[32];
    double wide = static_cast<double>(x);
    auto const end = std::to_chars(digits, digits + sizeof digits, x).ptr;
    std::from_chars(digits, end, wide);
    return wide;
  }

  std::string place() const { return line_ ? text("line ", line_, ": ") : ""; }

  void is(JsonKind wanted) const {
    if (kind_ == wanted) return;
    throw error(text(place(), "expected ", kind_name(wanted), ", found ",
                     kind_ == JsonKind::string ? "the string " + quoted(words_) : kind_name(kind_)));
  }

  // One of these has the value, the others are empty. A std::variant would be smaller, but slow to compile.
  JsonKind kind_ = JsonKind::null;
  int line_ = 0;
  std::int64_t whole_ = 0;
  double number_ = 0;
  std::string words_;
  Array items_;
  Object members_;
};

inline Json json_array(std::initializer_list<Json> items) { return Json(Json::Array(items)); }
inline Json json_object(std::initializer_list<Json::Member> members) { return Json(Json::Object(members)); }      // of names that differ

inline Json const* Json::find(std::string_view name) const {
  for (auto const& member : object())
    if (member.name == name) return &member.value;
  return nullptr;
}

inline Json const& Json::at(std::string_view name) const {
  if (Json const* value = find(name)) return *value;
  std::string names;
  for (auto const& member : object()) {
    if (names.size() > 200) {
      names += ", ...";
      break;
    }
    names += (names.empty() ? "" : ", ") + quoted(member.name);
  }
  throw error(text(place(), "there is no ", quoted(name), "; there is ", names.empty() ? "nothing" : names));
}

inline Json& Json::set(std::string_view name, Json value) {
  object();                                          // says what it is if it is no object
  for (auto& member : members_)
    if (member.name == name) {
      member.value = std::move(value);
      return *this;
    }
  members_.push_back({std::string(name), std::move(value)});
  return *this;
}

inline void Json::push_back(Json value) {
  array();
  items_.push_back(std::move(value));
}

}  // namespace afire
