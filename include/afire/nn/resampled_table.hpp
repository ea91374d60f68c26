// afire/nn/resampled_table.hpp -- one position table for films of two sizes: its rows made anew for a smaller grid, with their gradient
//
//   rows(j) = sum_l W(j, l) table(l),   W = A (x) B: (l, L), bicubic and antialiased (nn/resample.hpp);   tokens in front keep theirs
//   d table(l) += sum_j W(j, l) d rows(j)
//
//   auto table = plan_table(vit, arena, {6, 6});          // of films of 6 x 6 patches, with weights for films of 14 x 14
//   auto saved = vit.plan(arena, images, 36, 6, 6);   table.serve(saved);   table.start(be, vit, {6, 6});
//   table.forward(be, vit);   vit.forward(be, pixels, saved);   ...   vit.backward(be, dy, saved);   table.backward(be, vit);
//
// The table's own rows are those of the larger films. Where they are not trained (sines), nothing comes back.
#pragma once
#include <afire/nn/resample.hpp>
#include <afire/nn/vit.hpp>
#include <afire/op/residual.hpp>

namespace afire {

// Rows of an encoder's table for films of another grid.
template <class T>
struct ResampledTable {
  using S = Accum<T>;
  View<S, 2> weights;                      // W: (l, L)
  View<S, 2> rows, d_rows;                 // (front + l, C); without front where the table has none

  // A pass planned for films of that grid takes its rows from here.
  void serve(typename ViT<T>::Saved& pass) const { pass.embed.table = rows, pass.embed.d_table = d_rows; }
  // Once, when the memory is there.
  template <class B>
  void start(B& be, ViT<T> const& vit, GridSize grid) const {
    auto const& from = vit.embed.layout;
    HostMatrix const down = resize_matrix(from.rows, grid.rows), across = resize_matrix(from.cols, grid.cols);
    std::vector<S> w;
    for (Index j = 0; j < weights.rows(); ++j)
      for (Index l = 0; l < weights.cols(); ++l)
        w.push_back(static_cast<S>(down(j / grid.cols, l / from.cols) * across(j % grid.cols, l % from.cols)));
    upload(be, w.data(), weights.flat());
  }
  // Each step, since weights have moved.
  template <class B>
  void forward(B& be, ViT<T> const& vit) const {
    View<const S, 2> const table = vit.embed.table(), w = weights;
    copy(be, table.slice(0, front()).flat(), rows.slice(0, front()).flat());
    gemm(be, matrix(w), matrix(table.slice(front(), w.cols())), matrix(rows.slice(front(), w.rows())), GemmOf<S>{});
    fill(be, d_rows.flat(), 0);
  }
  template <class B>
  void backward(B& be, ViT<T> const& vit) const {
    if (!vit.embed.pos_embed.trainable) return;
    View<const S, 2> const w = weights, d = d_rows;
    View<S, 2> const d_table = vit.embed.d_table();
    add(be, d_table.slice(0, front()), d.slice(0, front()), d_table.slice(0, front()));
    gemm(be, transposed(matrix(w)), matrix(d.slice(front(), w.rows())), matrix(d_table.slice(front(), w.cols())), GemmOf<S>{.add = true});
  }

 private:
  Index front() const { return rows.rows() - weights.rows(); }
};

template <class T>
ResampledTable<T> plan_table(ViT<T> const& vit, Arena& arena, GridSize grid) {
  using S = Accum<T>;
  Index const L = vit.embed.tokens(), l = grid.rows * grid.cols, front = vit.embed.pos_embed.shape[1] - L, C = vit.embed.width();
  return {arena.keep<S>(l, L), arena.keep<S>(front + l, C), arena.keep<S>(front + l, C)};
}

}  // namespace afire
