// afire/backend/onednn.hpp -- products and attention by oneDNN on the CPU, in float and bf16; everything else as in the reference backend
//
//   OneDnn cpu;                          OneDnn two{.threads = 2};
//   gemm(cpu, a, b, c);                  // brgemm: AMX or AVX-512 bf16 where the processor has it
//
// What oneDNN builds for a product is kept in the backend object, which belongs to the thread that computes with it. oneDNN cuts sums and
// chooses code by the number of its threads; `deterministic` therefore cuts a product into tiles that depend on its sizes only, each
// multiplied by one thread: the same bits for any number of threads.
#pragma once
#include <memory>
#include <vector>

#include <afire/backend/onednn_attention.hpp>
#include <afire/backend/onednn_products.hpp>

namespace afire {

struct OneDnn {
  using tag = onednn_tag;
  int threads = 0;                         // 0: as many as OpenMP gives
  bool deterministic = true;
  std::shared_ptr<std::vector<OneDnnProducts>> products = std::make_shared<std::vector<OneDnnProducts>>();          // one a thread
};

// How a product is cut: enough pieces for many threads, none so small that starting it shows or that columns of b are copied for few rows.
template <class T, class U>
struct OneDnnTiles {
  Matrices<const T> a;                     // (batch, M, K)
  Matrices<const T> b;                     // (batch, K, N)
  Matrices<U> c;                           // (batch, M, N)
  GemmOf<T> how;
  Index deep, tall = 256, wide = 2048;     // matrices, rows and columns of a tile

  OneDnnTiles(Matrices<const T> a_, Matrices<const T> b_, Matrices<U> c_, GemmOf<T> how_) : a(a_), b(b_), c(c_), how(how_), deep(c_.batch) {
    constexpr Index enough = 16, smallest = Index{1} << 23;              // tiles; multiplications in one
    if (c.rows > tall) tall = tiles(c.rows, (tiles(c.rows, tall) + 1) / 2 * 2);          // an even number of rows of tiles, all alike
    while (count() < enough && deep * least(tall, c.rows) * least(wide, c.cols) * a.cols > smallest) {
      if (deep > 1) deep = (deep + 1) / 2;
      else if (wide >= 4 * tall || (tall <= 64 && wide > 64)) wide /= 2;
      else if (tall > 64) tall /= 2;
      else break;
    }
  }

  static Index least(Index x, Index y) { return x < y ? x : y; }
  static Index tiles(Index n, Index size) { return (n + size - 1) / size; }
  Index count() const { return tiles(c.batch, deep) * tiles(c.rows, tall) * tiles(c.cols, wide); }

  void multiply(Index tile, OneDnnProducts& products) const {
    Index const across = tiles(c.cols, wide), down = tiles(c.rows, tall);
    Index const m = tile / (across * down) * deep, i = tile / across % down * tall, j = tile % across * wide;
    Index const matrices = least(c.batch - m, deep), rows = least(c.rows - i, tall), cols = least(c.cols - j, wide);
    GemmOf<T> part = how;
    if (how.bias) part.bias = how.bias.slice(j, cols);
    products.multiply(piece(a, m, i, 0, matrices, rows, a.cols), piece(b, m, 0, j, matrices, a.cols, cols),
                      piece(c, m, i, j, matrices, rows, cols), part, 1);
  }

  template <class P>
  static Matrices<P> piece(Matrices<P> x, Index m, Index i, Index j, Index count, Index rows, Index cols) {
    P* const at = x.data + m * x.batch_stride + i * x.row_stride + j * x.col_stride;
    return {at, count, rows, cols, x.batch_stride, x.row_stride, x.col_stride};
  }
};

template <class B, class T, class U>
void gemm(onednn_tag, B& be, Matrices<const T> a, Matrices<const T> b, Matrices<U> c, GemmOf<T> how) {
  if constexpr (std::is_same_v<T, double>) {
    gemm(reference_tag{}, be, a, b, c, how);
  } else {
    int const team = team_size(be.threads);
    auto& products = *be.products;
    if (be.deterministic && have_openmp) {
      OneDnnTiles<T, U> const tiles(a, b, c, how);
      Index const count = tiles.count(), workers = count == 1 ? 1 : team;          // a team of another size would be made anew
      if (static_cast<Index>(products.size()) < workers) products.resize(static_cast<std::size_t>(workers));
      ThreadLimit const alone(1);
      parallel(static_cast<int>(workers), workers, [&](Index first, Index last) {
        for (Index worker = first; worker < last; ++worker)
          for (Index n = count * worker / workers; n < count * (worker + 1) / workers; ++n)
            tiles.multiply(n, products[static_cast<std::size_t>(worker)]);
      });
    } else {
      if (products.empty()) products.resize(1);
      ThreadLimit const limit(be.threads);
      products.front().multiply(a, b, c, how, team);
    }
  }
}

}  // namespace afire
