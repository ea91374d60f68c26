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

template <class T> constexpr dnnl::memory::data_type onednn_type();
template <> constexpr dnnl::memory::data_type onednn_type<float>() { return dnnl::memory::data_type::f32; }
template <> constexpr dnnl::memory::data_type onednn_type<bf16>() { return dnnl::memory::data_type::bf16; }

// Products that have been met, each with what is needed to run it again.
class OneDnnProducts {
 public:
  struct Key {
    std::array<Index, 17> of;              // sizes, strides, types, extras
    bool operator==(Key const&) const = default;
  };
  struct Hash {
    std::size_t operator()(Key const& k) const {
      std::size_t h = 14695981039346656037ull;
      for (Index v : k.of) h = (h ^ static_cast<std::size_t>(v)) * 1099511628211ull;
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
    Key const key{{a.batch, a.rows, a.cols, b.cols, a.batch_stride, a.row_stride, a.col_stride, b.batch_stride, b.row_stride, b.col_stride,
                   c.batch_stride, c.row_stride, c.col_stride, static_cast<Index>(sizeof(T) * 16 + sizeof(U)),
                   how.add + 2 * static_cast<bool>(how.bias), static_cast<Index>(__builtin_bit_cast(std::int32_t, how.alpha)), threads}};
    auto found = products_.find(key);
    if (found == products_.end()) found = products_.emplace(key, make(a, b, c, how)).first;
    Product& p = found->second;
    p.a.set_data_handle(const_cast<T*>(a.data));         // oneDNN has no read-only memory; it only reads these
    p.b.set_data_handle(const_cast<T*>(b.data));
    p.c.set_data_handle(c.data);
    if (how.bias) p.bias.set_data_handle(const_cast<Accum<T>*>(how.bias.data));
    p.run.execute(stream_, p.arguments);
    stream_.wait();
  }

 private:
  template <class M>
  dn::Descriptor descriptor(M const& m, dnnl::memory::data_type type) const {
    return dn::Descriptor({m.batch, m.rows, m.cols}, type, {m.batch == 1 ? m.rows * m.cols : m.batch_stride, m.row_stride, m.col_stride});
  }

  template <class T, class U>
  Product make(Matrices<const T> a, Matrices<const T> b, Matrices<U> c, GemmOf<T> const& how) const {
    auto const type = onednn_type<T>();
    dn::Descriptor const da = descriptor(a, type), db = descriptor(b, type), dc = descriptor(c, onednn_type<U>());
    dn::Descriptor const bias =
        how.bias ? dn::Descriptor({1, 1, c.cols}, dnnl::memory::data_type::f32, {c.cols, c.cols, 1}) : dn::Descriptor();
    dnnl::post_ops ops;
    if (how.alpha != 1.0f) dn::append_scale(ops, how.alpha);
    if (how.add) ops.append_sum(1.0f);
    dnnl::primitive_attr attributes;
    attributes.set_post_ops(ops);
    auto const place = [&](dn::Descriptor const& d) { return dnnl::memory(d, engine_, nullptr); };
    Product p{dnnl::matmul(dn::matmul_descriptor(engine_, da, db, bias, dc, attributes)), place(da), place(db), place(dc), {}, {}};
    p.arguments = {{DNNL_ARG_SRC, p.a}, {DNNL_ARG_WEIGHTS, p.b}, {DNNL_ARG_DST, p.c}};
    if (how.bias) p.arguments.emplace(DNNL_ARG_BIAS, p.bias = place(bias));
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

// How a product is cut: enough pieces for many threads, none so small that starting it shows.
template <class T, class U>
struct OneDnnTiles {
  Matrices<const T> a;                     // (batch, M, K)
  Matrices<const T> b;                     // (batch, K, N)
  Matrices<U> c;                           // (batch, M, N)
  GemmOf<T> how;
  Index deep, tall = 256, wide = 1024;     // matrices, rows and columns of a tile

  OneDnnTiles(Matrices<const T> a_, Matrices<const T> b_, Matrices<U> c_, GemmOf<T> how_) : a(a_), b(b_), c(c_), how(how_), deep(c_.batch) {
    constexpr Index enough = 48, smallest = Index{1} << 21;              // tiles; multiplications in one
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
