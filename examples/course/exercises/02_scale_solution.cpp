// prints:
//   solved: 2 laws hold
#include "02_scale_law.hpp"
using namespace afire;

struct Scale {
  void forward(double a, View<const double, 1> x, View<double, 1> y) const {
    for (Index i = 0; i < x.size(); ++i) y(i) = a * x(i);
  }
  void backward(double a, View<const double, 1> x,                     // (N)
                View<const double, 1> dy,                              // (N)
                View<double, 1> dx,                                    // (N), written
                double& da) const {                                    // added to
    for (Index i = 0; i < x.size(); ++i) dx(i) = a * dy(i), da += x(i) * dy(i);
  }
};

int main() { return law<Scale>(); }
