// afire/eval/pca.hpp -- principal components: the directions in which rows differ most
//
//   covariance = V diag(variance) V',  divisor N - 1;      scores(n, i) = <x_n - mean, component_i>
//
//   Pca p = pca(tokens, 3);                          // (N, C) of float, double or bf16; 3 components
//   Tensor<double, 2> s = p.transform(tokens);       // (N, 3): three numbers a token, for a picture in red, green and blue
#pragma once
#include <afire/eval/eigen_symmetric.hpp>
#include <afire/eval/covariance.hpp>

namespace afire {

struct Pca {
  std::vector<double> mean;                              // (C)
  Tensor<double, 2> components;                          // (I, C), rows of length 1
  std::vector<double> variance, ratio;                   // (I) of each component, and its share of the total

  template <class T>
  Tensor<double, 2> transform(View<T, 2> x) const {      // (N, C)
    expects(x.cols() == components.extent(1), "pca: rows of ", x.cols(), " columns, the components have ", components.extent(1));
    Tensor<double, 2> scores(x.rows(), components.extent(0));
    for (Index n = 0; n < x.rows(); ++n)
      for (Index i = 0; i < scores.extent(1); ++i) {
        T const* const row = &x(n, 0);
        double const* const v = &components(i, 0);
        scores(n, i) = Scalar().sum_over(
            x.cols(), [&](Index c) { return (static_cast<double>(wide(row[c])) - mean[static_cast<std::size_t>(c)]) * v[c]; });
      }
    return scores;
  }
};

template <class T>
Pca pca(View<T, 2> x,                                    // (N, C)
        Index components) {
  expects(0 < components && components <= x.cols(), "pca: ", components, " components of rows of ", x.cols(), " columns");
  expects(x.rows() >= 2, "pca: ", x.rows(), " rows are too few; it takes 2 at least");
  expects(x.cols() <= 8192, "pca: the covariance of ", x.cols(), " columns is too large a matrix; use fewer columns");
  Covariance covariance(x.cols());
  covariance.add(x);
  auto const eigen = eigen_symmetric(covariance.matrix());
  double total = 0;
  for (double v : eigen.values) total += v;
  Pca p{{covariance.mean().begin(), covariance.mean().end()}, Tensor<double, 2>(components, x.cols()), {}, {}};
  std::copy_n(eigen.vectors.begin(), p.components.size(), p.components.begin());
  for (Index i = 0; i < components; ++i) {
    double const v = std::max(0.0, eigen.values[static_cast<std::size_t>(i)]);
    p.variance.push_back(v);
    p.ratio.push_back(total > 0 ? v / total : 0);
  }
  return p;
}

}  // namespace afire
