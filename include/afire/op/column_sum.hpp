// afire/op/column_sum.hpp -- sums down the columns of a matrix: gradients of biases, gains and shifts
//
//   out(c) += sum_n f(n, c),      n of 0 ... N-1, c of 0 ... C-1
//
//   add_column_sums(be, dy, dbias, partial);                       // partial: (column_chunks, C) scratch
//   add_column_sums(be, N, [..] f(n, c), out, partial);            // f a named functor where a GPU is to run it
//
// The rows are cut into a fixed number of chunks, summed apart and added in order: the same bits for any number of threads.
#pragma once
#include <afire/core/backend.hpp>

namespace afire {

inline constexpr Index column_chunks = 64;

template <class F, class S>
struct ColumnChunk {                       // sums of one chunk of rows, one worker
  F f;                                     // f(n, c)
  Index N;
  View<S, 2> partial;                      // (column_chunks, C)

  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index chunk) const {
    Index const first = N * chunk / column_chunks, last = N * (chunk + 1) / column_chunks;
    auto const sum = partial.row(chunk);
    lane.each(sum.size(), [&](Index c) { sum(c) = S(0); });
    for (Index n = first; n < last; ++n) lane.each(sum.size(), [&](Index c) { sum(c) += f(n, c); });
  }
};

template <class S>
struct AddChunks {                         // out(c) += sum of its chunks, which are used up; one run of columns, one worker
  static constexpr Index run = 256;
  View<S, 2> partial;                      // (column_chunks, C)
  View<S, 1> out;                          // (C)
  static Index runs(Index columns) { return (columns + run - 1) / run; }
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index n) const {
    Index const first = n * run, columns = out.size() - first < run ? out.size() - first : run;
    S* const sum = &partial(0, first);
    for (Index chunk = 1; chunk < partial.rows(); ++chunk) {
      S const* const more = &partial(chunk, first);
      lane.each(columns, [&](Index c) { sum[c] += more[c]; });
    }
    lane.each(columns, [&](Index c) { out(first + c) += sum[c]; });
  }
};

template <class B, class F, class S>
void add_column_sums(any_tag, B& be, Index N, F f, View<S, 1> out, View<S, 2> sums) {
  for_each_row(be, column_chunks, ColumnChunk<F, S>{f, N, sums});
  for_each_row(be, AddChunks<S>::runs(out.size()), AddChunks<S>{sums, out});
}

template <class B, class F, class S>
void add_column_sums(B& be, Index N, F f, View<S, 1> out, View<S, 2> partial) {
  add_column_sums(typename B::tag{}, be, N, f, out, View<S, 2>(partial.data, column_chunks, out.size()));
}

template <class T>
struct ElementOf {                         // f(n, c) = x(n, c)
  View<const T, 2> x;                      // (N, C)
  AFIRE_HD Accum<T> operator()(Index n, Index c) const { return wide(x(n, c)); }
};

template <class B, class T>
void add_column_sums(B& be, View<const T, 2> x,                    // (N, C)
                     View<Accum<T>, 1> out,                        // (C), added to
                     View<Accum<T>, 2> partial) {                  // (column_chunks, C or more) scratch
  add_column_sums(be, x.rows(), ElementOf<T>{x}, out, partial);
}

}  // namespace afire
