// Exercise 02: the backward of a layer with one parameter, y = a x. dx is written, da is added to.
//
// says at first:
//   not yet: gradcheck: the gradient of x is not finite at 0; is every element of it written?
#include "02_scale_law.hpp"
using namespace afire;

struct Scale {
  void forward(double a, View<const double, 1> x, View<double, 1> y) const {
    for (Index i = 0; i < x.size(); ++i) y(i) = a * x(i);
  }
  void backward(double /*a*/, View<const double, 1> /*x*/,             // (N)
                View<const double, 1> /*dy*/,                          // (N)
                View<double, 1> /*dx*/,                                // (N), written
                double& /*da*/) const {                                // added to
    // Yours.
  }
};

int main() { return law<Scale>(); }
