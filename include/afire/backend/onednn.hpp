// afire/backend/onednn.hpp -- products by oneDNN on the CPU, in float and bf16; everything else as in the reference backend
//
//   OneDnn cpu;                          OneDnn two{.threads = 2};
//   gemm(cpu, a, b, c);                  // brgemm: AMX or AVX-512 bf16 where the processor has it
//
// A product's primitive is built when its shape is first seen and kept, with its memory objects, in the backend object. A backend object
// belongs to the thread that computes with it. `deterministic` cuts long sums (weight gradients of large batches) into fixed pieces,
// because oneDNN may divide them by the number of threads; then results are the same for any number of threads.
#pragma once
#include <array>
#include <memory>
#include <unordered_map>

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
  std::shared_ptr<OneDnnProducts> products = std::make_shared<OneDnnProducts>();
};

// Rows of a sum that are multiplied at once when the result must not depend on the number of threads.
inline constexpr Index deterministic_rows = 4096;

template <class B, class T, class U>
void gemm(onednn_tag, B& be, Matrices<const T> a, Matrices<const T> b, Matrices<U> c, GemmOf<T> how) {
  if constexpr (std::is_same_v<T, double>) {
    gemm(reference_tag{}, be, a, b, c, how);
  } else {
#ifdef _OPENMP
    int const before = omp_get_max_threads();
    if (be.threads > 0 && be.threads != before) omp_set_num_threads(be.threads);
#endif
    Index const K = a.cols, piece = be.deterministic && std::is_same_v<U, float> ? deterministic_rows : K;
    for (Index k = 0; k < K || k == 0; k += piece) {
      Index const count = K - k < piece ? K - k : piece;
      Matrices<const T> const left{a.data + k * a.col_stride, a.batch, a.rows, count, a.batch_stride, a.row_stride, a.col_stride};
      Matrices<const T> const right{b.data + k * b.row_stride, b.batch, count, b.cols, b.batch_stride, b.row_stride, b.col_stride};
      GemmOf<T> rest = how;
      if (k > 0) rest.bias = {}, rest.add = true;
      be.products->multiply(left, right, c, rest, team_size(be.threads));
    }
#ifdef _OPENMP
    if (be.threads > 0 && be.threads != before) omp_set_num_threads(before);
#endif
  }
}

}  // namespace afire
