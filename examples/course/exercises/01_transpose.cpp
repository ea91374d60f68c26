// Exercise 01: copy x (N, C) to y (C, N) so that y(c, n) = x(n, c). In row-major memory one of the two is read or written in large steps.
//
// says at first:
//   not yet: y(2, 0) is x(0, 2): 2, not 4
#include "01_transpose_law.hpp"
using namespace afire;

void transpose(View<const float, 2> x,                   // (N, C)
               View<float, 2> y) {                       // (C, N), written
  // Yours. This copies the memory as it lies, which is not a transpose.
  for (Index i = 0; i < x.size(); ++i) y.data[i] = x.data[i];
}

int main() { return law([](auto x, auto y) { transpose(x, y); }); }
