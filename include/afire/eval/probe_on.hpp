// afire/eval/probe_on.hpp -- the linear probe on a backend: the features stay there, a vector of weights goes and one comes back
//
//   LogisticModel m = fit_logistic(gpu, s(train), labels, {.C = 1});       // as fit_logistic(s(train), labels, {.C = 1})
//
// With z_n = <w, x_n> + b and p_n the probability given to the wrong class:
//
//   gradient    w + sum_n -C y_n p_n (x_n, 1)               a row, a worker for z and p; then sums down the columns
//   H v         v + sum_n C p_n (1 - p_n) (<v, x_n> + v_b) (x_n, 1)         the same twice: each product reads the features two times
//
// Newton's steps and conjugate gradients are eval/newton.hpp's, on the host. Sums are cut otherwise than by eval/probe.hpp: the answer is
// the same but for rounding, and the same bits each time.
#pragma once
#include <afire/core/backend.hpp>
#include <afire/eval/probe.hpp>
#include <afire/op/column_sum.hpp>

namespace afire {

namespace probe_parts {

// <w, x_n> + b of a row. w: (C + 1).
template <class Lane>
AFIRE_HD double margin(Lane const& lane, View<const double, 2> x, View<const double, 1> w, Index n) {
  double const *const row = &x(n, 0), *const weight = w.data;
  return weight[x.cols()] + lane.sum_over(x.cols(), [=](Index c) { return row[c] * weight[c]; });
}

struct LogisticRow {                       // what a row has to say at w
  static constexpr bool calculates = true;
  View<const double, 2> x;                 // (N, C)
  View<const double, 1> w, sign;           // (C + 1), (N)
  double C;
  View<double, 1> loss;                    // (N), written, or empty: log(1 + exp(-y z)), 0 where y is unknown
  View<double, 1> by, curvature;           // (N), written, or empty: of the row in the gradient and in H

  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index n) const {
    double const y = sign(n), m = y * margin(lane, x, w, n), miss = y != 0 ? probability(-m) : 0;
    lane.once([&] {
      if (loss) loss(n) = y == 0 ? 0 : m > 0 ? std::log1p(std::exp(-m)) : std::log1p(std::exp(m)) - m;
      if (by) by(n) = -C * y * miss, curvature(n) = C * miss * (1 - miss);
    });
  }
};

struct CurvatureRow {                      // by = curvature (<v, x_n> + v_b)
  static constexpr bool calculates = true;
  View<const double, 2> x;                 // (N, C)
  View<const double, 1> v, curvature;      // (C + 1), (N)
  View<double, 1> by;                      // (N), written

  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index n) const {
    double const z = margin(lane, x, v, n);
    lane.once([&] { by(n) = curvature(n) * z; });
  }
};

struct WeightedRow {                       // f(n, c) = by_n (x_n, 1)_c
  View<const double, 2> x;                 // (N, C)
  View<const double, 1> by;                // (N)
  AFIRE_HD double operator()(Index n, Index c) const { return c < x.cols() ? by(n) * x(n, c) : by(n); }
};

struct OneNumber {                         // f(i) = x_i, for sums
  View<const double, 1> x;
  AFIRE_HD double operator()(Index i) const { return x(i); }
};

// Logistic by a backend's verbs.
template <class B>
class LogisticOn {
 public:
  LogisticOn(B& be, View<const double, 2> x, std::vector<double> const& sign, double C)
      : be_(be), features_(allocate<double>(be, x.size(), "the features")), x_(features_.data(), x.rows(), x.cols()), C_(C),
        w_(allocate<double>(be, x.cols() + 1)), sum_(allocate<double>(be, x.cols() + 1)),
        partial_(allocate<double>(be, column_chunks * (x.cols() + 1))), sign_(allocate<double>(be, x.rows())),
        loss_(allocate<double>(be, x.rows())), by_(allocate<double>(be, x.rows())), curvature_(allocate<double>(be, x.rows())) {
    upload(be, x.data, features_.view());
    upload(be, sign.data(), sign_.view());
  }

  double value(Vector const& w) {
    rows(w, loss_.view(), {}, {});
    return C_ * reduce(be_, x_.rows(), OneNumber{loss_.view()}) + (dot(w, w) - w.back() * w.back()) / 2;
  }
  Vector gradient(Vector const& w) {
    rows(w, {}, by_.view(), curvature_.view());
    return plus_sum(w);
  }
  Vector hessian_times(Vector const& v) const {
    upload(be_, v.data(), w_.view());
    for_each_row(be_, x_.rows(), CurvatureRow{x_, w_.view(), curvature_.view(), by_.view()});
    return plus_sum(v);
  }

 private:
  void rows(Vector const& w, View<double, 1> loss, View<double, 1> by, View<double, 1> curvature) {
    upload(be_, w.data(), w_.view());
    for_each_row(be_, x_.rows(), LogisticRow{x_, w_.view(), sign_.view(), C_, loss, by, curvature});
  }
  // (w, 0) + sum_n by_n (x_n, 1).
  Vector plus_sum(Vector w) const {
    w.back() = 0;
    upload(be_, w.data(), sum_.view());
    View<double, 2> const partial(partial_.data(), column_chunks, sum_.size());
    add_column_sums(be_, x_.rows(), WeightedRow{x_, by_.view()}, sum_.view(), partial);
    download(be_, sum_.view(), w.data());
    return w;
  }

  B& be_;
  Buffer<double> features_;                              // (N C)
  View<const double, 2> x_;                              // (N, C)
  double C_;
  Buffer<double> w_, sum_, partial_;                     // (C + 1), (C + 1), (column_chunks (C + 1))
  Buffer<double> sign_, loss_, by_, curvature_;          // (N)
};

}  // namespace probe_parts

template <class B>
LogisticModel fit_logistic(B& be, View<const double, 2> x,                    // (N, C)
                           std::span<double const> label, LogisticHow how = {}) {
  probe_parts::LogisticOn<B> problem(be, x, probe_parts::signs(x, label, how), how.C);
  return probe_parts::fitted(problem, x, how);
}

}  // namespace afire
