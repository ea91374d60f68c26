// afire/op/batch_norm.hpp -- normalise every column over the rows of a batch, then scale and shift it (Ioffe & Szegedy, 2015)
//
//   y = (x - mean) * rstd * gain + shift,      rstd = 1 / sqrt(var + eps),      mean and var over the N rows of a column
//   running <- (1 - m) running + m (mean, var N / (N - 1))             PyTorch's rule: y has the biased variance, running the unbiased
//
//   batch_norm(be, x, gain, shift, 1e-5, y, stats, partial);                    // empty gain and shift: 1 and 0
//   move_running(be, stats, N, 1e-5, 0.1, running_mean, running_var);
//   batch_norm_backward(be, x, gain, stats, dy, dx, dgain, dshift, sums, partial);    // dx is written, dgain and dshift are added to
//
//   fixed_stats(be, running_mean, running_var, 1e-5, stats);                    // for films one at a time: y does not depend on the batch
//   normalise_columns(be, x, gain, shift, y, stats);                            // backward: the same with of_batch = false
//
// The batch is what is given here: of a step cut into micro-batches, each has its own mean and variance.
#pragma once
#include <afire/core/backend.hpp>
#include <afire/op/column_sum.hpp>
#include <afire/op/math.hpp>

namespace afire {

template <class T>
struct SquareAroundMean {                  // (x - mean)^2, for column sums
  View<const T, 2> x;                      // (N, C)
  View<const Accum<T>, 1> mean;            // (C)
  AFIRE_HD Accum<T> operator()(Index n, Index c) const { return math::square(wide(x(n, c)) - mean(c)); }
};

template <class S>
struct ScaleBy {                           // x(i) *= factor
  View<S, 1> x;
  S factor;
  AFIRE_HD void operator()(Index i) const { x(i) *= factor; }
};

template <class S>
struct InverseDeviation {                  // rstd = 1 / sqrt(var + eps)
  View<const S, 1> var;                    // (C)
  View<S, 1> rstd;                         // (C), may be the memory of var
  S eps;
  AFIRE_HD void operator()(Index c) const { rstd(c) = 1 / math::sqrt(var(c) + eps); }
};

template <class T>
struct NormaliseColumns {                  // one row, one worker
  View<const T, 2> x;                      // (N, C)
  View<const Accum<T>, 1> gain, shift;     // (C) or empty
  View<const Accum<T>, 2> stats;           // (2, C): mean, rstd
  View<T, 2> y;                            // (N, C), may be the memory of x
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index n) const {
    auto const mean = stats.row(0), rstd = stats.row(1);
    if (gain) lane.each(x.cols(), [&](Index c) { y(n, c) = T((wide(x(n, c)) - mean(c)) * rstd(c) * gain(c) + shift(c)); });
    else lane.each(x.cols(), [&](Index c) { y(n, c) = T((wide(x(n, c)) - mean(c)) * rstd(c)); });
  }
};

template <class B, class T>
void normalise_columns(B& be, std::type_identity_t<View<const T, 2>> x,               // (N, C)
                       std::type_identity_t<View<const Accum<T>, 1>> gain,            // (C) or empty
                       std::type_identity_t<View<const Accum<T>, 1>> shift,           // (C) or empty
                       View<T, 2> y,                                                  // (N, C), written
                       std::type_identity_t<View<const Accum<T>, 2>> stats) {         // (2, C): mean, rstd
  for_each_row(be, x.rows(), NormaliseColumns<T>{x, gain, shift, stats, y});
}

template <class B, class T>
void batch_norm(B& be, std::type_identity_t<View<const T, 2>> x,                      // (N, C), N of at least 2
                std::type_identity_t<View<const Accum<T>, 1>> gain,                   // (C) or empty
                std::type_identity_t<View<const Accum<T>, 1>> shift,                  // (C) or empty
                Accum<T> eps,
                View<T, 2> y,                                                         // (N, C), written
                View<Accum<T>, 2> stats,                                              // (2, C), written: mean, rstd
                View<Accum<T>, 2> partial) {                                          // (column_chunks, C or more) scratch
  using S = Accum<T>;
  Index const N = x.rows();
  expects(N >= 2, "batch norm: ", N, " row; the variance of a column needs at least two");
  auto const mean = stats.row(0), var = stats.row(1);
  fill(be, stats.flat(), 0);
  add_column_sums(be, x, mean, partial);
  for_each(be, mean.size(), ScaleBy<S>{mean, 1 / static_cast<S>(N)});
  add_column_sums(be, N, SquareAroundMean<T>{x, mean}, var, partial);
  for_each(be, var.size(), ScaleBy<S>{var, 1 / static_cast<S>(N)});
  for_each(be, var.size(), InverseDeviation<S>{var, var, eps});
  normalise_columns(be, x, gain, shift, y, stats);
}

template <class S>
struct MoveRunning {                       // running statistics move towards the batch's: += momentum (batch - running)
  View<const S, 2> stats;                  // (2, C): mean, rstd
  View<S, 1> mean, var;                    // (C)
  S eps, momentum, unbiased;               // N / (N - 1)
  AFIRE_HD void operator()(Index c) const {
    S const biased = 1 / math::square(stats(1, c)) - eps;
    mean(c) += momentum * (stats(0, c) - mean(c));
    var(c) += momentum * (biased * unbiased - var(c));
  }
};

template <class B, class S>
void move_running(B& be, std::type_identity_t<View<const S, 2>> stats,                // (2, C): mean, rstd
                  Index rows, double eps, double momentum,
                  View<S, 1> mean, View<S, 1> var) {                                  // (C), moved
  for_each(be, mean.size(), MoveRunning<S>{stats, mean, var, static_cast<S>(eps), static_cast<S>(momentum),
                                           static_cast<S>(rows) / static_cast<S>(rows - 1)});
}

template <class B, class S>
void fixed_stats(B& be, std::type_identity_t<View<const S, 1>> mean,                  // (C)
                 std::type_identity_t<View<const S, 1>> var,                          // (C)
                 double eps,
                 View<S, 2> stats) {                                                  // (2, C), written: mean, rstd
  copy(be, mean, stats.row(0));
  for_each(be, var.size(), InverseDeviation<S>{var, stats.row(1), static_cast<S>(eps)});
}

// dy * xhat, for column sums: dgain
template <class T>
struct BatchNormColumns {
  View<const T, 2> x, dy;                  // (N, C)
  View<const Accum<T>, 2> stats;           // (2, C)
  AFIRE_HD Accum<T> operator()(Index n, Index c) const { return wide(dy(n, c)) * (wide(x(n, c)) - stats(0, c)) * stats(1, c); }
};

// With fixed statistics y = xhat * gain + shift is affine in x:  dx = dy * gain * rstd.
// With those of the batch, mean and var both depend on x. So, as for a layer norm but down the columns,
//   dx = rstd * gain * (dy - mean_n(dy) - xhat * mean_n(dy * xhat)),    dgain = sum_n dy * xhat,    dshift = sum_n dy.
template <class T>
struct BatchNormRowBackward {
  View<const T, 2> x, dy;                  // (N, C)
  View<const Accum<T>, 1> gain;            // (C) or empty
  View<const Accum<T>, 2> stats;           // (2, C)
  View<const Accum<T>, 2> sums;            // (2, C): sum_n dy, sum_n dy * xhat
  View<T, 2> dx;                           // (N, C), may be the memory of dy
  bool of_batch;                           // the statistics depend on x
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index n) const {
    using S = Accum<T>;
    auto const mean = stats.row(0), rstd = stats.row(1), dy_sum = sums.row(0), dyx_sum = sums.row(1);
    S const share = of_batch ? 1 / static_cast<S>(x.rows()) : S(0);
    lane.each(x.cols(), [&](Index c) {
      S const xhat = (wide(x(n, c)) - mean(c)) * rstd(c);
      S const through = wide(dy(n, c)) - share * (dy_sum(c) + xhat * dyx_sum(c));
      dx(n, c) = T(rstd(c) * (gain ? gain(c) : S(1)) * through);
    });
  }
};

template <class S>
struct AddTo {                             // y(i) += x(i)
  View<const S, 1> x;
  View<S, 1> y;
  AFIRE_HD void operator()(Index i) const { y(i) += x(i); }
};

template <class B, class T>
void batch_norm_backward(B& be, std::type_identity_t<View<const T, 2>> x,             // (N, C)
                         std::type_identity_t<View<const Accum<T>, 1>> gain,          // (C) or empty
                         std::type_identity_t<View<const Accum<T>, 2>> stats,         // (2, C)
                         std::type_identity_t<View<const T, 2>> dy,                   // (N, C)
                         View<T, 2> dx,                                               // (N, C), written
                         View<Accum<T>, 1> dgain, View<Accum<T>, 1> dshift,           // (C), added to; empty without gain and shift
                         View<Accum<T>, 2> sums,                                      // (2, C) scratch
                         View<Accum<T>, 2> partial,                                   // (column_chunks, C or more) scratch
                         bool of_batch = true) {                                      // false: the statistics were fixed ones
  using S = Accum<T>;
  fill(be, sums.flat(), 0);
  add_column_sums(be, dy, sums.row(0), partial);
  add_column_sums(be, x.rows(), BatchNormColumns<T>{x, dy, stats}, sums.row(1), partial);
  if (dgain) for_each(be, dgain.size(), AddTo<S>{sums.row(1), dgain});
  if (dshift) for_each(be, dshift.size(), AddTo<S>{sums.row(0), dshift});
  for_each_row(be, x.rows(), BatchNormRowBackward<T>{x, dy, gain, stats, sums, dx, of_batch});
}

}  // namespace afire
