// afire/train/schedule.hpp -- learning rate, weight decay and teacher momentum as functions of the step (spec 2.6, 2.9)
//
//   warm-up: from 0 to base in `warmup` steps, both ends included;   then  end + (base - end) (1 + cos(pi i / n)) / 2,  i = 0 ... n-1
//
//   Cosine lr{.base = 5e-4, .end = 1e-6, .warmup = 100, .steps = 4000};      lr(step)
#pragma once
#include <cmath>

#include <afire/core/config.hpp>

namespace afire {

struct Cosine {
  double base, end;
  Index warmup = 0, steps = 1;             // steps: all of them, the warm-up included

  double operator()(Index step) const {
    if (step < warmup) return warmup == 1 ? 0.0 : base * static_cast<double>(step) / static_cast<double>(warmup - 1);
    double const along = static_cast<double>(step - warmup) / static_cast<double>(steps - warmup);
    return end + 0.5 * (base - end) * (1 + std::cos(3.14159265358979323846 * along));
  }
};

// lr = base x films a step / 256: the linear scaling rule (Goyal et al., 2017; spec 2.9).
inline double scaled_rate(double base, Index films_per_step) { return base * static_cast<double>(films_per_step) / 256.0; }

}  // namespace afire
