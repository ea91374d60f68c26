// afire/ssl/negative_cosine.hpp -- a prediction points where the other view does: no negatives (SimSiam, eq. 1; BYOL, eq. 2)
//
//   loss = 1 / N  sum_n  offset - factor cos(x_n, y_n);         dx = - factor / N (y / |y| - cos x / |x|) / |x|
//
//   simsiam_cosine: factor 1/2, offset 0;     byol_cosine: factor 2, offset 2, which is |x / |x| - y / |y||^2
//
//   symmetric(be, simsiam_cosine, p0, p1, z0, z1, weight, dp0, dp1, {}, {}, room);          // z are constants: stop-gradient
#pragma once
#include <afire/core/arena.hpp>
#include <afire/op/math.hpp>
#include <afire/op/sum.hpp>
#include <afire/ssl/pair_loss.hpp>

namespace afire {

template <class S>
struct NegativeCosineRow {                 // one pair, one worker
  View<const S, 2> x, y;                   // (N, C)
  View<S, 2> dx, dy;                       // (N, C), added to; dy empty: y is a constant
  View<S, 1> losses;                       // (N), written: the cosine
  S step;                                  // weight factor / N
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index n) const {
    Index const C = x.cols();
    auto const length = [](S square) {
      S const norm = math::sqrt(square);
      return norm < S(1e-12) ? S(1e-12) : norm;
    };
    S const rx = 1 / length(lane.sum_over(C, [&](Index c) { return math::square(x(n, c)); }));
    S const ry = 1 / length(lane.sum_over(C, [&](Index c) { return math::square(y(n, c)); }));
    S const cosine = lane.sum_over(C, [&](Index c) { return x(n, c) * rx * (y(n, c) * ry); });
    lane.each(C, [&](Index c) { dx(n, c) -= step * rx * (y(n, c) * ry - cosine * (x(n, c) * rx)); });
    if (dy) lane.each(C, [&](Index c) { dy(n, c) -= step * ry * (x(n, c) * rx - cosine * (y(n, c) * ry)); });
    lane.once([&] { losses(n) = cosine; });
  }
};

// The loss of N pairs; factor and offset as in the formula.
struct NegativeCosine {
  double factor = 1, offset = 0;
  void validate() const {
    expects_positive("negative cosine: the factor", factor);
    expects(-1e300 < offset && offset < 1e300, "negative cosine: the offset is ", offset, "; a number is needed");
  }

  template <class S>
  struct Room {
    View<S, 1> losses;                     // (N)
  };

  template <class S>
  Room<S> plan(Arena& arena, Index rows, Index) const { return {arena.scratch<S>(rows)}; }

  template <class B, class S>
  double operator()(B& be, std::type_identity_t<View<const S, 2>> x,       // (N, C)
                    std::type_identity_t<View<const S, 2>> y,              // (N, C)
                    double weight,
                    View<S, 2> dx,                                         // (N, C), added to
                    std::type_identity_t<View<S, 2>> dy,                   // (N, C), added to; empty: y is a constant
                    Room<S> const& room) const {
    double const share = factor / static_cast<double>(x.rows());
    for_each_row(be, x.rows(), NegativeCosineRow<S>{x, y, dx, dy, room.losses, static_cast<S>(weight * share)});
    return offset - share * sum_of(be, room.losses);
  }
};

inline constexpr NegativeCosine simsiam_cosine{.factor = 0.5};
inline constexpr NegativeCosine byol_cosine{.factor = 2, .offset = 2};

}  // namespace afire
