// prints:
//   solved: 3 laws hold
#include "01_transpose_law.hpp"
using namespace afire;

void transpose(View<const float, 2> x,                   // (N, C)
               View<float, 2> y) {                       // (C, N), written
  for (Index n = 0; n < x.rows(); ++n)
    for (Index c = 0; c < x.cols(); ++c) y(c, n) = x(n, c);
}

int main() { return law([](auto x, auto y) { transpose(x, y); }); }
