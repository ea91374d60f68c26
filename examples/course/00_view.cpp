// A view is a pointer with a shape. It owns nothing: rows and other shapes are views of the same memory.
//
// prints:
//   x is (2, 3)
//   x(1, 2) = 5
//   row 1 is 3 4 5
//   the same memory as (3, 2): 0 1 | 2 3 | 4 5
//   view: 6 elements cannot be seen as a shape of 8

#include <cstdio>

#include <afire/core/view.hpp>
using namespace afire;

int main() {
  // [shape]
  float numbers[] = {0, 1, 2, 3, 4, 5};
  View<float, 2> x(numbers, 2, 3);                       // (N, C): two rows of three
  std::printf("x is %s\n", shape_text(x).c_str());
  std::printf("x(1, 2) = %g\n", x(1, 2));

  std::printf("row 1 is");
  for (float v : x.row(1)) std::printf(" %g", v);
  // [/shape]

  // [reader]
  View<const float, 2> const y = x.as(3, 2);             // a reader's view: y(0, 0) = 1 does not compile
  std::printf("\nthe same memory as %s:", shape_text(y).c_str());
  for (Index n = 0; n < y.rows(); ++n) std::printf(" %g %g%s", y(n, 0), y(n, 1), n + 1 < y.rows() ? " |" : "\n");
  // [/reader]

  // [error]
  try {
    x.as(4, 2);
  } catch (error const& e) { std::printf("%s\n", e.what()); }
  // [/error]
}
