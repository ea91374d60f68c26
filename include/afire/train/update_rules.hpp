// afire/train/update_rules.hpp -- AdamW, Adam, SGD, LARS and Lion, one element at a time
//
//   AdamW (Loshchilov & Hutter, 2019):  w *= 1 - lr wd;  m = b1 m + (1-b1) g;  v = b2 v + (1-b2) g^2;
//                                       w -= lr / (1 - b1^t) * m / (sqrt(v / (1 - b2^t)) + eps)
//   Adam (Kingma & Ba, 2015):  the same with g + wd w in place of g and without the first product: decay is part of the gradient
//   SGD:    u = g + wd w;  m = mu m + u (m = u at the first step);  w -= lr m, or lr (u + mu m) with Nesterov's momentum
//   LARS (You et al., 2017; DINO's form):  matrices: u = q (g + wd w), q = eta |w| / |g + wd w|;  others: u = g;  m = mu m + u;  w -= lr m
//   Lion (Chen et al., 2023):  w *= 1 - lr wd;  w -= lr sign(b1 m + (1-b1) g);  m = b2 m + (1-b2) g
//
// A rule is  update(w, g, m, v, tensor)  with g clipped already, and  prepare(tensor, t, lr)  once a tensor and step.
#pragma once
#include <cmath>

#include <afire/core/error.hpp>
#include <afire/op/math.hpp>

namespace afire {

// What a step means for one tensor.
template <class S>
struct TensorStep {
  S clip, lr, decay, trust;
  S rate, root;                            // AdamW: lr / (1 - b1^t), 1 / sqrt(1 - b2^t)
  bool frozen, matrix;
};

// Throws unless 0 <= value < 1: what an average keeps of itself.
inline void expects_below_one(char const* name, double value) {
  expects(0 <= value && value < 1, name, " is ", value, "; it must lie in 0 ... 1, without 1");
}

struct AdamW {
  double lr = 5e-4;                        // base rate for 256 films a step
  double b1 = 0.9, b2 = 0.999, eps = 1e-8;
  static constexpr int moments = 2;
  static constexpr bool needs_weight_norms = false;

  void validate() const {
    expects_below_one("adam: b1", b1), expects_below_one("adam: b2", b2);
    expects_positive("adam: eps", eps);
  }
  template <class S>
  void prepare(TensorStep<S>& t, Index step, double rate) const {
    double const n = static_cast<double>(step < 1 ? 1 : step);
    t.rate = static_cast<S>(rate / (1 - std::pow(b1, n)));
    t.root = static_cast<S>(1 / std::sqrt(1 - std::pow(b2, n)));
  }
  template <class S>
  AFIRE_HD void update(S& w, S g, S* m, S* v, TensorStep<S> const& t) const {
    S const a = static_cast<S>(b1), b = static_cast<S>(b2);
    *m = a * *m + (1 - a) * g;
    *v = b * *v + (1 - b) * g * g;
    w = w * (1 - t.lr * t.decay) - t.rate * *m / (math::fast_sqrt(*v) * t.root + static_cast<S>(eps));
  }
};

struct Adam : AdamW {
  template <class S>
  AFIRE_HD void update(S& w, S g, S* m, S* v, TensorStep<S> t) const {
    S const with_decay = g + t.decay * w;
    t.decay = 0;
    AdamW::update(w, with_decay, m, v, t);
  }
};

// With momentum, or without (0).
struct Sgd {
  double lr = 0.05;
  double momentum = 0.9;
  bool nesterov = false;
  static constexpr int moments = 1;
  static constexpr bool needs_weight_norms = false;

  void validate() const { expects_below_one("sgd: the momentum", momentum); }
  template <class S>
  void prepare(TensorStep<S>&, Index, double) const {}
  template <class S>
  AFIRE_HD void update(S& w, S g, S* m, S*, TensorStep<S> const& t) const {
    S const mu = static_cast<S>(momentum), u = g + t.decay * w;
    *m = mu * *m + u;
    w -= t.lr * (nesterov ? u + mu * *m : *m);
  }
};

struct Lion {
  double lr = 1e-4;                        // a third to a tenth of AdamW's
  double b1 = 0.9, b2 = 0.99;
  static constexpr int moments = 1;
  static constexpr bool needs_weight_norms = false;

  void validate() const {
    expects_below_one("lion: b1", b1), expects_below_one("lion: b2", b2);
  }
  template <class S>
  void prepare(TensorStep<S>&, Index, double) const {}
  template <class S>
  AFIRE_HD void update(S& w, S g, S* m, S*, TensorStep<S> const& t) const {
    S const a = static_cast<S>(b1), b = static_cast<S>(b2), toward = a * *m + (1 - a) * g;
    w = w * (1 - t.lr * t.decay) - t.lr * (toward > 0 ? S(1) : toward < 0 ? S(-1) : S(0));
    *m = b * *m + (1 - b) * g;
  }
};

// SGD whose rate of a matrix follows the ratio of its length to its gradient's; eta: that ratio's share.
struct Lars {
  double lr = 0.5;
  double momentum = 0.9, eta = 0.001;
  static constexpr int moments = 1;
  static constexpr bool needs_weight_norms = true;

  void validate() const { expects_below_one("lars: the momentum", momentum), expects_positive("lars: eta", eta); }
  template <class S>
  void prepare(TensorStep<S>&, Index, double) const {}
  double trust(double weight_norm, double update_norm, bool matrix) const {
    return matrix && weight_norm > 0 && update_norm > 0 ? eta * weight_norm / update_norm : 1.0;
  }
  template <class S>
  AFIRE_HD void update(S& w, S g, S* m, S*, TensorStep<S> const& t) const {
    S const u = t.matrix ? t.trust * (g + t.decay * w) : g;
    *m = static_cast<S>(momentum) * *m + u;
    w -= t.lr * *m;
  }
};

}  // namespace afire
