// afire/ssl/teacher.hpp -- where the targets' network comes from
//
//   Teacher<Ema>:   theta_T <- m theta_T + (1 - m) theta_S after each step,  m from 0.996 to 1 along a cosine (spec 2.6)
//
//   Teacher<Ema>{{.momentum = 0.99}}
//
// The average itself is taken in the optimiser's sweep (train/optimizer.hpp), which has both values in its hands.
#pragma once

namespace afire {

struct Ema {
  double momentum = 0.996, end = 1.0;
};

template <class Kind = Ema>
struct Teacher {
  Kind kind = {};
};

}  // namespace afire
