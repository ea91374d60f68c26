// prints:
//   solved: 2 laws hold
#include <algorithm>

#include "00_diagonal_law.hpp"
using namespace afire;

float diagonal(View<const float, 2> x) {                 // (N, C)
  float sum = 0;
  for (Index n = 0; n < std::min(x.rows(), x.cols()); ++n) sum += x(n, n);
  return sum;
}

int main() { return law(diagonal); }
