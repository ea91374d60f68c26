// Exercise 04: attention of a language model: query i sees the keys 0 ... i and no later one. Streaming over keys makes it easy.
//
// says at first:
//   not yet: the first query sees the first key alone, so its output is the first value
#include <algorithm>
#include <cmath>

#include "04_causal_law.hpp"
using namespace afire;

void attend(View<const double, 2> q, View<const double, 2> k, View<const double, 2> v,             // (L, D)
            View<double, 2> o) {                                                                   // (L, D), written
  Index const L = q.rows(), D = q.cols();
  for (Index i = 0; i < L; ++i) {
    double top = -HUGE_VAL, sum = 0;
    for (Index d = 0; d < D; ++d) o(i, d) = 0;
    for (Index j = 0; j < L; ++j) {                          // yours: one word of this line
      double score = 0;
      for (Index d = 0; d < D; ++d) score += q(i, d) * k(j, d) / std::sqrt(static_cast<double>(D));
      double const higher = std::max(top, score), shrink = std::exp(top - higher), p = std::exp(score - higher);
      sum = sum * shrink + p;
      for (Index d = 0; d < D; ++d) o(i, d) = o(i, d) * shrink + p * v(j, d);
      top = higher;
    }
    for (Index d = 0; d < D; ++d) o(i, d) /= sum;
  }
}

int main() { return law(attend); }
