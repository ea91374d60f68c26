// bench/support/profiled.hpp -- a backend that computes as OneDnn does and notes what each verb cost
//
//   Profiled be;   ... a step ...   for (auto& [name, cost] : be.notes->all) cost.seconds, cost.flops, cost.bytes
//
// It replaces the primitive verbs, each by itself with the clock around it: nothing in the library knows of it. A product is named by its
// sizes, a row loop by its functor. Attention, which OneDnn computes head by head, is one operation: its FLOPs are those of the two
// products forward and the five backward, its softmax counts as nothing. Bytes are those of the operands, each once.
#pragma once
#include <map>
#include <string>

#include <afire/backend/onednn.hpp>
#include <bench/support/bytes_of.hpp>
#include <bench/support/gemm_rate.hpp>

namespace afire::bench {

struct Cost {
  Index calls = 0;
  double seconds = 0, flops = 0, bytes = 0;
};

struct Notes {
  std::map<std::string, Cost> all;
  template <class Call>
  auto time(std::string const& name, double flops, double bytes, Call call) {
    double const begin = seconds();
    auto const note = [&] {
      Cost& cost = all[name];
      ++cost.calls, cost.seconds += seconds() - begin, cost.flops += flops, cost.bytes += bytes;
    };
    if constexpr (std::is_void_v<decltype(call())>) {
      call();
      note();
    } else {
      auto const result = call();
      note();
      return result;
    }
  }
};

struct profiled_tag : onednn_tag {};
struct Profiled : OneDnn {
  using tag = profiled_tag;
  std::shared_ptr<Notes> notes = std::make_shared<Notes>();
};

// "GeluRow" of afire::GeluRow<afire::bf16>
template <class F>
std::string functor_name() {
  std::string name = __PRETTY_FUNCTION__;
  name = name.substr(name.find("F = ") + 4);
  name = name.substr(0, name.find_first_of("<;]"));
  return name.substr(name.rfind(':') == name.npos ? 0 : name.rfind(':') + 1);
}

template <class B, class F>
void for_each_row(profiled_tag, B& be, Index n, F f) {
  be.notes->time(functor_name<F>(), 0, static_cast<double>(bytes_of(f)), [&] { for_each_row(onednn_tag{}, be, n, f); });
}
template <class B, class F>
void for_each(profiled_tag, B& be, Index n, F f) {
  be.notes->time(functor_name<F>(), 0, static_cast<double>(bytes_of(f)), [&] { for_each(onednn_tag{}, be, n, f); });
}
template <class B, class F>
auto reduce(profiled_tag, B& be, Index n, F f) {
  return be.notes->time(functor_name<F>(), 0, static_cast<double>(bytes_of(f)), [&] { return reduce(onednn_tag{}, be, n, f); });
}
template <class B, class T, class U>
void gemm(profiled_tag, B& be, Matrices<const T> a, Matrices<const T> b, Matrices<U> c, GemmOf<T> how) {
  auto const size = [](auto const& m) { return static_cast<double>(m.batch) * static_cast<double>(m.rows) * static_cast<double>(m.cols); };
  bool const a_turned = a.col_stride != 1, b_turned = b.col_stride != 1;
  std::string const name = text("gemm ", a.batch > 1 ? text(a.batch, " x ") : "", a.rows, " x ", a.cols, a_turned ? "' x " : " x ", b.cols,
                                b_turned ? "'" : "", how.add ? " +=" : "", sizeof(T) < sizeof(U) ? " to f32" : "");
  be.notes->time(name, 2 * size(a) * static_cast<double>(b.cols),
                 (size(a) + size(b)) * sizeof(T) + size(c) * sizeof(U) * (how.add ? 2 : 1),
                 [&] { gemm(onednn_tag{}, be, a, b, c, how); });
}


template <class B, class T>
void attention(profiled_tag, B& be, View<const T, 4> packed, View<T, 3> o, View<Accum<T>, 2> log_sum, AttentionWork<T> const& w) {
  Index const heads = packed.extent[1], L = packed.extent[2], D = packed.extent[3];
  be.notes->time(text("attention ", heads, " x ", L, " x ", D), 4.0 * static_cast<double>(heads * L * L * D),
                 static_cast<double>((packed.size() + o.size()) * static_cast<Index>(sizeof(T))),
                 [&] { attention(onednn_tag{}, be, packed, o, log_sum, w); });
}
template <class B, class T>
void attention_backward(profiled_tag, B& be, View<const T, 4> packed, View<const T, 3> o, View<const Accum<T>, 2> log_sum,
                        View<const T, 3> d_o, View<T, 2> d_qkv, AttentionWork<T> const& w) {
  Index const heads = packed.extent[1], L = packed.extent[2], D = packed.extent[3];
  be.notes->time(text("attention backward ", heads, " x ", L, " x ", D), 10.0 * static_cast<double>(heads * L * L * D),
                 static_cast<double>((packed.size() + 2 * o.size() + d_qkv.size()) * static_cast<Index>(sizeof(T))),
                 [&] { attention_backward(onednn_tag{}, be, packed, o, log_sum, d_o, d_qkv, w); });
}

}  // namespace afire::bench
