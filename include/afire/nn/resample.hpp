// afire/nn/resample.hpp -- a position table for another grid, a patch kernel for another patch size (as timm adapts weights)
//
//   positions:  new = A table B^T        A: (rows, old rows), B: (cols, old cols): bicubic, antialiased; the first `prefix` rows are kept
//   kernels:    new = pinv(A)^T K pinv(A)    so that <new, patch resized by A> is, as nearly as can be, <K, patch>  (FlexiViT)
//
//   auto table = resample_positions(file.read<double>("pos_embed"), 1, {14, 14}, {24, 24});      // (1 + 576, C) from (1 + 196, C)
//   auto kernel = resample_patches(file.read<double>("patch_embed.proj.weight"), 16, 8);         // (C, 3, 8, 8) from (C, 3, 16, 16)
//
// Done once, when weights are loaded: on the host, in double. Both are linear, so their gradients are the transposed matrices.
#pragma once
#include <algorithm>
#include <cmath>
#include <vector>

#include <afire/core/error.hpp>

namespace afire {

struct GridSize {                          // patches
  Index rows, cols;
};

struct HostMatrix {                        // a small matrix of double, row-major
  Index rows, cols;
  std::vector<double> values = std::vector<double>(static_cast<std::size_t>(rows * cols));      // (rows, cols)
  double& operator()(Index r, Index c) { return values[static_cast<std::size_t>(r * cols + c)]; }
  double operator()(Index r, Index c) const { return values[static_cast<std::size_t>(r * cols + c)]; }
};

inline HostMatrix transposed(HostMatrix const& m) {
  HostMatrix t{m.cols, m.rows};
  for (Index r = 0; r < m.rows; ++r)
    for (Index c = 0; c < m.cols; ++c) t(c, r) = m(r, c);
  return t;
}

struct Resampling {                        // timm's: bicubic, antialiased
  bool cubic = true;                       // false: linear
  bool antialias = true;                   // shrinking averages over all that becomes one
};

// The weight of a sample at distance x. The cubic's constant depends on the antialiasing, as PyTorch has it.
inline double resampling_weight(Resampling how, double x) {
  x = std::fabs(x);
  if (!how.cubic) return std::max(0.0, 1 - x);
  double const a = how.antialias ? -0.5 : -0.75;
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
}

// One axis, half-pixel centres: (to, from), every row sums to one. With antialias the kernel is cut at the border and normalised;
// without it a sample beyond the border is the border's.
inline HostMatrix resize_matrix(Index from, Index to, Resampling how = {}) {
  expects(from > 0 && to > 0, "resampling: from ", from, " to ", to, " samples; both must be positive");
  HostMatrix m{to, from};
  double const scale = static_cast<double>(from) / static_cast<double>(to);
  double const stretch = how.antialias ? std::max(scale, 1.0) : 1.0, support = (how.cubic ? 2 : 1) * stretch;
  for (Index o = 0; o < to; ++o) {
    double const centre = (static_cast<double>(o) + 0.5) * scale - 0.5;
    auto const first = static_cast<Index>(std::floor(centre - support)), last = static_cast<Index>(std::ceil(centre + support));
    double sum = 0;
    for (Index i = first; i <= last; ++i) {
      if (how.antialias && (i < 0 || i >= from)) continue;
      double const weight = resampling_weight(how, (static_cast<double>(i) - centre) / stretch);
      m(o, std::clamp(i, Index{0}, from - 1)) += weight;
      sum += weight;
    }
    for (Index i = 0; i < from; ++i) m(o, i) /= sum;
  }
  return m;
}

// y = A x B^T for every image of C interleaved channels: x (A.cols, B.cols, C) -> y (A.rows, B.rows, C).
inline void resample_image(HostMatrix const& A, HostMatrix const& B, double const* x, double* y, Index C) {
  std::vector<double> between(static_cast<std::size_t>(A.cols * B.rows * C));
  auto add = [C](double weight, double const* from, double* to) {
    for (Index c = 0; c < C; ++c) to[c] += weight * from[c];
  };
  for (Index r = 0; r < A.cols; ++r)
    for (Index c = 0; c < B.rows; ++c)
      for (Index k = 0; k < B.cols; ++k) add(B(c, k), x + (r * B.cols + k) * C, between.data() + (r * B.rows + c) * C);
  std::fill(y, y + A.rows * B.rows * C, 0.0);
  for (Index r = 0; r < A.rows; ++r)
    for (Index k = 0; k < A.cols; ++k)
      for (Index c = 0; c < B.rows; ++c) add(A(r, k), between.data() + (k * B.rows + c) * C, y + (r * B.rows + c) * C);
}

inline std::vector<double> resample_positions(std::vector<double> const& table,      // (prefix + from.rows from.cols, C)
                                              Index prefix, GridSize from, GridSize to, Resampling how = {}) {
  expects(prefix >= 0 && from.rows > 0 && from.cols > 0, "position table: a grid of ", from.rows, " x ", from.cols, " and ", prefix,
          " rows before it");
  auto const tokens = prefix + from.rows * from.cols;
  auto const size = static_cast<Index>(table.size());
  expects(size > 0 && size % tokens == 0, "position table: ", size, " numbers are not ", tokens, " rows (", prefix, " + ", from.rows, " x ",
          from.cols, "); give the grid of the weights that are loaded");
  Index const C = size / tokens;
  HostMatrix const A = resize_matrix(from.rows, to.rows, how), B = resize_matrix(from.cols, to.cols, how);
  std::vector<double> result(static_cast<std::size_t>((prefix + to.rows * to.cols) * C));
  std::copy_n(table.begin(), prefix * C, result.begin());
  resample_image(A, B, table.data() + prefix * C, result.data() + prefix * C, C);
  return result;
}

// pinv(M) of a matrix of full rank, by orthogonal columns (Gram-Schmidt, done twice, so that nothing is squared): M = Q R, R^-1 Q^T.
inline HostMatrix pseudo_inverse(HostMatrix const& M) {
  if (M.rows < M.cols) return transposed(pseudo_inverse(transposed(M)));
  HostMatrix Q = M, R{M.cols, M.cols};
  double largest = 0;
  for (Index j = 0; j < M.cols; ++j) {
    for (int pass = 0; pass < 2; ++pass)
      for (Index k = 0; k < j; ++k) {
        double along = 0;
        for (Index i = 0; i < M.rows; ++i) along += Q(i, k) * Q(i, j);
        for (Index i = 0; i < M.rows; ++i) Q(i, j) -= along * Q(i, k);
        R(k, j) += along;
      }
    double length = 0;
    for (Index i = 0; i < M.rows; ++i) length += Q(i, j) * Q(i, j);
    R(j, j) = length = std::sqrt(length);
    largest = std::max(largest, length);
    expects(length > 1e-10 * largest, "pseudo-inverse: columns of a ", M.rows, " x ", M.cols, " matrix depend on each other");
    for (Index i = 0; i < M.rows; ++i) Q(i, j) /= length;
  }
  HostMatrix inverse = transposed(Q);
  for (Index j = M.cols; j-- > 0;)
    for (Index i = 0; i < M.rows; ++i) {
      for (Index k = j + 1; k < M.cols; ++k) inverse(j, i) -= R(j, k) * inverse(k, i);
      inverse(j, i) /= R(j, j);
    }
  return inverse;
}

// (to, from): what a kernel of `from` pixels is multiplied with on both sides.
inline HostMatrix kernel_matrix(Index from, Index to) { return transposed(pseudo_inverse(resize_matrix(from, to))); }

inline std::vector<double> resample_patches(std::vector<double> const& kernels,      // (N, from, from), any number N of kernels
                                            Index from, Index to) {
  expects(from > 0 && to > 0, "patch kernels: from ", from, " to ", to, " pixels; both must be positive");
  auto const size = static_cast<Index>(kernels.size());
  expects(size % (from * from) == 0, "patch kernels: ", size, " numbers are not kernels of ", from, " x ", from);
  HostMatrix const map = kernel_matrix(from, to);
  std::vector<double> result(static_cast<std::size_t>(size / (from * from) * to * to));
  for (Index n = 0; n < size / (from * from); ++n)
    resample_image(map, map, kernels.data() + n * from * from, result.data() + n * to * to, 1);
  return result;
}

}  // namespace afire
