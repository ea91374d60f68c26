// afire/ssl/restoration.hpp -- how far the decoder's film is from the clean one: by default the mean squared error
//
//   loss = sum over patches of w mean over their pixels and channels of (R - X)^2  /  sum over patches of w
//
//   Everywhere:  w = 1                                             (spec 2.8: the released choice)
//   Lesions:     w = 1 where the patch was changed or hidden, else 0                       (spec Q18; MAE, SimMIM)
//   Weighted:    w = lesion where it was changed, else elsewhere                           (spec Q18)
//
//   another distance in place of the square: Absolute, SmoothL1, Huber                   (op/distance.hpp; SimMIM restores with Absolute)
//   another target in place of X: PatchNormalised, (X - mean) / sqrt(var + 1e-6) of each patch, var with n - 1       (MAE's norm_pix)
//
//   1.0 * Restoration<Everywhere>{}         Restoration<Lesions, Absolute, PatchNormalised>{}
//   Restoration<Weighted>{.where = {.lesion = 5}}
//
// The target is read from the film itself, so no target tensor exists.
#pragma once
#include <afire/op/distance.hpp>
#include <afire/op/math.hpp>
#include <afire/op/sum.hpp>
#include <afire/ssl/objective.hpp>

namespace afire {

struct Everywhere {                        // what a patch counts for
  static constexpr double lesion = 1, elsewhere = 1;
};
struct Lesions {
  static constexpr double lesion = 1, elsewhere = 0;
};
struct Weighted {                          // what was changed more than the rest, so that it does not drown in it
  double lesion = 5, elsewhere = 1;
  void validate() const {
    expects_not_negative("restoration: the weight of lesions", lesion);
    expects_not_negative("restoration: the weight elsewhere", elsewhere);
    expects(lesion + elsewhere > 0, "restoration: both weights are 0; there is nothing to restore");
  }
};

struct PixelsThemselves {                  // what is restored
  static constexpr bool normalised = false;
};
struct PatchNormalised {
  static constexpr bool normalised = true;
};

template <class T, class Pixels, class Distance = Squared, class Target = PixelsThemselves>
struct RestorationRow {                    // one patch, one worker
  Pixels clean;
  View<const T, 3> patches;                // (B, 1 + L, P P channels)
  View<const unsigned char, 2> lesion;     // (B, L)
  View<T, 3> d_patches;                    // (B, 1 + L, P P channels), added to
  View<Accum<T>, 1> losses;                // (B L), written
  Index patch, channels, grid;
  Accum<T> slope;                          // 2 weight / (sum of w, in pixels)
  Accum<T> of_lesion, elsewhere;           // w
  Distance distance = {};
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index n) const {
    using S = Accum<T>;
    Index const L = lesion.cols(), b = n / L, j = n % L, row = patches.extent[1] - L + j, top = j / grid * patch, left = j % grid * patch;
    S const w = lesion(b, j) ? of_lesion : elsewhere;
    if (w == 0) {
      lane.once([&] { losses(n) = 0; });
      return;
    }
    auto const pixel = [&](Index i) { return clean(b, i % channels, top + i / channels / patch, left + i / channels % patch); };
    S mean = 0, rstd = 1;
    if constexpr (Target::normalised) {
      S const count = static_cast<S>(patches.cols());
      mean = lane.sum_over(patches.cols(), [&](Index i) { return static_cast<S>(pixel(i)); }) / count;
      S const squares = lane.sum_over(patches.cols(), [&](Index i) { return math::square(static_cast<S>(pixel(i)) - mean); });
      rstd = 1 / math::sqrt(squares / (count - 1) + S(1e-6));
    }
    auto const difference = [&](Index i) {
      if constexpr (Target::normalised) return wide(patches(b, row, i)) - (static_cast<S>(pixel(i)) - mean) * rstd;
      else return static_cast<S>(wide(patches(b, row, i)) - pixel(i));
    };
    S const sum = lane.sum_over(patches.cols(), [&](Index i) { return distance.value(difference(i)); });
    lane.each(patches.cols(), [&](Index i) {
      d_patches(b, row, i) = T(wide(d_patches(b, row, i)) + w * slope * (distance.slope(difference(i)) / 2));
    });
    lane.once([&] { losses(n) = w * sum; });
  }
};

template <class Where = Everywhere, class Distance = Squared, class Target = PixelsThemselves>
struct Restoration {
  Distance distance = {};
  Where where = {};
  static constexpr Needs needs{.film = true};

  template <class T>
  struct State {
    View<Accum<T>, 1> losses;              // (B L) scratch
    template <class F>
    void visit(F&&) {}
  };

  template <class T>
  State<T> plan(Arena& arena, Sizes z) const {
    return validated(distance), validated(where), State<T>{arena.keep<Accum<T>>(z.batch * z.tokens)};
  }
  template <class B, class S, class V>
  void observe(B&, S&, V) const {}
  template <class B, class S>
  void settle(B&, S&, Moment const&) const {}
  template <class B, class S>
  void refresh(B&, S&) const {}

  template <class B, class T, class Pixels>
  double evaluate(B& be, State<T>& s, Outputs<T> const& out, Micro<Pixels> const& batch, Terms& terms, double weight = 1) const {
    using S = Accum<T>;
    double const counted = where.lesion * static_cast<double>(batch.lesions) + where.elsewhere * static_cast<double>(batch.normal);
    if (counted == 0) return 0;
    Index const N = batch.lesion.size(), channels = batch.channels, patch = batch.patch;
    double const share = 1 / (counted * static_cast<double>(out.patches.cols()));
    auto const losses = s.losses.slice(0, N);
    using Row = RestorationRow<T, Pixels, Distance, Target>;
    for_each_row(be, N, Row{batch.clean, out.patches, batch.lesion, out.d_patches, losses, patch, channels, batch.grid,
                            static_cast<S>(2 * weight * share), static_cast<S>(where.lesion), static_cast<S>(where.elsewhere), distance});
    double const loss = sum_of(be, losses) * share;
    terms["restoration"] += loss;
    return weight * loss;
  }
};

}  // namespace afire
