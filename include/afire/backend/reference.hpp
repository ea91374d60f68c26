// afire/backend/reference.hpp -- plain loops: the specification that every other backend is tested against
//
//   Reference cpu;                          // all cores if compiled with OpenMP (link afire::openmp), else one thread
//   Reference one{.threads = 1};
//   gemm(cpu, a, b, c);
//
// Rows and elements are divided into contiguous parts, one a thread; no result depends on how many there are.
#pragma once
#include <afire/backend/chunk_sum.hpp>
#include <afire/backend/parallel.hpp>
#include <afire/backend/wide.hpp>
#include <afire/core/backend.hpp>

namespace afire {

struct reference_tag : any_tag {};
constexpr bool reads_host_memory(reference_tag) { return true; }         // core/backend.hpp asks

struct Reference {
  using tag = reference_tag;
  int threads = 0;                         // 0: as many as OpenMP gives
};

// Storage on the host: allocate_bytes gives zeros; upload_bytes and download_bytes are copies.
template <class B>
Memory allocate_bytes(reference_tag, B&, Index bytes) { return {zeroed_host_bytes(bytes), free_host}; }
template <class B>
void upload_bytes(reference_tag, B&, void const* host, void* to, Index bytes) { std::memcpy(to, host, static_cast<std::size_t>(bytes)); }
template <class B>
void download_bytes(reference_tag, B&, void const* from, void* host, Index bytes) {
  std::memcpy(host, from, static_cast<std::size_t>(bytes));
}

template <class F>
struct EachElement {                       // a plain f(i) seen as rows of 1,024 elements
  static constexpr Index size = 1024;
  static constexpr bool calculates = afire::calculates<F>;
  F f;
  Index n;
  template <class Lane>
  void operator()(Lane lane, Index row) const {
    Index const first = row * size, count = n - first < size ? n - first : size;
    lane.each(count, [&](Index k) { f(first + k); });
  }
};

// for_each_row: f(lane, row) for every row, shared out among the threads; for_each: f(i) for every i, as rows of 1,024.
template <class B, class F>
void for_each_row(reference_tag, B& be, Index n, F f) {
  parallel(be.threads, n, [&](Index first, Index last) { widest_rows(f, first, last); });
}

template <class B, class F>
void for_each(reference_tag tag, B& be, Index n, F f) {
  using Each = EachElement<F>;
  for_each_row(tag, be, (n + Each::size - 1) / Each::size, Each{f, n});
}

// reduce: the sum of f(i) over all i, of a fixed number of chunks in tree order.
template <class B, class F>
auto reduce(reference_tag tag, B& be, Index n, F f) {
  using S = std::remove_cvref_t<decltype(f(Index{}))>;
  using Sum = ChunkSum<F, S>;
  S part[Sum::chunks];
  for_each_row(tag, be, Sum::chunks, Sum{f, n, part});
  return Sum::joined(part);
}

// One row of one product matrix. Sums run over k in order, for 64 columns at once so that b is read along its rows.
template <class T, class U>
struct GemmRow {
  static constexpr bool calculates = true; // worth AVX-512 (backend/wide.hpp)
  Matrices<const T> a;                     // (batch, M, K)
  Matrices<const T> b;                     // (batch, K, N)
  Matrices<U> c;                           // (batch, M, N)
  GemmOf<T> how;

  template <class Lane>
  void operator()(Lane lane, Index n) const {
    using S = Accum<T>;
    constexpr Index tile = 64;
    Index const matrix = n / c.rows, i = n % c.rows;
    T const* const x = a.data + matrix * a.batch_stride + i * a.row_stride;
    T const* const w = b.data + matrix * b.batch_stride;
    U* const y = c.data + matrix * c.batch_stride + i * c.row_stride;
    for (Index first = 0; first < c.cols; first += tile) {
      Index const width = c.cols - first < tile ? c.cols - first : tile;
      S sum[tile] = {};
      if (b.col_stride == 1)
        for (Index k = 0; k < a.cols; ++k) {
          S const xk = wide(x[k * a.col_stride]);
          T const* const row = w + k * b.row_stride + first;
          lane.each(width, [&](Index j) { sum[j] += xk * wide(row[j]); });
        }
      else
        for (Index j = 0; j < width; ++j) {
          T const* const column = w + (first + j) * b.col_stride;
          sum[j] = lane.sum_over(a.cols, [&](Index k) { return wide(x[k * a.col_stride]) * wide(column[k * b.row_stride]); });
        }
      for (Index j = 0; j < width; ++j) {
        U& out = y[(first + j) * c.col_stride];
        S value = static_cast<S>(how.alpha) * sum[j];
        if (how.bias) value += how.bias(first + j);
        out = U(how.add ? wide(out) + value : value);
      }
    }
  }
};

template <class B, class T, class U>
void gemm(reference_tag tag, B& be, Matrices<const T> a, Matrices<const T> b, Matrices<U> c, GemmOf<T> how) {
  for_each_row(tag, be, c.batch * c.rows, GemmRow<T, U>{a, b, c, how});
}

}  // namespace afire
