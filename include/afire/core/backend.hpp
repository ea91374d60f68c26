// afire/core/backend.hpp -- the primitive verbs, and how a backend's tag chooses their code
//
//   A backend is an object with a nested tag:   struct Mine : OneDnn { using tag = my_tag; };   struct my_tag : onednn_tag {};
//   A verb called with it passes the tag on:    for_each(mine, n, f)  ->  for_each(my_tag{}, mine, n, f)
//   and overload resolution takes the code for the most derived tag, as the standard library does with iterator categories.
//
//   for_each(be, n, f)          f(i) for i of 0 ... n-1, in any order
//   for_each_row(be, n, f)      f(lane, i): one row, one worker (core/lane.hpp)
//   reduce(be, n, f)            sum of f(i), in fixed chunks: the same bits for any number of threads
//   gemm(be, a, b, c, how)      c = alpha a b (+ bias) or c += alpha a b, for a batch of matrices with strides
//
//   allocate<T>(be, n), upload(be, host, view), download(be, view, host)      memory of the backend, zeroed; copies in and out
//
// Everything else is written on top of these and may be given a faster overload for a tag.
#pragma once
#include <afire/core/bf16.hpp>
#include <afire/core/tensor.hpp>

namespace afire {

// Every backend's tag derives from it: code that suits all of them takes any_tag, faster code for one takes that one's tag.
struct any_tag {};

// reads_host_memory(tag), shares_host_memory<B>(): whether verbs read the host's memory as their own. Where they don't, films are copied
// to theirs first (ssl/staging.hpp).
constexpr bool reads_host_memory(any_tag) { return false; }
// The same of a backend: shares_host_memory<OneDnn>().
template <class B>
constexpr bool shares_host_memory() { return reads_host_memory(typename B::tag{}); }

// A batch of matrices: element (b, i, j) is data[b * batch_stride + i * row_stride + j * col_stride]; one of the last two is 1.
template <class T>
struct Matrices {
  T* data = nullptr;
  Index batch = 1, rows = 0, cols = 0;
  Index batch_stride = 0, row_stride = 0, col_stride = 1;
};

template <class T>
Matrices<T> matrix(View<T, 2> x) { return {x.data, 1, x.rows(), x.cols(), 0, x.cols(), 1}; }

template <class T>
Matrices<T> matrices(View<T, 3> x) { return {x.data, x.extent[0], x.extent[1], x.extent[2], x.extent[1] * x.extent[2], x.extent[2], 1}; }

// The middle axis of (B, L, C) becomes the batch: L matrices of (B, C), without moving anything.
template <class T>
Matrices<T> matrices_by_token(View<T, 3> x) {
  return {x.data, x.extent[1], x.extent[0], x.extent[2], x.extent[2], x.extent[1] * x.extent[2], 1};
}

// The same matrices with rows and columns exchanged: nothing moves.
template <class T>
Matrices<T> transposed(Matrices<T> m) { return {m.data, m.batch, m.cols, m.rows, m.batch_stride, m.col_stride, m.row_stride}; }

// What a product does beside multiplying.
template <class T>
struct GemmOf {
  View<const Accum<T>, 1> bias = {};     // (N), added to every row of c; empty: none
  float alpha = 1;                       // with a bias: 1
  bool add = false;                      // c += instead of c =
};

template <class B, class F>
void for_each(B& be, Index n, F f) { for_each(typename B::tag{}, be, n, f); }

template <class B, class F>
void for_each_row(B& be, Index n, F f) { for_each_row(typename B::tag{}, be, n, f); }

template <class B, class F>
auto reduce(B& be, Index n, F f) { return reduce(typename B::tag{}, be, n, f); }

// c (M, N) = a (M, K) b (K, N), for each matrix of the batch.
template <class B, class T, class U>
[[gnu::noinline]] void gemm(B& be, Matrices<const T> a, Matrices<const T> b, Matrices<U> c, GemmOf<T> how = {}) {
  if (a.cols != b.rows || a.rows != c.rows || b.cols != c.cols || a.batch != c.batch || b.batch != c.batch)
    throw error(text("gemm: (", a.batch, ", ", a.rows, ", ", a.cols, ") times (", b.batch, ", ", b.rows, ", ", b.cols, ") does not give (",
                     c.batch, ", ", c.rows, ", ", c.cols, ")"));
  expects(!how.bias || how.alpha == 1.0f, "gemm: a bias goes with alpha = 1 only");
  gemm(typename B::tag{}, be, a, b, c, how);
}

// `what` ("the gradients") is named where there is not enough.
template <class T, class B>
Buffer<T> allocate(B& be, Index size, char const* what = nullptr) {
  try {
    auto const memory = allocate_bytes(typename B::tag{}, be, size * static_cast<Index>(sizeof(T)));
    return Buffer<T>(static_cast<T*>(memory.data), size, memory.free);
  } catch (not_enough_memory const& e) {
    if (!what) throw;
    throw not_enough_memory(text(e.what(), " for ", what, "; use a smaller batch or model"), e.asked, e.free);
  }
}

struct Memory {                            // what allocate_bytes gives, and how it is given back
  void* data;
  void (*free)(void*);
};

template <class B, class T>
void upload(B& be, T const* host, View<T, 1> to) {
  upload_bytes(typename B::tag{}, be, host, to.data, to.size() * static_cast<Index>(sizeof(T)));
}

template <class B, class T>
void download(B& be, std::type_identity_t<View<const T, 1>> from, T* host) {
  download_bytes(typename B::tag{}, be, from.data, host, from.size() * static_cast<Index>(sizeof(T)));
}

// Calls write(view) with a view that verbs may write, after which `host` holds what they wrote.
template <class B, class T, class F>
void on_host(B& be, View<T, 1> host, F write) {
  if constexpr (shares_host_memory<B>()) {
    write(host);
  } else {
    Buffer<T> const there = allocate<T>(be, host.size());
    write(there.view());
    download(be, there.view(), host.data);
  }
}

// fill: x = value everywhere.
template <class T>
struct Fill {
  View<T, 1> x;
  T value;
  AFIRE_HD void operator()(Index i) const { x(i) = value; }
};
template <class B, class T>
void fill(B& be, View<T, 1> x, std::type_identity_t<T> value) { for_each(be, x.size(), Fill<T>{x, value}); }

// copy: to = from, rounded where to is narrower.
template <class T, class U>
struct Copy {
  View<const T, 1> from;
  View<U, 1> to;
  AFIRE_HD void operator()(Index i) const { to(i) = U(wide(from(i))); }
};
template <class B, class T, class U>
void copy(B& be, View<T, 1> from, View<U, 1> to) { for_each(be, to.size(), Copy<std::remove_const_t<T>, U>{from, to}); }

}  // namespace afire
