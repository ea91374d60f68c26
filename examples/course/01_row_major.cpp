// Row-major: the last index walks through memory. A transposed matrix, or one of a batch, is the same memory with other strides.
//
// prints:
//   x is (2, 3, 4): x(1, 2, 3) is element 23 of 24
//   x.row(1) begins at element 12 and is (3, 4)
//   a matrix of 6 rows and 4 columns: steps of 4 and 1
//   transposed, 4 rows and 6 columns: steps of 1 and 4
//   by token, 3 matrices of 2 rows and 4 columns: steps of 4, 12 and 1
//   x^T x is symmetric, its first element is 880
#include <cstdio>

#include <afire/backend/reference.hpp>
#include <afire/core/tensor.hpp>

using namespace afire;

int main() {
  // [view]
  Tensor<float, 3> x(2, 3, 4);                           // (B, L, C): two films of three tokens with four numbers each
  for (Index i = 0; i < x.size(); ++i) x.data()[i] = static_cast<float>(i);

  Index const b = 1, l = 2, c = 3, L = 3, C = 4;
  Index const at = (b * L + l) * C + c;                  // all there is to a row-major view
  std::printf("x is %s: x(1, 2, 3) is element %td of %td\n", shape_text(x.view()).c_str(), &x(b, l, c) - x.data(), x.size());
  if (x.data()[at] != x(b, l, c)) return 1;

  View<float, 2> const film = x.view().row(1);           // one film; nothing is copied
  std::printf("x.row(1) begins at element %td and is %s\n", film.data - x.data(), shape_text(film).c_str());
  // [/view]

  // [strides]
  Matrices<const float> const rows = matrix(View<const float, 2>(x.view().as(6, 4)));       // (B L, C): what a linear layer reads
  Matrices<const float> const turned = transposed(rows);
  Matrices<const float> const tokens = matrices_by_token(View<const float, 3>(x));          // L matrices of (B, C): a head a position
  // [/strides]
  std::printf("a matrix of %td rows and %td columns: steps of %td and %td\n", rows.rows, rows.cols, rows.row_stride, rows.col_stride);
  std::printf("transposed, %td rows and %td columns: steps of %td and %td\n", turned.rows, turned.cols, turned.row_stride,
              turned.col_stride);
  std::printf("by token, %td matrices of %td rows and %td columns: steps of %td, %td and %td\n", tokens.batch, tokens.rows, tokens.cols,
              tokens.batch_stride, tokens.row_stride, tokens.col_stride);

  // [product]
  Reference cpu;
  Tensor<float, 2> y(4, 4);
  gemm(cpu, turned, rows, matrix(y.view()));             // y = x^T x, and nobody has moved x
  // [/product]
  std::printf("x^T x is %s, its first element is %g\n", y(1, 2) == y(2, 1) ? "symmetric" : "not symmetric", y(0, 0));
}
