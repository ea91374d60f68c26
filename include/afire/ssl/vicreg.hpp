// afire/ssl/vicreg.hpp -- variance, invariance, covariance: two views agree, and no dimension dies or repeats another (Bardes et al., 2022)
//
//   loss = inv mean (x - y)^2  +  var / 2 (v(x) + v(y))  +  cov (c(x) + c(y))
//   v(z) = 1/C sum_c max(0, target - sqrt(Cov_cc + eps)),     c(z) = 1/C sum_{i != j} Cov_ij^2,     Cov = zc^T zc / (N - 1)
//
//   VicReg loss;   auto room = loss.plan<S>(arena, N, C);   loss(be, x, y, weight, dx, dy, room);
//   VicRegTerms t = loss.terms(be, x, y, weight, dx, dy, room);             // the three, unweighted, for a log
//
// With zc the rows less their mean, both gradients are products with one (C, C) matrix G:   dz += zc G,
//   G_ij = 4 cov / (C (N - 1)) Cov_ij,     G_cc = - var / (2 C (N - 1) sqrt(Cov_cc + eps)) where the hinge is open.
// As in the authors' code: the invariance is a mean over N and C, the variance is halved (the paper sums and does not halve).
#pragma once
#include <cmath>

#include <afire/core/arena.hpp>
#include <afire/op/batch_norm.hpp>
#include <afire/op/sum.hpp>
#include <afire/ssl/pair_loss.hpp>

namespace afire {

template <class S>
struct CentreRow {                         // y = x - mean
  View<const S, 2> x;                      // (N, C)
  View<const S, 1> mean;                   // (C)
  View<S, 2> y;                            // (N, C), written
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index n) const {
    lane.each(x.cols(), [&](Index c) { y(n, c) = x(n, c) - mean(c); });
  }
};

template <class S>
struct VicRegRow {                         // one dimension, one worker
  View<S, 2> g;                            // (C, C): zc^T zc, then G
  View<S, 1> hinges, squares;              // (C), written: max(0, target - deviation), sum of squared covariances
  S per;                                   // 1 / (N - 1)
  S target, eps, variance_step, covariance_step;       // weight var / (2 C (N - 1)), weight 4 cov / (C (N - 1))
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index i) const {
    Index const C = g.cols();
    auto const row = g.row(i);
    S const deviation = math::sqrt(row(i) * per + eps), hinge = target - deviation;
    S const square = lane.sum_over(C, [&](Index j) { return j == i ? S(0) : math::square(row(j) * per); });
    lane.each(C, [&](Index j) {
      S const off = covariance_step * (row(j) * per), on = hinge > 0 ? -variance_step / deviation : S(0);
      row(j) = j == i ? on : off;
    });
    lane.once([&] { hinges(i) = hinge > 0 ? hinge : S(0), squares(i) = square; });
  }
};

template <class S>
struct InvarianceRow {                     // one pair, one worker
  View<const S, 2> x, y;                   // (N, C)
  View<S, 2> dx, dy;                       // (N, C), added to; dy may be empty
  View<S, 1> losses;                       // (N), written
  S step;                                  // 2 weight inv / (N C)
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index n) const {
    S const sum = lane.sum_over(x.cols(), [&](Index c) { return math::square(x(n, c) - y(n, c)); });
    lane.each(x.cols(), [&](Index c) { dx(n, c) += step * (x(n, c) - y(n, c)); });
    if (dy) lane.each(x.cols(), [&](Index c) { dy(n, c) -= step * (x(n, c) - y(n, c)); });
    lane.once([&] { losses(n) = sum; });
  }
};

struct VicRegTerms {
  double invariance = 0, variance = 0, covariance = 0;
};

struct VicReg {
  double invariance = 25, variance = 25, covariance = 1;         // inv, var, cov
  double target = 1, eps = 1e-4;
  void validate() const {
    expects_not_negative("vicreg: the invariance's weight", invariance), expects_not_negative("vicreg: the variance's weight", variance);
    expects_not_negative("vicreg: the covariance's weight", covariance);
    expects_positive("vicreg: the target", target), expects_positive("vicreg: eps", eps);
  }

  template <class S>
  struct Room {
    View<S, 2> centred;                    // (N, C): zc
    View<S, 2> g;                          // (C, C)
    View<S, 1> mean, hinges, squares;      // (C)
    View<S, 1> losses;                     // (N)
    View<S, 2> partial;                    // (column_chunks, C)
  };

  template <class S>
  Room<S> plan(Arena& arena, Index rows, Index width) const {
    return {arena.scratch<S>(rows, width), arena.scratch<S>(width, width), arena.scratch<S>(width), arena.scratch<S>(width),
            arena.scratch<S>(width), arena.scratch<S>(rows), arena.scratch<S>(column_chunks, width)};
  }

  template <class B, class S>
  VicRegTerms terms(B& be, std::type_identity_t<View<const S, 2>> x,       // (N, C)
                    std::type_identity_t<View<const S, 2>> y,              // (N, C)
                    double weight,
                    View<S, 2> dx,                                         // (N, C), added to
                    std::type_identity_t<View<S, 2>> dy,                   // (N, C), added to; empty: y is a constant
                    Room<S> const& room) const {
    double const count = static_cast<double>(x.size());
    for_each_row(be, x.rows(), InvarianceRow<S>{x, y, dx, dy, room.losses, static_cast<S>(2 * weight * invariance / count)});
    VicRegTerms t{.invariance = sum_of(be, room.losses) / count};
    spread(be, x, weight, dx, room, t), spread(be, y, weight, dy, room, t);
    return t;
  }

  template <class B, class S>
  double operator()(B& be, std::type_identity_t<View<const S, 2>> x, std::type_identity_t<View<const S, 2>> y, double weight, View<S, 2> dx,
                    std::type_identity_t<View<S, 2>> dy, Room<S> const& room) const {
    VicRegTerms const t = terms(be, x, y, weight, dx, dy, room);
    return invariance * t.invariance + variance * t.variance + covariance * t.covariance;
  }

 private:
  // The two terms of one view.
  template <class B, class S>
  void spread(B& be, View<const S, 2> z, double weight, View<S, 2> dz, Room<S> const& room, VicRegTerms& t) const {
    Index const N = z.rows(), C = z.cols();
    expects(N >= 2, "vicreg: ", N, " row; the variance of a dimension needs at least two");
    double const per = 1 / static_cast<double>(N - 1), width = static_cast<double>(C);
    View<const S, 2> const centred = room.centred, g = room.g;
    fill(be, room.mean, 0);
    add_column_sums(be, z, room.mean, room.partial);
    for_each(be, C, ScaleBy<S>{room.mean, 1 / static_cast<S>(N)});
    for_each_row(be, N, CentreRow<S>{z, room.mean, room.centred});
    gemm(be, transposed(matrix(centred)), matrix(centred), matrix(room.g), GemmOf<S>{});
    for_each_row(be, C, VicRegRow<S>{room.g, room.hinges, room.squares, static_cast<S>(per), static_cast<S>(target), static_cast<S>(eps),
                                     static_cast<S>(weight * variance * per / (2 * width)),
                                     static_cast<S>(weight * 4 * covariance * per / width)});
    t.variance += sum_of(be, room.hinges) / (2 * width);
    t.covariance += sum_of(be, room.squares) / width;
    if (dz) gemm(be, matrix(centred), matrix(g), matrix(dz), GemmOf<S>{.add = true});
  }
};

}  // namespace afire
