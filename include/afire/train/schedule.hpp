// afire/train/schedule.hpp -- learning rate, weight decay and teacher momentum as functions of the step (spec 2.6, 2.9)
//
//   Cosine       warm-up from start to base in `warmup` steps, both ends included (the base occurs twice);
//                then end + (base - end) (1 + cos(pi i / n)) / 2,  i = 0 ... n-1: the end is not reached                  (DINO's)
//   HalfCosine   base s / warmup for s < warmup, then end + (base - end) (1 + cos(pi (s - warmup) / (steps - warmup))) / 2   (MAE's)
//   Polynomial   end + (base - end) (1 - s / steps)^power
//
//   Cosine lr{.base = 5e-4, .end = 1e-6, .warmup = 100, .steps = 4000};      lr(step)
//   Cosine temperature{.base = 0.07, .end = 0.07, .warmup = 30, .steps = 100, .start = 0.04};       // a linear rise, then a constant
#pragma once
#include <cmath>

#include <afire/core/config.hpp>

namespace afire {

struct Cosine {
  double base, end;
  Index warmup = 0, steps = 1;             // steps: all of them, the warm-up included
  double start = 0;

  double operator()(Index step) const {
    if (step < warmup)
      return warmup == 1 ? start : start + (base - start) * static_cast<double>(step) / static_cast<double>(warmup - 1);
    double const along = static_cast<double>(step - warmup) / static_cast<double>(steps - warmup);
    return end + 0.5 * (base - end) * (1 + std::cos(3.14159265358979323846 * along));
  }
};

struct HalfCosine {
  double base, end = 0;
  Index warmup = 0, steps = 1;             // steps: where the end is reached

  double operator()(Index step) const {
    if (step < warmup) return base * static_cast<double>(step) / static_cast<double>(warmup);
    double const along = static_cast<double>(step - warmup) / static_cast<double>(steps - warmup);
    return end + 0.5 * (base - end) * (1 + std::cos(3.14159265358979323846 * along));
  }
};

struct Polynomial {
  double base, end = 0;
  Index steps = 1;                         // where the end is reached
  double power = 1;

  double operator()(Index step) const {
    return end + (base - end) * std::pow(1 - static_cast<double>(step) / static_cast<double>(steps), power);
  }
};

// lr = base x films a step / 256: the linear scaling rule (Goyal et al., 2017; spec 2.9).
inline double scaled_rate(double base, Index films_per_step) { return base * static_cast<double>(films_per_step) / 256.0; }

}  // namespace afire
