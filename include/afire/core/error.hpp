// afire/core/error.hpp -- every failure is an exception that names the thing in one sentence
//
//   expects(x.cols() == w.cols(), "fc1: input has ", x.cols(), " columns, weight expects ", w.cols());
//   throw error(text("films.csv, line 7: no column '", name, "'"));
//
// text(...) joins words and numbers; it exists so that the core needs neither <sstream> nor <format>.
#pragma once
#include <cstdio>
#include <stdexcept>
#include <string>
#include <string_view>

#include <afire/core/config.hpp>

namespace afire {

struct error : std::runtime_error {          // what(): one sentence that names the thing and says what to do
  using std::runtime_error::runtime_error;
};

inline void append(std::string& to, std::string_view word) { to += word; }
inline void append(std::string& to, char c) { to += c; }
inline void append(std::string& to, bool b) { to += b ? "true" : "false"; }
inline void append(std::string& to, double x) {
  char digits[32];
  std::snprintf(digits, sizeof digits, "%g", x);
  to += digits;
}
inline void append(std::string& to, float x) { append(to, static_cast<double>(x)); }
inline void append(std::string& to, long long n) { to += std::to_string(n); }
inline void append(std::string& to, unsigned long long n) { to += std::to_string(n); }
inline void append(std::string& to, long n) { to += std::to_string(n); }
inline void append(std::string& to, unsigned long n) { to += std::to_string(n); }
inline void append(std::string& to, int n) { to += std::to_string(n); }
inline void append(std::string& to, unsigned n) { to += std::to_string(n); }
inline void append(std::string& to, char const* word) { to += word; }
inline void append(std::string& to, std::string const& word) { to += word; }

template <class... Words>
std::string text(Words const&... words) {
  std::string all;
  (append(all, words), ...);
  return all;
}

// Throws error(text(words...)) unless `condition` holds.
template <class... Words>
void expects(bool condition, Words const&... words) {
  if (!condition) throw error(text(words...));
}

}  // namespace afire
