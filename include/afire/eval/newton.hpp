// afire/eval/newton.hpp -- the minimum of a smooth convex function of a few thousand numbers, in double
//
//   repeat:  w += t s,   H s = -g by conjugate gradients (no matrix is stored),   t = 1, 1/2, 1/4, ... until the value falls enough
//
//   Problem: value(w), gradient(w) (which may remember the point), hessian_times(v) at the last gradient's point
//
//   newton::Vector w(n);    newton::Minimum m = newton::minimise(problem, w, 1e-11, 100);      // m.value, m.iterations; w is the answer
#pragma once
#include <algorithm>
#include <cmath>
#include <vector>

#include <afire/core/lane.hpp>

namespace afire::newton {

using Vector = std::vector<double>;

// Of two vectors, the same bits whatever the compiler's vectors are.
inline double dot(Vector const& a, Vector const& b) {
  double const *const x = a.data(), *const y = b.data();
  return Scalar().sum_over(static_cast<Index>(a.size()), [=](Index i) { return x[i] * y[i]; });
}

// The largest absolute element; 0 of none.
inline double largest(Vector const& v) {
  double m = 0;
  for (double const x : v) m = std::max(m, std::fabs(x));
  return m;
}

// to += by v.
inline void add(Vector& to, double by, Vector const& v) {
  for (std::size_t i = 0; i < to.size(); ++i) to[i] += by * v[i];
}

// Solves H s = -g; more exactly the closer the end is, so that Newton's method stays as fast as it is.
template <class Problem>
Vector step_of(Problem const& problem, Vector const& g) {
  Vector s(g.size()), r(g.size());
  add(r, -1, g);
  Vector p = r;
  double rr = dot(r, r);
  double const start = std::sqrt(rr), enough = std::min(0.1, start) * start;
  for (std::size_t i = 0; i < 4 * g.size() + 20 && std::sqrt(rr) > enough; ++i) {
    Vector const h = problem.hessian_times(p);
    double const curve = dot(p, h);
    if (!(curve > 0)) break;
    add(s, rr / curve, p);
    add(r, -rr / curve, h);
    double const next = dot(r, r), by = next / rr;
    for (std::size_t c = 0; c < p.size(); ++c) p[c] = r[c] + by * p[c];
    rr = next;
  }
  return s;
}

struct Minimum {
  double value = 0;
  int iterations = 0;
};

// Until no element of the gradient is larger than `end`.
template <class Problem>
Minimum minimise(Problem& problem, Vector& w, double end, int iterations) {
  Minimum m{.value = problem.value(w)};
  for (;; ++m.iterations) {
    auto const g = problem.gradient(w);
    if (largest(g) <= end || m.iterations == iterations) return m;
    auto const step = step_of(problem, g);
    double const slope = dot(g, step);
    double by = 1, next = 0;
    Vector trial;
    for (;; by /= 2) {                                   // near the end the value cannot tell two points apart: the step is taken
      trial = w;
      add(trial, by, step);
      next = problem.value(trial);
      if (next <= m.value + 1e-4 * by * slope + 1e-13 * std::fabs(m.value) || by < 1e-9) break;
    }
    w = trial, m.value = next;
  }
}

}  // namespace afire::newton
