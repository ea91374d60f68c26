// afire/backend/eigen.hpp -- products by Eigen where oneDNN is missing; everything else as in the reference backend
//
//   EigenCpu cpu;      gemm(cpu, a, b, c);
//
// Eigen's own threading changes results with the number of threads, so it is not used: c is cut into fixed tiles, each multiplied by one
// thread. Compile with -march=native: without it Eigen knows only 128-bit vectors (a sixth of the speed). bf16 takes the plain loops.
#pragma once
#ifdef __CUDACC__
#error "afire: Eigen can't be seen by nvcc; include backend/eigen.hpp from a .cpp file and backend/cuda.hpp from a .cu file"
#endif
#include <Eigen/Core>

#include <afire/backend/reference.hpp>

namespace afire {

struct eigen_tag : reference_tag {};

struct EigenCpu {
  using tag = eigen_tag;
  int threads = 0;                         // 0: as many as OpenMP gives
};

// One tile of tall x wide elements of one product of the batch, by one worker.
template <class T, class U>
struct EigenTile {
  Matrices<const T> a;                     // (batch, M, K)
  Matrices<const T> b;                     // (batch, K, N)
  Matrices<U> c;                           // (batch, M, N)
  GemmOf<T> how;
  static constexpr Index tall = 256, wide = 512;

  static Index tiles(Index n, Index size) { return (n + size - 1) / size; }
  Index count() const { return c.batch * tiles(c.rows, tall) * tiles(c.cols, wide); }

  void operator()(Index n) const {
    Index const across = tiles(c.cols, wide), down = tiles(c.rows, tall), batch = n / (across * down);
    Index const i = n / across % down * tall, j = n % across * wide;
    Index const rows = c.rows - i < tall ? c.rows - i : tall, cols = c.cols - j < wide ? c.cols - j : wide;
    with_layout(a, a.data + batch * a.batch_stride + i * a.row_stride, rows, a.cols, [&](auto const& x) {
      with_layout(b, b.data + batch * b.batch_stride + j * b.col_stride, b.rows, cols, [&](auto const& w) {
        with_layout(c, c.data + batch * c.batch_stride + i * c.row_stride + j * c.col_stride, rows, cols, [&](auto y) {
          if (how.add) y.noalias() += T(how.alpha) * (x * w);
          else y.noalias() = T(how.alpha) * (x * w);
          if (how.bias) y.rowwise() += Eigen::Map<Eigen::Matrix<T, 1, Eigen::Dynamic> const>(how.bias.data + j, cols);
        });
      });
    });
  }

  // Row-major or column-major, with the distance between rows or columns given.
  template <class M, class P, class F>
  static void with_layout(M const& m, P* data, Index rows, Index cols, F f) {
    using S = std::remove_const_t<P>;
    using Stride = Eigen::OuterStride<>;
    using RowMajor = Eigen::Matrix<S, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    using ColMajor = Eigen::Matrix<S, Eigen::Dynamic, Eigen::Dynamic, Eigen::ColMajor>;
    using Row = std::conditional_t<std::is_const_v<P>, RowMajor const, RowMajor>;
    using Col = std::conditional_t<std::is_const_v<P>, ColMajor const, ColMajor>;
    if (m.col_stride == 1) f(Eigen::Map<Row, 0, Stride>(data, rows, cols, Stride(m.row_stride)));
    else f(Eigen::Map<Col, 0, Stride>(data, rows, cols, Stride(m.col_stride)));
  }
};

template <class B, class T, class U>
void gemm(eigen_tag, B& be, Matrices<const T> a, Matrices<const T> b, Matrices<U> c, GemmOf<T> how) {
  if constexpr (std::is_same_v<T, U>) {
    EigenTile<T, U> const tile{a, b, c, how};
    int const team = team_size(be.threads);
    ThreadLimit const alone(1);            // a tile is never shared out by Eigen
    parallel(team, tile.count(), [&](Index first, Index last) {
      for (Index n = first; n < last; ++n) tile(n);
    });
  } else {
    gemm(reference_tag{}, be, a, b, c, how);
  }
}

template <class B>
void gemm(eigen_tag, B& be, Matrices<const bf16> a, Matrices<const bf16> b, Matrices<bf16> c, GemmOf<bf16> how) {
  gemm(reference_tag{}, be, a, b, c, how);
}

}  // namespace afire
