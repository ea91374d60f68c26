// prints:
//   solved: 2 laws hold
#include "03_rms_norm_law.hpp"
using namespace afire;

template <class T>
struct RmsNormRow {
  View<const T, 2> x;                      // (N, C)
  View<T, 2> y;                            // (N, C), written
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index n) const {
    Index const C = x.cols();
    T const rate = 1 / std::sqrt(lane.sum_over(C, [&](Index c) { return x(n, c) * x(n, c); }) / static_cast<T>(C));
    lane.each(C, [&](Index c) { y(n, c) = x(n, c) * rate; });
  }
};

int main() { return law<RmsNormRow>(); }
