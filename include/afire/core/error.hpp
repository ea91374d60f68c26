// afire/core/error.hpp -- every failure is an exception that names the thing in one sentence
//
//   expects(x.cols() == w.cols(), "fc1: input has ", x.cols(), " columns, weight expects ", w.cols());
//   throw error(text("films.csv, line 7: no column '", name, "'"));
//
// text(...) joins words and numbers; it exists so that the core needs neither <sstream> nor <format>.
#pragma once
#include <cstdio>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>

#include <afire/core/config.hpp>

namespace afire {

struct error : std::runtime_error {          // what(): one sentence that names the thing and says what to do
  using std::runtime_error::runtime_error;
};

// A piece of memory that could not be had, in bytes; who knows what it was for says so and what would fit.
struct not_enough_memory : error {
  not_enough_memory(std::string const& sentence, Index asked_, Index free_) : error(sentence), asked(asked_), free(free_) {}
  Index asked, free;
};

// A word of a sentence, or a number that becomes one. It looks at texts and keeps none.
class Word {
 public:
  Word(std::string_view word) : text_(word) {}
  Word(std::string const& word) : text_(word) {}
  Word(char const* word) : text_(word) {}
  Word(bool b) : text_(b ? "true" : "false") {}
  Word(char c) : kind_(Kind::letter), letter_(c) {}
  Word(double x) : kind_(Kind::real), real_(x) {}
  Word(float x) : Word(static_cast<double>(x)) {}
  Word(long long n) : kind_(Kind::integer), integer_(n) {}
  Word(unsigned long long n) : kind_(Kind::natural), natural_(n) {}
  Word(long n) : Word(static_cast<long long>(n)) {}
  Word(unsigned long n) : Word(static_cast<unsigned long long>(n)) {}
  Word(int n) : Word(static_cast<long long>(n)) {}
  Word(unsigned n) : Word(static_cast<unsigned long long>(n)) {}

  void append_to(std::string& sentence) const {
    char digits[32];
    switch (kind_) {
      case Kind::text: sentence += text_; return;
      case Kind::letter: sentence += letter_; return;
      case Kind::real: std::snprintf(digits, sizeof digits, "%g", real_); break;
      case Kind::integer: std::snprintf(digits, sizeof digits, "%lld", integer_); break;
      case Kind::natural: std::snprintf(digits, sizeof digits, "%llu", natural_); break;
    }
    sentence += digits;
  }

 private:
  enum class Kind { text, letter, real, integer, natural };
  Kind kind_ = Kind::text;
  std::string_view text_ = {};
  union {
    char letter_;
    double real_;
    long long integer_;
    unsigned long long natural_ = 0;
  };
};

// Adds a word, as text() writes it.
inline void append(std::string& to, Word const& word) { word.append_to(to); }

// What the templates below come down to: not inlined and not copied for every list of types.
[[gnu::cold, gnu::noinline]] inline std::string joined_words(std::initializer_list<Word> words) {
  std::string all;
  for (Word const& word : words) word.append_to(all);
  return all;
}
// Throws error(text(words...)).
[[noreturn, gnu::cold, gnu::noinline]] inline void fail(std::initializer_list<Word> words) { throw error(joined_words(words)); }

template <class... Words>
std::string text(Words const&... words) { return joined_words({Word(words)...}); }

// Throws error(text(words...)) unless `condition` holds.
template <class... Words>
void expects(bool condition, Words const&... words) {
  if (!condition) fail({Word(words)...});
}

// Throws unless `value` is a number above 0.
inline void expects_positive(char const* name, double value) {
  expects(value > 0 && value < 1e300, name, " is ", value, "; a number above 0 is needed");
}
// Throws unless `value` is a number of at least 0.
inline void expects_not_negative(char const* name, double value) {
  expects(0 <= value && value < 1e300, name, " is ", value, "; a number of at least 0 is needed");
}
// Throws unless `value` lies in 0 ... 1.
inline void expects_share(char const* name, double value) {
  expects(0 <= value && value <= 1, name, " is ", value, "; it must lie in 0 ... 1");
}

// The part itself, once its validate() has found nothing impossible in it; where it has none, as it is.
template <class Part>
Part const& validated(Part const& part) {
  if constexpr (requires { part.validate(); }) part.validate();
  return part;
}

}  // namespace afire
