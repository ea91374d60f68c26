// afire/eval/covariance.hpp -- count, mean and covariance of rows that come in parts
//
//   scatter = sum_n (x_n - mean)(x_n - mean)'     two parts a, b join by scatter_a + scatter_b + (N_a N_b / N) d d',   d = mean_b - mean_a
//
//   Covariance c(192);   c.add(tokens);   c.add(more);          // (N, C) of float, double or bf16
//   Tensor<double, 2> m = c.matrix();                    // divisor N - 1
//
// Rows are centred before they are squared, so a large mean costs no digits; all sums are kept in double.
#pragma once
#include <algorithm>
#include <vector>

#include <afire/core/bf16.hpp>
#include <afire/core/lane.hpp>
#include <afire/core/tensor.hpp>

namespace afire {

class Covariance {
 public:
  explicit Covariance(Index columns) : mean_(columns), scatter_(columns, columns), block_(block_rows, columns), delta_(columns) {}

  Index count() const { return count_; }
  View<const double, 1> mean() const { return mean_; }                         // (C)
  View<const double, 2> scatter() const { return scatter_; }                   // (C, C)

  template <class T>
  void add(View<T, 2> x) {                                                     // (N, C)
    add_rows(x, x.rows(), [](Index n) { return n; });
  }

  // Rows row(0) ... row(n - 1) of x.
  template <class T, class Row>
  void add_rows(View<T, 2> x, Index n, Row row) {
    expects(x.cols() == mean_.size(), "covariance: rows of ", x.cols(), " columns, where ", mean_.size(), " were announced");
    for (Index first = 0; first < n; first += block_rows) {
      Index const rows = std::min(block_rows, n - first);
      for (Index r = 0; r < rows; ++r) {
        T* const from = &x(row(first + r), 0);
        double* const to = &block_(r, 0);
        Scalar().each(x.cols(), [&](Index c) { to[c] = static_cast<double>(wide(from[c])); });
      }
      join(rows);
    }
  }

  Tensor<double, 2> matrix() const {
    expects(count_ >= 2, "covariance: ", count_, " rows have none; it takes 2");
    Tensor<double, 2> c(mean_.size(), mean_.size());
    std::transform(scatter_.begin(), scatter_.end(), c.begin(), [&](double s) { return s / static_cast<double>(count_ - 1); });
    return c;
  }

 private:
  static constexpr Index block_rows = 128;

  // The block's first `rows` rows join what is known.
  void join(Index rows) {
    Index const C = mean_.size();
    Scalar const lane;
    double *const delta = delta_.data(), *const mean = mean_.data();
    std::fill(delta_.begin(), delta_.end(), 0.0);
    for (Index r = 0; r < rows; ++r) {
      double const* const x = &block_(r, 0);
      lane.each(C, [&](Index c) { delta[c] += x[c]; });
    }
    double const n = static_cast<double>(rows), all = static_cast<double>(count_ + rows);
    for (Index c = 0; c < C; ++c) delta[c] /= n;                               // the block's mean
    for (Index r = 0; r < rows; ++r) {
      double* const x = &block_(r, 0);
      lane.each(C, [&](Index c) { x[c] -= delta[c]; });
    }
    for (Index r = rows; r < (rows + 3) / 4 * 4; ++r) std::fill_n(&block_(r, 0), C, 0.0);
    lane.each(C, [&](Index c) { delta[c] -= mean[c]; });
    double const weight = static_cast<double>(count_) * n / all;
    for (Index i = 0; i < C; ++i) {                                            // four rows at a time; the upper triangle, mirrored
      double* const to = &scatter_(i, i);
      double const weighted = weight * delta[i];
      double const* const d = delta + i;
      lane.each(C - i, [&](Index j) { to[j] += weighted * d[j]; });
      for (Index r = 0; r < rows; r += 4) {
        double const *const p = &block_(r, i), *const q = p + C, *const s = q + C, *const t = s + C;
        double const a = *p, b = *q, c = *s, e = *t;
        lane.each(C - i, [&](Index j) { to[j] += a * p[j] + b * q[j] + c * s[j] + e * t[j]; });
      }
      for (Index j = i + 1; j < C; ++j) scatter_(j, i) = to[j - i];
    }
    lane.each(C, [&](Index c) { mean[c] += delta[c] * (n / all); });
    count_ += rows;
  }

  Index count_ = 0;
  Tensor<double, 1> mean_;
  Tensor<double, 2> scatter_;
  Tensor<double, 2> block_;                                                    // (128, C)
  Tensor<double, 1> delta_;
};

}  // namespace afire
