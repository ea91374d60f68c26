// afire/backend/onednn.hpp -- products by oneDNN on the CPU, in float and bf16; everything else as in the reference backend
//
//   OneDnn cpu;                          OneDnn two{.threads = 2};
//   gemm(cpu, a, b, c);                  // brgemm: AMX or AVX-512 bf16 where the processor has it
//
// A product's primitive is built when its shape is first seen and kept, with its memory objects, in the backend object. A backend object
// belongs to the thread that computes with it. oneDNN cuts sums and chooses code by the number of its threads; `deterministic` therefore
// cuts a product into tiles that depend on its sizes only, each multiplied by one thread: the same bits for any number of threads.
#pragma once
#include <array>
#include <memory>
#include <unordered_map>
#include <vector>

#include <afire/backend/onednn_api.hpp>
#include <afire/backend/reference.hpp>

namespace afire {

struct onednn_tag : reference_tag {};

// oneDNN's word for T.
template <class T> constexpr dnnl::memory::data_type onednn_type();
template <> constexpr dnnl::memory::data_type onednn_type<float>() { return dnnl::memory::data_type::f32; }
template <> constexpr dnnl::memory::data_type onednn_type<bf16>() { return dnnl::memory::data_type::bf16; }

// Products that have been met, each with what is needed to run it again. No template: it is compiled once, whatever the types.
class OneDnnProducts {
 public:
  // A product but for where its numbers lie: c (M, N) = a (M, K) b (K, N), a batch of them.
  struct Key {
    Index batch, M, K, N;
    std::array<Index, 3> a, b, c;          // strides: batch, row, column
    dnnl::memory::data_type in, out;
    bool bias, add;
    float alpha;
    int threads;
    bool operator==(Key const&) const = default;
  };
  struct Hash {
    std::size_t operator()(Key const& k) const {
      std::size_t h = 14695981039346656037ull;
      for (Index v : {k.batch, k.M, k.K, k.N, k.a[0], k.a[1], k.a[2], k.b[0], k.b[1], k.b[2], k.c[0], k.c[1], k.c[2],
                      static_cast<Index>(k.in) * 64 + static_cast<Index>(k.out) * 4 + k.bias * 2 + k.add,
                      static_cast<Index>(__builtin_bit_cast(std::int32_t, k.alpha)), Index{k.threads}})
        h = (h ^ static_cast<std::size_t>(v)) * 1099511628211ull;
      return h;
    }
  };
  struct Product {
    dnnl::matmul run;
    dnnl::memory a, b, c, bias;
    std::unordered_map<int, dnnl::memory> arguments;
  };

  template <class T, class U>
  void multiply(Matrices<const T> a, Matrices<const T> b, Matrices<U> c, GemmOf<T> const& how, int threads) {
    auto const strides = [](auto const& m) { return std::array{m.batch_stride, m.row_stride, m.col_stride}; };
    multiply({c.batch, c.rows, a.cols, c.cols, strides(a), strides(b), strides(c), onednn_type<T>(), onednn_type<U>(),
              static_cast<bool>(how.bias), how.add, how.alpha, threads},
             a.data, b.data, c.data, how.bias.data);
  }

 private:
  void multiply(Key const& key, void const* a, void const* b, void* c, void const* bias) {
    auto found = products_.find(key);
    if (found == products_.end()) found = products_.emplace(key, make(key)).first;
    Product& p = found->second;
    p.a.set_data_handle(const_cast<void*>(a));           // oneDNN has no read-only memory; it only reads these
    p.b.set_data_handle(const_cast<void*>(b));
    p.c.set_data_handle(c);
    if (bias) p.bias.set_data_handle(const_cast<void*>(bias));
    p.run.execute(stream_, p.arguments);
    stream_.wait();
  }

  Product make(Key const& k) const {
    auto const descriptor = [&](Index rows, Index cols, std::array<Index, 3> const& strides, dnnl::memory::data_type type) {
      return dn::Descriptor({k.batch, rows, cols}, type, {k.batch == 1 ? rows * cols : strides[0], strides[1], strides[2]});
    };
    auto const a = descriptor(k.M, k.K, k.a, k.in), b = descriptor(k.K, k.N, k.b, k.in), c = descriptor(k.M, k.N, k.c, k.out);
    auto const bias = k.bias ? dn::Descriptor({1, 1, k.N}, dnnl::memory::data_type::f32, {k.N, k.N, 1}) : dn::Descriptor();
    dnnl::post_ops ops;
    if (k.alpha != 1.0f) dn::append_scale(ops, k.alpha);
    if (k.add) ops.append_sum(1.0f);
    dnnl::primitive_attr attributes;
    attributes.set_post_ops(ops);
    auto const place = [&](dn::Descriptor const& d) { return dnnl::memory(d, engine_, nullptr); };
    Product p{dnnl::matmul(dn::matmul_descriptor(engine_, a, b, bias, c, attributes)), place(a), place(b), place(c), {}, {}};
    p.arguments.emplace(DNNL_ARG_SRC, p.a);              // not = {...}: much more to compile
    p.arguments.emplace(DNNL_ARG_WEIGHTS, p.b);
    p.arguments.emplace(DNNL_ARG_DST, p.c);
    if (k.bias) p.arguments.emplace(DNNL_ARG_BIAS, p.bias = place(bias));
    return p;
  }

  dnnl::engine engine_{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream_{engine_};
  std::unordered_map<Key, Product, Hash> products_;
};

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
