// afire/op/tape.hpp -- derivatives of a number that was computed from other numbers, for losses whose gradient one does not want to write
//
//   Every operation notes its operands and its slopes towards them; backward() walks the notes from the end (Griewank & Walther, 2008).
//
//   Tape tape(memory);                                    // View<TapeNote, 1>: planned once, arena.keep<TapeNote>(most)
//   Var a = tape.variable(2), b = tape.variable(3), y = log(1 + exp(a * b));
//   tape.backward(y);      a.slope(), b.slope();          // dy/da, dy/db
//   tape.clear();                                         // the next token, the same memory
//
// For a few hundred operations at a time, a token or a film: a hand-written gradient is shorter in memory and many times faster.
#pragma once
#include <cmath>

#include <afire/core/view.hpp>

namespace afire {

struct TapeNote {
  double value = 0, slope = 0;             // slope: of the result towards this one, once backward() has been here
  double by[2] = {};                       // slopes of this one towards its operands
  Index from[2] = {-1, -1};                // its operands
};

class Tape;

struct Var {
  Tape* tape = nullptr;
  Index at = 0;
  double value() const;
  double slope() const;
};

class Tape {
 public:
  explicit Tape(View<TapeNote, 1> memory) : notes_(memory) {}

  Var variable(double value) { return note(value, {}, 0, {}, 0); }
  void clear() { count_ = 0; }
  Index count() const { return count_; }

  // Slopes of y towards everything it was computed from.
  void backward(Var y) {
    for (Index n = 0; n <= y.at; ++n) notes_(n).slope = 0;
    notes_(y.at).slope = 1;
    for (Index n = y.at; n >= 0; --n)
      for (int k = 0; k < 2; ++k)
        if (notes_(n).from[k] >= 0) notes_(notes_(n).from[k]).slope += notes_(n).by[k] * notes_(n).slope;
  }

  // value = f(a, b), whose slopes are by_a and by_b; an operand without a tape is a constant.
  Var note(double value, Var a, double by_a, Var b, double by_b) {
    expects(count_ < notes_.size(), "tape: more than ", notes_.size(), " operations; plan more notes, or clear() after each token");
    notes_(count_) = {value, 0, {by_a, by_b}, {a.tape ? a.at : -1, b.tape ? b.at : -1}};
    return {this, count_++};
  }
  TapeNote const& operator[](Var v) const { return notes_(v.at); }

 private:
  View<TapeNote, 1> notes_;
  Index count_ = 0;
};

inline double Var::value() const { return (*tape)[*this].value; }
inline double Var::slope() const { return (*tape)[*this].slope; }

// operator+, operator-, operator* and operator/ of two variables, or of one and a constant.
inline Var operator+(Var a, Var b) { return a.tape->note(a.value() + b.value(), a, 1, b, 1); }
inline Var operator-(Var a, Var b) { return a.tape->note(a.value() - b.value(), a, 1, b, -1); }
inline Var operator*(Var a, Var b) { return a.tape->note(a.value() * b.value(), a, b.value(), b, a.value()); }
inline Var operator/(Var a, Var b) {
  double const y = a.value() / b.value();
  return a.tape->note(y, a, 1 / b.value(), b, -y / b.value());
}
inline Var operator+(Var a, double c) { return a.tape->note(a.value() + c, a, 1, {}, 0); }
inline Var operator+(double c, Var a) { return a + c; }
inline Var operator-(Var a, double c) { return a + -c; }
inline Var operator*(Var a, double c) { return a.tape->note(a.value() * c, a, c, {}, 0); }
inline Var operator*(double c, Var a) { return a * c; }
inline Var operator/(Var a, double c) { return a * (1 / c); }
inline Var operator-(Var a) { return a * -1; }
inline Var operator-(double c, Var a) { return c + -a; }
inline Var operator/(double c, Var a) { return a.tape->note(c / a.value(), a, -c / (a.value() * a.value()), {}, 0); }

// exp, log, sqrt, square, and max, whose slope is that of the larger operand, of a where they are equal.
inline Var exp(Var a) {
  double const y = std::exp(a.value());
  return a.tape->note(y, a, y, {}, 0);
}
inline Var log(Var a) { return a.tape->note(std::log(a.value()), a, 1 / a.value(), {}, 0); }
inline Var sqrt(Var a) {
  double const y = std::sqrt(a.value());
  return a.tape->note(y, a, 1 / (2 * y), {}, 0);
}
inline Var square(Var a) { return a * a; }
inline Var max(Var a, Var b) { return a.value() < b.value() ? b : a; }

}  // namespace afire
