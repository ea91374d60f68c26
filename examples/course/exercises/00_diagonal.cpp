// Exercise 00: the sum of the elements x(n, n) of a view, square or not.
//
// says at first:
//   not yet: the diagonal of the unit matrix of 3 rows adds up to 3, not to 0
#include "00_diagonal_law.hpp"
using namespace afire;

float diagonal(View<const float, 2> x) {                 // (N, C)
  float sum = 0;
  // Yours: x.rows(), x.cols() and x(n, c) are all you need.
  (void)x;
  return sum;
}

int main() { return law(diagonal); }
