// afire/eval/probe.hpp -- linear probe: how much of a label lies in the features as they are? Logistic regression, in double
//
//   minimise  |w|^2 / 2 + C sum_n log(1 + exp(-y_n (<w, x_n> + b))),    y = -1 or 1;  b is not penalised
//
//   Standardise s(train);                                       // mean 0, deviation 1 per column, learnt from the training rows only
//   LogisticModel m = fit_logistic(s(train), labels, {.C = 1}); // labels 0, 1, or NaN for unknown: left out
//   std::vector<double> logit = m(s(test));                     // larger: rather 1;   probability(logit)
//   LogisticModel m = fit_logistic(gpu, s(train), labels, ...); // the same on a backend: eval/probe_on.hpp
//
// By eval/newton.hpp. The problem is strictly convex in w, so there is one answer and it does not depend on a seed.
#pragma once
#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include <afire/core/bf16.hpp>
#include <afire/eval/newton.hpp>
#include <afire/core/tensor.hpp>

namespace afire {

class Standardise {
 public:
  template <class T>
  explicit Standardise(View<T, 2> x)                     // (N, C)
      : mean_(static_cast<std::size_t>(x.cols())), scale_(mean_.size()) {
    expects(x.rows() > 0, "standardise: no rows");
    double const n = static_cast<double>(x.rows());
    std::vector<double> squares(mean_.size());
    each(x, [&](std::size_t c, double v) { mean_[c] += v / n; });
    each(x, [&](std::size_t c, double v) { squares[c] += (v - mean_[c]) * (v - mean_[c]) / n; });
    for (std::size_t c = 0; c < mean_.size(); ++c) {     // a column that is constant, but for rounding, says nothing: it becomes 0
      double const deviation = std::sqrt(squares[c]);
      scale_[c] = deviation > 1e-12 * std::fabs(mean_[c]) ? 1 / deviation : 0;
    }
  }

  template <class T>
  Tensor<double, 2> operator()(View<T, 2> x) const {     // (N, C)
    expects(static_cast<std::size_t>(x.cols()) == mean_.size(), "standardise: rows of ", x.cols(), " columns, where ", mean_.size(),
            " were learnt");
    Tensor<double, 2> y(x.rows(), x.cols());
    double* to = y.data();
    each(x, [&](std::size_t c, double v) { *to++ = (v - mean_[c]) * scale_[c]; });
    return y;
  }

 private:
  template <class T, class F>
  static void each(View<T, 2> x, F f) {
    for (Index n = 0; n < x.rows(); ++n)
      for (Index c = 0; c < x.cols(); ++c) f(static_cast<std::size_t>(c), static_cast<double>(wide(x(n, c))));
  }

  std::vector<double> mean_, scale_;                     // (C)
};

AFIRE_HD inline double probability(double logit) {
  return logit >= 0 ? 1 / (1 + std::exp(-logit)) : std::exp(logit) / (1 + std::exp(logit));
}

struct LogisticHow {                       // the fit; scikit-learn's meaning of C
  double C = 1;                                          // weight of the data against the penalty
  double tolerance = 1e-11;                              // largest gradient element at the end, relative to 1 + C N
  int iterations = 100;
};

struct LogisticModel {
  std::vector<double> weight;                            // (C)
  double bias = 0, objective = 0;
  int iterations = 0;

  std::vector<double> operator()(View<const double, 2> x) const {             // (N, C)
    expects(static_cast<std::size_t>(x.cols()) == weight.size(), "probe: rows of ", x.cols(), " columns, the model has ",
            weight.size(), " weights");
    std::vector<double> logit;
    for (Index n = 0; n < x.rows(); ++n) {
      double const* const row = &x(n, 0);
      logit.push_back(bias + Scalar().sum_over(x.cols(), [&](Index c) { return row[c] * weight[static_cast<std::size_t>(c)]; }));
    }
    return logit;
  }
};

namespace probe_parts {

using newton::dot, newton::Vector;                       // (C + 1): the weights, then the bias

struct Logistic {
  View<const double, 2> x;                               // (N, C)
  std::vector<double> sign;                              // (N): -1, 1, or 0 for unknown
  double C;
  std::vector<double> curvature;                         // (N): C p (1 - p) at the last point

  template <class F>                                     // f(n, <w, x_n> + b, row) for each known row
  void each(Vector const& w, F f) const {
    double const* const weight = w.data();
    for (Index n = 0; n < x.rows(); ++n) {
      if (sign[static_cast<std::size_t>(n)] == 0) continue;
      double const* const row = &x(n, 0);
      f(static_cast<std::size_t>(n), w.back() + Scalar().sum_over(x.cols(), [=](Index c) { return row[c] * weight[c]; }), row);
    }
  }
  void add(Vector& to, double by, double const* row) const {
    double* const t = to.data();
    Scalar().each(x.cols(), [&](Index c) { t[c] += by * row[c]; });
    to.back() += by;
  }

  double value(Vector const& w) const {
    double sum = 0;
    each(w, [&](std::size_t n, double z, double const*) {
      double const m = sign[n] * z;
      sum += m > 0 ? std::log1p(std::exp(-m)) : std::log1p(std::exp(m)) - m;
    });
    return C * sum + (dot(w, w) - w.back() * w.back()) / 2;
  }
  Vector gradient(Vector const& w) {
    Vector g = w;
    g.back() = 0;
    each(w, [&](std::size_t n, double z, double const* row) {
      double const miss = probability(-sign[n] * z);     // probability given to the wrong class
      curvature[n] = C * miss * (1 - miss);
      add(g, -C * sign[n] * miss, row);
    });
    return g;
  }
  Vector hessian_times(Vector const& v) const {
    Vector h = v;
    h.back() = 0;
    each(v, [&](std::size_t n, double z, double const* row) { add(h, curvature[n] * z, row); });
    return h;
  }
};

// -1 or 1 for each label, 0 where it is unknown; throws where there is nothing to fit.
inline std::vector<double> signs(View<const double, 2> x, std::span<double const> label, LogisticHow const& how) {
  expects(static_cast<std::size_t>(x.rows()) == label.size(), "probe: ", x.rows(), " rows, but ", label.size(), " labels");
  expects(how.C > 0, "probe: C is ", how.C, "; it must be positive");
  for (double const v : x) expects(std::isfinite(v), "probe: a feature is ", v);
  std::vector<double> sign;
  bool has[2] = {};
  for (double const l : label) {
    expects(l == 0 || l == 1 || std::isnan(l), "probe: a label is ", l, "; it must be 0, 1, or NaN for unknown");
    sign.push_back(std::isnan(l) ? 0 : 2 * l - 1);
    if (!std::isnan(l)) has[l == 1] = true;
  }
  expects(has[0] && has[1], "probe: all labels are the same; there is nothing to learn");
  return sign;
}

// fitted: the model at the minimum of a problem in w and b.
template <class Problem>
LogisticModel fitted(Problem& problem, View<const double, 2> x, LogisticHow const& how) {
  Vector w(static_cast<std::size_t>(x.cols()) + 1);
  auto const end = newton::minimise(problem, w, how.tolerance * (1 + how.C * static_cast<double>(x.rows())), how.iterations);
  LogisticModel model;
  model.iterations = end.iterations;
  model.bias = w.back(), model.objective = end.value;
  w.pop_back();
  model.weight = std::move(w);
  return model;
}

}  // namespace probe_parts

inline LogisticModel fit_logistic(View<const double, 2> x,                    // (N, C)
                                  std::span<double const> label, LogisticHow how = {}) {
  probe_parts::Logistic problem{x, probe_parts::signs(x, label, how), how.C, std::vector<double>(label.size())};
  return probe_parts::fitted(problem, x, how);
}

}  // namespace afire
