// afire/ssl/dense_match.hpp -- which cell of the other view shows the same place: the most similar backbone features (DenseCL, eq. 3)
//
//   match(b, i) = argmax_j cos(f(b, i), g(b, j)),       f, g: (B, S, F), backbone tokens of the two views (the first of equals)
//
//   DenseCL's loss is (1 - lambda) QueueContrast(q, k) + lambda QueueContrast(q_dense, k_dense taken at match), lambda 1/2:
//
//   match_cells(be, f, g, match, room);                        // once a step
//   take_cells(be, k_dense, match, k_matched);                 // (B, S, C): row (b, i) is k_dense(b, match(b, i))
//   dense(be, rows(q_dense), rows(k_matched), dense_queue, weight, dq_dense, contrast_room);
//   mean_cells(be, k_dense, pooled);   ...   push(be, dense_queue, directions of pooled);
#pragma once
#include <afire/core/arena.hpp>
#include <afire/op/cosine.hpp>

namespace afire {

template <class S>
struct LargestColumn {                     // one row, one worker
  View<const S, 2> s;                      // (N, S)
  View<Index, 1> at;                       // (N), written
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index n) const {
    Index const M = s.cols();
    S const top = lane.max_over(M, [&](Index m) { return s(n, m); });
    Index const last = lane.max_over(M, [&](Index m) { return s(n, m) == top ? M - m : Index{0}; });
    lane.once([&] { at(n) = last > 0 ? M - last : 0; });         // 0: a NaN equals nothing
  }
};

template <class S>
struct TakeRow {                           // one row, one worker
  View<const S, 3> from;                   // (B, S, C)
  View<const Index, 1> at;                 // (B S)
  View<S, 3> to;                           // (B, S, C), written
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index n) const {
    Index const cells = to.extent[1], b = n / cells, i = n % cells;
    lane.each(to.cols(), [&](Index c) { to(b, i, c) = from(b, at(n), c); });
  }
};

template <class S>
struct MeanCellRow {                       // one film, one worker
  View<const S, 3> x;                      // (B, S, C)
  View<S, 2> mean;                         // (B, C), written
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index b) const {
    Index const cells = x.extent[1];
    lane.each(x.cols(), [&](Index c) {
      S sum = 0;
      for (Index i = 0; i < cells; ++i) sum += x(b, i, c);
      mean(b, c) = sum / static_cast<S>(cells);
    });
  }
};

template <class T>
struct MatchRoom {                         // scratch of match_cells
  View<T, 3> f, g;                         // (B, S, F), of unit length
  View<Accum<T>, 1> inverse;               // (B S)
  View<Accum<T>, 3> s;                     // (B, S, S): cosines
};

// Room for films of S cells with F features.
template <class T>
MatchRoom<T> plan_match(Arena& arena, Index batch, Index cells, Index width) {
  return {arena.scratch<T>(batch, cells, width), arena.scratch<T>(batch, cells, width), arena.scratch<Accum<T>>(batch * cells),
          arena.scratch<Accum<T>>(batch, cells, cells)};
}

template <class B, class T>
void match_cells(B& be, std::type_identity_t<View<const T, 3>> f,             // (B, S, F)
                 std::type_identity_t<View<const T, 3>> g,                    // (B, S, F)
                 View<Index, 1> match,                                        // (B S), written
                 MatchRoom<T> const& room) {
  Index const N = f.extent[0] * f.extent[1], F = f.extent[2];
  expects(same_shape(f, g) && match.size() == N, "dense match: features ", shape_text(f), " and ", shape_text(g), " for ", match.size(),
          " cells; both views need as many cells as are to be matched");
  unit_rows(be, f.as(N, F), room.f.as(N, F), room.inverse);
  unit_rows(be, g.as(N, F), room.g.as(N, F), room.inverse);
  gemm(be, matrices(View<const T, 3>(room.f)), transposed(matrices(View<const T, 3>(room.g))), matrices(room.s), GemmOf<T>{});
  for_each_row(be, N, LargestColumn<Accum<T>>{room.s.as(N, f.extent[1]), match});
}

template <class B, class S>
void take_cells(B& be, std::type_identity_t<View<const S, 3>> x,              // (B, S, C)
                std::type_identity_t<View<const Index, 1>> match,             // (B S)
                View<S, 3> y) {                                               // (B, S, C), written
  for_each_row(be, y.extent[0] * y.extent[1], TakeRow<S>{x, match, y});
}

template <class B, class S>
void mean_cells(B& be, std::type_identity_t<View<const S, 3>> x,              // (B, S, C)
                View<S, 2> mean) {                                            // (B, C), written
  for_each_row(be, mean.rows(), MeanCellRow<S>{x, mean});
}

}  // namespace afire
