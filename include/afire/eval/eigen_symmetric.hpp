// afire/eval/eigen_symmetric.hpp -- all eigenvalues, and if wanted the eigenvectors, of a symmetric matrix
//
//   A = Q T Q'       n - 2 Householder reflections make A tridiagonal,
//   T = Z diag Z'    implicit QL steps with Wilkinson's shift make T diagonal;     eigenvectors: the columns of Q Z
//
//   SymmetricEigen e = eigen_symmetric(covariance);        // e.values[0] is the largest, row 0 of e.vectors belongs to it, of length 1
//   std::vector<double> v = eigenvalues_symmetric(covariance);
//
// The sign of a vector is free; here its largest element (the first of equals) is positive, so that the same matrix gives the same vectors.
#pragma once
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <afire/core/lane.hpp>
#include <afire/core/tensor.hpp>

namespace afire {

struct SymmetricEigen {
  std::vector<double> values;                            // (n), falling
  Tensor<double, 2> vectors;                             // (n, n): row i belongs to value i
};

namespace eigen_symmetric_parts {

struct Tridiagonal {
  std::vector<double> diagonal, beside;                  // (n), (n): beside[i] couples i and i + 1; the last one is 0
  std::vector<double> scale;                             // (n): reflection k is I - scale[k] v v'
  Tensor<double, 2> reflections;                         // (n, n): row k holds v from column k + 1 on
};

// For k = 0, 1, ...: reflect column k below the diagonal onto its first element; A <- H A H by one symmetric rank-2 update.
inline Tridiagonal tridiagonal(View<const double, 2> a) {
  Index const n = a.rows();
  Tridiagonal t{std::vector<double>(static_cast<std::size_t>(n)), std::vector<double>(static_cast<std::size_t>(n)),
                std::vector<double>(static_cast<std::size_t>(n)), Tensor<double, 2>(n, n)};
  Tensor<double, 2> left(n, n);
  std::copy(a.begin(), a.end(), left.begin());
  std::vector<double> w(static_cast<std::size_t>(n));
  Scalar const lane;
  for (Index k = 0; k < n; ++k) {
    auto const at = static_cast<std::size_t>(k);
    Index const m = n - k - 1;                           // what is left of the column
    t.diagonal[at] = left(k, k);
    if (m == 0) break;
    double const* x = &left(k, k + 1);
    double const length = std::sqrt(lane.sum_over(m, [&](Index i) { return x[i] * x[i]; }));
    double const target = x[0] > 0 ? -length : length;
    t.beside[at] = m == 1 ? x[0] : target;
    if (m == 1 || length == 0) continue;
    double* v = &t.reflections(k, k + 1);
    std::copy(x, x + m, v);
    v[0] -= target;
    double const scale = t.scale[at] = 1 / (length * std::fabs(v[0]));                           // 2 / v'v
    if (!std::isfinite(scale)) {                         // a column of denormals: as good as zero
      t.scale[at] = t.beside[at] = 0;
      continue;
    }
    for (Index i = 0; i < m; ++i) {
      double const* row = &left(k + 1 + i, k + 1);
      w[static_cast<std::size_t>(i)] = scale * lane.sum_over(m, [&](Index j) { return row[j] * v[j]; });
    }
    double const half = 0.5 * scale * lane.sum_over(m, [&](Index i) { return w[static_cast<std::size_t>(i)] * v[i]; });
    double* const p = w.data();
    lane.each(m, [&](Index i) { p[i] -= half * v[i]; });
    for (Index i = 0; i < m; ++i) {
      double* row = &left(k + 1 + i, k + 1);
      double const vi = v[i], wi = p[i];
      lane.each(m, [&](Index j) { row[j] -= vi * p[j] + wi * v[j]; });
    }
  }
  return t;
}

// Rotates (diagonal, beside) to a diagonal; what turns the axes i and i + 1 turns the rows i and i + 1 of z as well, if there is one.
inline void diagonalise(std::vector<double>& d, std::vector<double>& e, View<double, 2> z) {
  auto const n = d.size();
  Scalar const lane;
  for (std::size_t first = 0; first < n; ++first)
    for (int step = 0;; ++step) {
      std::size_t last = first;                          // first ... last is not yet split
      while (last + 1 < n && std::fabs(e[last]) > 0x1p-52 * (std::fabs(d[last]) + std::fabs(d[last + 1]))) ++last;
      if (last == first) break;
      expects(step < 100, "eigen_symmetric: no convergence after 100 steps for an eigenvalue of a matrix of ", n, " rows");
      double const q = (d[first + 1] - d[first]) / (2 * e[first]);
      double g = d[last] - d[first] + e[first] / (q + std::copysign(std::hypot(q, 1.0), q));
      double sine = 1, cosine = 1, shift = 0;
      std::size_t i = last;
      while (i-- > first) {
        double const f = sine * e[i], b = cosine * e[i];
        double r = e[i + 1] = std::hypot(f, g);
        if (r == 0) break;
        sine = f / r, cosine = g / r;
        g = d[i + 1] - shift;
        r = (d[i] - g) * sine + 2 * cosine * b;
        shift = sine * r;
        d[i + 1] = g + shift;
        g = cosine * r - b;
        if (!z) continue;
        double *const lower = &z(i, 0), *const upper = &z(i + 1, 0), s = sine, c = cosine;
        lane.each(static_cast<Index>(n), [=](Index k) {
          double const u = upper[k], l = lower[k];
          upper[k] = s * l + c * u;
          lower[k] = c * l - s * u;
        });
      }
      if (i + 1 > first) {                               // left early: the matrix has split at i + 1
        d[i + 1] -= shift;
        e[last] = 0;
        continue;
      }
      d[first] -= shift;
      e[first] = g;
      e[last] = 0;
    }
}

// Throws unless the matrix is square and finite.
inline void check(View<const double, 2> a) {
  expects(a.rows() == a.cols(), "eigen_symmetric: a matrix of shape ", shape_text(a), " is not square");
  for (Index i = 0; i < a.rows(); ++i)
    for (Index j = 0; j < a.cols(); ++j) expects(std::isfinite(a(i, j)), "eigen_symmetric: element (", i, ", ", j, ") is ", a(i, j));
}

}  // namespace eigen_symmetric_parts

inline std::vector<double> eigenvalues_symmetric(View<const double, 2> a) {   // (n, n)
  namespace parts = eigen_symmetric_parts;
  parts::check(a);
  auto t = parts::tridiagonal(a);
  parts::diagonalise(t.diagonal, t.beside, {});
  std::sort(t.diagonal.begin(), t.diagonal.end(), std::greater<>());
  return std::move(t.diagonal);
}

inline SymmetricEigen eigen_symmetric(View<const double, 2> a) {              // (n, n)
  namespace parts = eigen_symmetric_parts;
  parts::check(a);
  Index const n = a.rows();
  auto t = parts::tridiagonal(a);
  Tensor<double, 2> z(n, n);
  for (Index i = 0; i < n; ++i) z(i, i) = 1;
  parts::diagonalise(t.diagonal, t.beside, z);

  std::vector<Index> order(static_cast<std::size_t>(n));
  for (Index i = 0; i < n; ++i) order[static_cast<std::size_t>(i)] = i;
  auto const value = [&](Index i) { return t.diagonal[static_cast<std::size_t>(i)]; };
  std::stable_sort(order.begin(), order.end(), [&](Index i, Index j) { return value(i) > value(j); });

  SymmetricEigen e{{}, Tensor<double, 2>(n, n)};
  Scalar const lane;
  for (Index i = 0; i < n; ++i) {
    Index const from = order[static_cast<std::size_t>(i)];
    e.values.push_back(value(from));
    auto const y = e.vectors.view().row(i);
    std::copy_n(&z(from, 0), n, y.data);
    for (Index k = n - 3; k >= 0; --k) {                 // the last two columns have no reflection
      double const *const v = &t.reflections(k, k + 1), scale = t.scale[static_cast<std::size_t>(k)];
      double* const part = y.data + k + 1;
      double const by = scale * lane.sum_over(n - k - 1, [&](Index j) { return v[j] * part[j]; });
      lane.each(n - k - 1, [&](Index j) { part[j] -= by * v[j]; });
    }
    auto const* largest = std::max_element(y.begin(), y.end(), [](double p, double q) { return std::fabs(p) < std::fabs(q); });
    if (*largest < 0)
      for (double& c : y) c = -c;
  }
  return e;
}

}  // namespace afire
