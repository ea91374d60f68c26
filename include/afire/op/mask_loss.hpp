// afire/op/mask_loss.hpp -- losses of a map of logits against a mask of 0 and 1: focal and Dice
//
//   p = sigmoid(z), or of z1 - z0 where a map has two channels, the background first (that is softmax's second channel)
//   focal:  mean over pixels of - a_t (1 - p_t)^g log p_t,  p_t = p at 1, 1 - p at 0;  a_t = a at 1, 1 - a at 0, or 1  (Lin et al., 2017)
//   Dice:   mean over films of 1 - (2 sum p y + s) / (sum p + sum y + s),  or with sums of p^2                     (Milletari et al., 2016)
//
//   double loss = Focal{.alpha = 0.25, .gamma = 2}(be, logits, mask, d_logits, losses);
//   double loss = Dice{.squared = true}(be, logits, mask, d_logits, losses);
//
//   logits, d_logits: (B, 1 or 2, pixels);   mask: (B, pixels);   d_logits is written, losses (B): each film's
#pragma once
#include <cmath>

#include <afire/op/math.hpp>
#include <afire/op/sum.hpp>

namespace afire {

template <class T>
struct MaskLogits {                        // one film's channel or two, seen as one
  View<const T, 3> z;                      // (B, 1 or 2, pixels)
  View<T, 3> dz;                           // written
  AFIRE_HD Accum<T> operator()(Index b, Index i) const {
    return z.extent[1] == 1 ? wide(z(b, 0, i)) : wide(z(b, 1, i)) - wide(z(b, 0, i));
  }
  AFIRE_HD void give(Index b, Index i, Accum<T> d) const {
    dz(b, dz.extent[1] - 1, i) = T(d);
    if (dz.extent[1] == 2) dz(b, 0, i) = T(-d);
  }
};

template <class T>
struct FocalRow {                          // one film, one worker
  using S = Accum<T>;
  MaskLogits<T> logits;
  View<const unsigned char, 2> mask;       // (B, pixels)
  View<S, 1> losses;                       // (B)
  S at_one, at_zero, gamma, share;         // a_t at 1 and at 0; 1 / (B pixels)
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index b) const {
    Index const pixels = mask.cols();
    auto const toward = [&](Index i) { return mask(b, i) ? logits(b, i) : -logits(b, i); };          // p_t = sigmoid of it
    auto const a = [&](Index i) { return mask(b, i) ? at_one : at_zero; };
    S const sum = lane.sum_over(pixels, [&](Index i) {
      S const v = toward(i);
      return a(i) * math::exp(-gamma * math::softplus(v)) * math::softplus(-v);
    });
    lane.each(pixels, [&](Index i) {       // d (1-p)^g = - g p (1-p)^g,   d (-log p) = - (1-p)
      S const v = toward(i), p = math::sigmoid(v);
      S const d = -a(i) * math::exp(-gamma * math::softplus(v)) * (gamma * p * math::softplus(-v) + 1 - p);
      logits.give(b, i, share * (mask(b, i) ? d : -d));
    });
    lane.once([&] { losses(b) = sum / static_cast<S>(pixels); });
  }
};

template <class T>
struct DiceRow {                           // one film, one worker
  using S = Accum<T>;
  MaskLogits<T> logits;
  View<const unsigned char, 2> mask;       // (B, pixels)
  View<S, 1> losses;                       // (B)
  S smooth, share;                         // s; 1 / B
  bool squared;
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index b) const {
    Index const pixels = mask.cols();
    auto const p = [&](Index i) { return math::sigmoid(logits(b, i)); };
    S const both = lane.sum_over(pixels, [&](Index i) { return mask(b, i) ? p(i) : S(0); });
    S const of_p = lane.sum_over(pixels, [&](Index i) { return squared ? p(i) * p(i) : p(i); });
    S const of_y = lane.sum_over(pixels, [&](Index i) { return mask(b, i) ? S(1) : S(0); });
    S const over = 2 * both + smooth, under = of_p + of_y + smooth;
    lane.each(pixels, [&](Index i) {
      S const q = p(i), slope = ((mask(b, i) ? 2 * under : S(0)) - over * (squared ? 2 * q : S(1))) / (under * under);
      logits.give(b, i, -share * slope * q * (1 - q));
    });
    lane.once([&] { losses(b) = 1 - over / under; });
  }
};

struct Focal {
  double alpha = 0.25;                     // of pixels in the mask; negative: no such weight
  double gamma = 2;

  template <class B, class T>
  double operator()(B& be, std::type_identity_t<View<const T, 3>> logits,              // (B, 1 or 2, pixels)
                    View<const unsigned char, 2> mask,                                 // (B, pixels)
                    View<T, 3> d_logits,                                               // (B, 1 or 2, pixels), written
                    View<Accum<T>, 1> losses) const {                                  // (B), written
    using S = Accum<T>;
    bool const weighed = alpha >= 0;
    S const at_one = static_cast<S>(weighed ? alpha : 1), at_zero = static_cast<S>(weighed ? 1 - alpha : 1);
    for_each_row(be, mask.rows(), FocalRow<T>{{logits, d_logits}, mask, losses, at_one, at_zero, static_cast<S>(gamma),
                                              1 / static_cast<S>(mask.size())});
    return sum_of(be, losses) / static_cast<double>(mask.rows());
  }
};

struct Dice {
  double smooth = 1;                       // s
  bool squared = false;

  template <class B, class T>
  double operator()(B& be, std::type_identity_t<View<const T, 3>> logits,              // (B, 1 or 2, pixels)
                    View<const unsigned char, 2> mask,                                 // (B, pixels)
                    View<T, 3> d_logits,                                               // (B, 1 or 2, pixels), written
                    View<Accum<T>, 1> losses) const {                                  // (B), written
    using S = Accum<T>;
    for_each_row(be, mask.rows(), DiceRow<T>{{logits, d_logits}, mask, losses, static_cast<S>(smooth),
                                             1 / static_cast<S>(mask.rows()), squared});
    return sum_of(be, losses) / static_cast<double>(mask.rows());
  }
};

}  // namespace afire
