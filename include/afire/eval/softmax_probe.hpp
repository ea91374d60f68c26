// afire/eval/softmax_probe.hpp -- a linear probe for one class of several: multinomial logistic regression, in double
//
//   minimise  sum_k |w_k|^2 / 2 + C sum_n - log softmax_y(n)(<w_k, x_n> + b_k);      b is not penalised, its sum is 0
//
//   SoftmaxModel m = fit_softmax(s(train), labels, 3, {.C = 1});            // labels 0 ... K - 1, or negative: unknown, left out
//   Tensor<double, 2> p = m.probabilities(s(test));                         // (N, K)
//
// By eval/newton.hpp, as the probe of two classes (eval/probe.hpp); with K = 2 it is that one with w = w_1 - w_0 and half the penalty.
#pragma once
#include <afire/eval/probe.hpp>

namespace afire {

struct SoftmaxModel {
  Tensor<double, 2> weight;                              // (K, C)
  std::vector<double> bias;                              // (K)
  double objective = 0;
  int iterations = 0;

  Tensor<double, 2> probabilities(View<const double, 2> x) const {            // (N, C)
    Index const K = weight.extent(0), C = weight.extent(1);
    expects(x.cols() == C, "probe: rows of ", x.cols(), " columns, the model has ", C, " weights a class");
    Tensor<double, 2> p(x.rows(), K);
    for (Index n = 0; n < x.rows(); ++n) {
      double top = -HUGE_VAL, sum = 0;
      for (Index k = 0; k < K; ++k) {
        double const *const row = &x(n, 0), *const w = &weight(k, 0);
        p(n, k) = bias[static_cast<std::size_t>(k)] + Scalar().sum_over(C, [=](Index c) { return row[c] * w[c]; });
        top = std::max(top, p(n, k));
      }
      for (Index k = 0; k < K; ++k) sum += p(n, k) = std::exp(p(n, k) - top);
      for (Index k = 0; k < K; ++k) p(n, k) /= sum;
    }
    return p;
  }
};

namespace probe_parts {

struct Softmax {
  View<const double, 2> x;                               // (N, C)
  std::span<int const> label;                            // (N)
  Index K;
  double C;
  std::vector<double> p;                                 // (N, K) at the last gradient's point
  // A vector is K times the C weights and the bias of a class.
  Index stride() const { return x.cols() + 1; }

  template <class F>                                     // f(n, scores of the K classes) for each known row
  void each(Vector const& w, F f) const {
    Vector z(static_cast<std::size_t>(K));
    for (Index n = 0; n < x.rows(); ++n) {
      if (label[static_cast<std::size_t>(n)] < 0) continue;
      double const* const row = &x(n, 0);
      for (Index k = 0; k < K; ++k) {
        double const* const of_class = w.data() + k * stride();
        z[static_cast<std::size_t>(k)] = of_class[x.cols()] + Scalar().sum_over(x.cols(), [=](Index c) { return row[c] * of_class[c]; });
      }
      f(n, z);
    }
  }
  static double log_sum(Vector const& z) {
    double const top = *std::max_element(z.begin(), z.end());
    double sum = 0;
    for (double const v : z) sum += std::exp(v - top);
    return top + std::log(sum);
  }
  void add(Vector& to, Index k, double by, Index n) const {
    double* const t = to.data() + k * stride();
    double const* const row = &x(n, 0);
    Scalar().each(x.cols(), [&](Index c) { t[c] += by * row[c]; });
    t[x.cols()] += by;
  }
  Vector penalty(Vector const& w) const {                // its gradient, and its product with a vector
    Vector g = w;
    for (Index k = 0; k < K; ++k) g[static_cast<std::size_t>(k * stride() + x.cols())] = 0;
    return g;
  }

  double value(Vector const& w) const {
    double sum = 0;
    each(w, [&](Index n, Vector const& z) { sum += log_sum(z) - z[static_cast<std::size_t>(label[static_cast<std::size_t>(n)])]; });
    return C * sum + dot(w, penalty(w)) / 2;
  }
  Vector gradient(Vector const& w) {
    Vector g = penalty(w);
    each(w, [&](Index n, Vector const& z) {
      double const all = log_sum(z);
      for (Index k = 0; k < K; ++k) {
        double const pk = p[static_cast<std::size_t>(n * K + k)] = std::exp(z[static_cast<std::size_t>(k)] - all);
        add(g, k, C * (pk - (k == label[static_cast<std::size_t>(n)])), n);
      }
    });
    return g;
  }
  Vector hessian_times(Vector const& v) const {
    Vector h = penalty(v);
    each(v, [&](Index n, Vector const& u) {
      double mean = 0;
      for (Index k = 0; k < K; ++k) mean += p[static_cast<std::size_t>(n * K + k)] * u[static_cast<std::size_t>(k)];
      for (Index k = 0; k < K; ++k) add(h, k, C * p[static_cast<std::size_t>(n * K + k)] * (u[static_cast<std::size_t>(k)] - mean), n);
    });
    return h;
  }
};

}  // namespace probe_parts

inline SoftmaxModel fit_softmax(View<const double, 2> x,                      // (N, C)
                                std::span<int const> label, Index classes, LogisticHow how = {}) {
  expects(static_cast<std::size_t>(x.rows()) == label.size(), "probe: ", x.rows(), " rows, but ", label.size(), " labels");
  expects(how.C > 0, "probe: C is ", how.C, "; it must be positive");
  expects(classes >= 2, "probe: ", classes, " classes; at least two are needed");
  for (double const v : x) expects(std::isfinite(v), "probe: a feature is ", v);
  for (int const l : label) expects(l < classes, "probe: a label is ", l, " of ", classes, " classes");
  probe_parts::Softmax problem{x, label, classes, how.C, std::vector<double>(static_cast<std::size_t>(x.rows() * classes))};
  newton::Vector w(static_cast<std::size_t>(classes * problem.stride()));
  auto const end = newton::minimise(problem, w, how.tolerance * (1 + how.C * static_cast<double>(x.rows())), how.iterations);
  SoftmaxModel model{.weight = Tensor<double, 2>(classes, x.cols()), .bias = {}, .objective = end.value, .iterations = end.iterations};
  for (Index k = 0; k < classes; ++k) {
    double const* const of_class = w.data() + k * problem.stride();
    std::copy_n(of_class, x.cols(), &model.weight(k, 0));
    model.bias.push_back(of_class[x.cols()]);
  }
  double mean = 0;                                       // no probability sees a number added to every bias
  for (double const b : model.bias) mean += b / static_cast<double>(classes);
  for (double& b : model.bias) b -= mean;
  return model;
}

}  // namespace afire
