// afire/nn/mlp.hpp -- a few linear maps, each but the last with a norm and an activation: projectors, predictors, expanders
//
//   h_l = W_l a_(l-1) (+ b_l),    a_l = activation(norm(h_l)),    a_0 = x,    y = last_norm(h_last)
//   x: (N, in), h: (N, hidden), y: (N, out) in Accum<T>
//
//   Mlp<float> projector(MlpHead{.layers = 3, .hidden = 4096, .out = 256, .last_norm = LastNorm::batch}, 384);
//   auto s = projector.plan(arena, N);   projector.forward(be, x, s);  /* s.d_y from s.y */  projector.backward(be, x, dx, s);
//
// A norm is one over the batch (op/batch_norm.hpp) with the batch's own statistics, as it is while training; a head is not transferred, so
// no running ones are kept. Linear maps before a norm have no bias. Names count as in a PyTorch Sequential: 0.weight, 1.weight, 3.weight.
#pragma once
#include <afire/nn/linear.hpp>
#include <afire/op/batch_norm.hpp>
#include <afire/op/gelu.hpp>
#include <afire/op/relu.hpp>

namespace afire {

enum class HiddenNorm { none, batch };     // HiddenNorm of the hidden layers: with gain and shift
enum class LastNorm { none, batch };       // LastNorm of the output: without them
enum class Activation { relu, gelu };      // Activation between the layers

template <class T>
struct ProjectorHead;                                  // nn/mlp_head.hpp

struct MlpHead {
  template <class T>
  using Module = ProjectorHead<T>;
  Index layers = 3, hidden = 2048, out = 256;
  HiddenNorm norm = HiddenNorm::batch;
  LastNorm last_norm = LastNorm::none;
  Activation activation = Activation::relu;
  double eps = 1e-5;                                   // of the norms

  void validate() const {
    expects(layers >= 1 && hidden > 0 && out > 0, "mlp: ", layers, " layers, ", hidden, " hidden, ", out, " out; each must be at least 1");
    expects_positive("mlp: eps", eps);
  }
};

template <class T>
struct Mlp {
  MlpHead config;
  std::vector<Linear<T>> fc;                           // (layers)
  struct Affine {
    Param<T> weight, bias;                             // (hidden)
  };
  std::vector<Affine> norms;                           // (layers - 1); none without a norm

  Mlp(MlpHead const& c, Index in) : config(validated(c)) {
    for (Index l = 0; l < c.layers; ++l) {
      bool const last = l + 1 == c.layers;
      bool const with_bias = last ? c.last_norm == LastNorm::none : c.norm == HiddenNorm::none;
      fc.emplace_back(l == 0 ? in : c.hidden, last ? c.out : c.hidden, with_bias);
      if (!last && c.norm == HiddenNorm::batch) {
        Affine& norm = norms.emplace_back();
        norm.weight.shape = norm.bias.shape = {c.hidden};
        norm.weight.scale = 1;
      }
    }
  }

  Index in() const { return fc.front().in(); }
  Index out() const { return config.out; }

  void visit(Names<T> const& names) {
    Index place = 0;
    for (std::size_t l = 0; l < fc.size(); ++l) {
      fc[l].visit(names.under(std::to_string(place++) + "."));
      if (l < norms.size()) {
        auto const norm = names.under(std::to_string(place++) + ".");
        norm("weight", norms[l].weight), norm("bias", norms[l].bias);
      }
      ++place;                                         // the activation
    }
  }

  struct Saved {
    View<T, 3> h;                                      // (layers - 1, N, hidden)
    View<Accum<T>, 3> stats;                           // (layers - 1, 2, hidden): mean, rstd
    View<Accum<T>, 2> last, last_stats;                // (N, out), (2, out), before the last norm; empty without
    View<Accum<T>, 2> y;                               // (N, out): the output
    View<Accum<T>, 2> d_y;                             // (N, out): its gradient, used up
    View<T, 2> a, normed, d;                           // (N, hidden) scratch
    View<T, 2> d_last;                                 // (N, out) scratch
    View<Accum<T>, 2> sums, partial;                   // (2, width), (column_chunks, width) scratch, width = max(hidden, out)
  };

  Saved plan(Arena& arena, Index N) const {
    using S = Accum<T>;
    Index const hidden = config.hidden, out = config.out, between = config.layers - 1, width = hidden > out ? hidden : out;
    Saved s;
    s.y = arena.keep<S>(N, out);
    s.h = arena.keep<T>(between, N, hidden);
    s.stats = arena.keep<S>(between, Index{2}, hidden);
    if (config.last_norm == LastNorm::batch) s.last = arena.keep<S>(N, out), s.last_stats = arena.keep<S>(Index{2}, out);
    s.a = arena.scratch<T>(N, hidden);
    s.partial = arena.scratch<S>(column_chunks, width);
    if (!arena.forgetting()) {
      s.d_y = arena.scratch<S>(N, out);
      s.normed = arena.scratch<T>(N, hidden), s.d = arena.scratch<T>(N, hidden);
      s.d_last = arena.scratch<T>(N, out);
      s.sums = arena.scratch<S>(Index{2}, width);
    }
    return s;
  }

  template <class B>
  void forward(B& be, std::type_identity_t<View<const T, 2>> x,         // (N, in)
               Saved& s) const {
    for (std::size_t l = 0; l + 1 < fc.size(); ++l) {
      auto const h = s.h.row(static_cast<Index>(l));
      fc[l].forward(be, l == 0 ? x : View<const T, 2>(s.a), h);
      if (l < norms.size())
        batch_norm(be, h, norms[l].weight.value, norms[l].bias.value, static_cast<Accum<T>>(config.eps), s.a,
                   s.stats.row(static_cast<Index>(l)), partial(s, config.hidden));
      activate(be, l < norms.size() ? View<const T, 2>(s.a) : View<const T, 2>(h), s.a);
    }
    Linear<T> const& last = fc.back();
    auto const y = s.last ? s.last : s.y;
    gemm(be, matrix(fc.size() == 1 ? x : View<const T, 2>(s.a)), transposed(matrix(last.weight.matrix())), matrix(y),
         GemmOf<T>{.bias = last.bias.value});
    if (s.last) batch_norm(be, s.last, {}, {}, static_cast<Accum<T>>(config.eps), s.y, s.last_stats, partial(s, config.out));
  }

  // Every hidden layer is made again from h on the way back: a norm and an activation cost less than the memory of their outputs.
  template <class B>
  void backward(B& be, std::type_identity_t<View<const T, 2>> x,        // (N, in)
                View<T, 2> dx,                                          // (N, in), written
                Saved& s) const {
    using S = Accum<T>;
    if (s.last) batch_norm_backward(be, s.last, {}, s.last_stats, s.d_y, s.d_y, {}, {}, sums(s, config.out), partial(s, config.out));
    copy(be, s.d_y.flat(), s.d_last.flat());
    View<T, 2> d = s.d_last, free = s.d, a = s.a;
    for (std::size_t l = fc.size(); l-- > 1;) {
      auto const below = static_cast<Index>(l - 1);
      View<const T, 2> const h = s.h.row(below);
      bool const normed = l - 1 < norms.size();
      if (normed) normalise_columns(be, h, norms[l - 1].weight.value, norms[l - 1].bias.value, s.normed, s.stats.row(below));
      View<const T, 2> const before = normed ? View<const T, 2>(s.normed) : h;
      activate(be, before, a);
      fc[l].backward(be, a, d, a, partial(s, fc[l].out()));             // a is its own gradient now
      if (config.activation == Activation::relu) relu_backward(be, before, a, a);
      else gelu_backward(be, before, a, s.normed, a);
      if (normed)
        batch_norm_backward(be, h, norms[l - 1].weight.value, s.stats.row(below), a, a, View<S, 1>(norms[l - 1].weight.grad),
                            View<S, 1>(norms[l - 1].bias.grad), sums(s, config.hidden), partial(s, config.hidden));
      d = a;
      std::swap(a, free);
    }
    fc[0].backward(be, x, d, dx, partial(s, fc[0].out()));
  }

 private:
  template <class B>
  void activate(B& be, View<const T, 2> x, View<T, 2> y) const {
    if (config.activation == Activation::relu) relu(be, x, y);
    else gelu(be, x, y);
  }
  static View<Accum<T>, 2> partial(Saved& s, Index width) { return View<Accum<T>, 2>(s.partial.data, column_chunks, width); }
  static View<Accum<T>, 2> sums(Saved& s, Index width) { return View<Accum<T>, 2>(s.sums.data, 2, width); }
};

}  // namespace afire
