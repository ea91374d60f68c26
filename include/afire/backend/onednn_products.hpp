// afire/backend/onednn_products.hpp -- oneDNN's matrix products, each primitive built once and kept
//
//   OneDnnProducts products;    products.multiply(a, b, c, GemmOf<bf16>{}, 1);      // c = a b by one thread;  (M, K) (K, N) -> (M, N)
//
// A product's primitive is built when its shape is first seen and kept, with its memory objects. What runs at the same time has products
// of its own: OneDnn (backend/onednn.hpp) has one a thread.
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

}  // namespace afire
