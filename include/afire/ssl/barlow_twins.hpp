// afire/ssl/barlow_twins.hpp -- the correlations between two views' dimensions become the identity (Zbontar et al., 2021, eq. 1)
//
//   C_ij = 1/N sum_n a_ni b_nj,   a, b: the views with columns of mean 0 and variance 1 (biased, + eps)
//   loss = sum_i (1 - C_ii)^2 + lambda sum_{i != j} C_ij^2;          da = b dC^T,  db = a dC
//
//   BarlowTwins loss;   auto room = loss.plan<S>(arena, N, C);   loss(be, x, y, weight, dx, dy, room);
#pragma once
#include <afire/core/arena.hpp>
#include <afire/op/batch_norm.hpp>
#include <afire/op/residual.hpp>
#include <afire/op/sum.hpp>
#include <afire/ssl/pair_loss.hpp>

namespace afire {

template <class S>
struct CorrelationRow {                    // one dimension, one worker
  View<S, 2> c;                            // (C, C): a^T b, then its gradient
  View<S, 1> losses;                       // (C), written
  S per, off, weight;                      // 1 / N, lambda
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index i) const {
    auto const row = c.row(i);
    S const sum = lane.sum_over(c.cols(), [&](Index j) {
      S const r = row(j) * per;
      return j == i ? math::square(r - 1) : off * math::square(r);
    });
    S const step = 2 * weight * per;
    lane.each(c.cols(), [&](Index j) {
      S const r = row(j) * per;
      row(j) = step * (j == i ? r - 1 : off * r);
    });
    lane.once([&] { losses(i) = sum; });
  }
};

struct BarlowTwins {
  double lambda = 0.005;                   // the authors' script has 0.0051
  double eps = 1e-5;
  void validate() const { expects_not_negative("barlow twins: lambda", lambda), expects_positive("barlow twins: eps", eps); }

  template <class S>
  struct Room {
    View<S, 2> a, b, d;                    // (N, C)
    View<S, 2> stats_a, stats_b, sums;     // (2, C)
    View<S, 2> c;                          // (C, C)
    View<S, 1> losses;                     // (C)
    View<S, 2> partial;                    // (column_chunks, C)
  };

  template <class S>
  Room<S> plan(Arena& arena, Index rows, Index width) const {
    auto const scratch = [&](Index n, Index m) { return arena.scratch<S>(n, m); };
    return {scratch(rows, width), scratch(rows, width), scratch(rows, width), scratch(2, width), scratch(2, width), scratch(2, width),
            scratch(width, width), arena.scratch<S>(width), scratch(column_chunks, width)};
  }

  template <class B, class S>
  double operator()(B& be, std::type_identity_t<View<const S, 2>> x,       // (N, C)
                    std::type_identity_t<View<const S, 2>> y,              // (N, C)
                    double weight,
                    View<S, 2> dx,                                         // (N, C), added to
                    std::type_identity_t<View<S, 2>> dy,                   // (N, C), added to; empty: y is a constant
                    Room<S> const& room) const {
    View<const S, 2> const a = room.a, b = room.b, c = room.c;
    batch_norm(be, x, {}, {}, static_cast<S>(eps), room.a, room.stats_a, room.partial);
    batch_norm(be, y, {}, {}, static_cast<S>(eps), room.b, room.stats_b, room.partial);
    gemm(be, transposed(matrix(a)), matrix(b), matrix(room.c), GemmOf<S>{});
    for_each_row(be, x.cols(), CorrelationRow<S>{room.c, room.losses, static_cast<S>(1 / static_cast<double>(x.rows())),
                                                 static_cast<S>(lambda), static_cast<S>(weight)});
    double const loss = sum_of(be, room.losses);
    gemm(be, matrix(b), transposed(matrix(c)), matrix(room.d), GemmOf<S>{});
    through(be, x, room.stats_a, dx, room);
    if (dy) {
      gemm(be, matrix(a), matrix(c), matrix(room.d), GemmOf<S>{});
      through(be, y, room.stats_b, dy, room);
    }
    return loss;
  }

 private:
  template <class B, class S>
  static void through(B& be, View<const S, 2> x, View<S, 2> stats, View<S, 2> dx, Room<S> const& room) {
    batch_norm_backward(be, x, {}, stats, room.d, room.d, {}, {}, room.sums, room.partial);
    add(be, dx, room.d, dx);
  }
};

}  // namespace afire
