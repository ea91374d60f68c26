// afire/nn/plain_head.hpp -- a head whose last layer is a plain linear map for every position: scores without a bound
//
//   z = mlp(x),   s(b, j, k) = <z(b, j), v(j, k)>;      x: (B, L, width), z: (B, L, out), v: (L, K, out), s: (B, L, K)
//
//   PlainHead<float> head(PlainPositionHead{.prototypes = 256}, 384, 196);
//
// The head of nn/head.hpp without unit length and weight normalisation: what those two are for is seen by leaving them out. A plain last
// layer that all positions share is an MlpHead with as many outputs as there are prototypes.
#pragma once
#include <afire/nn/mlp.hpp>
#include <afire/op/cosine.hpp>

namespace afire {

template <class T>
struct PlainHead;

struct PlainPositionHead {
  template <class T>
  using Module = PlainHead<T>;
  MlpHead mlp = {.layers = 3, .hidden = 1024, .out = 256, .norm = HiddenNorm::none, .activation = Activation::gelu};
  Index prototypes = 256;
};

template <class T>
struct PlainHead {
  Mlp<T> mlp;
  Param<T> v;                                          // (L, K, out)

  PlainHead(PlainPositionHead const& c, Index width, Index tokens) : mlp(c.mlp, width) {
    expects(c.prototypes > 0, "plain head: ", c.prototypes, " prototypes; at least 1 is needed");
    v.shape = {tokens, c.prototypes, c.mlp.out};
    v.start = Start::uniform, v.scale = 1 / std::sqrt(static_cast<double>(c.mlp.out));
    v.tensors = tokens;
  }
  Index prototypes() const { return v.shape[1]; }      // K

  void visit(Names<T> const& names) {
    mlp.visit(names.under("mlp."));
    names("last_layers.*.weight", v);
  }

  struct Saved {
    typename Mlp<T>::Saved mlp;
    View<T, 3> z;                                      // (B, L, out), as the products read it
    View<Accum<T>, 3> scores;                          // (B, L, K): the output
    View<T, 3> d_scores, dz;                           // (B, L, K), (B, L, out) scratch
  };

  Saved plan(Arena& arena, Index batch, Index tokens) const {
    expects(tokens == v.shape[0], "plain head: ", tokens, " tokens, the head has a map for each of ", v.shape[0], " positions");
    Saved s;
    s.mlp = mlp.plan(arena, batch * tokens);
    s.z = arena.keep<T>(batch, tokens, mlp.out());
    s.scores = arena.keep<Accum<T>>(batch, tokens, prototypes());
    if (!arena.forgetting()) {
      s.d_scores = arena.scratch<T>(batch, tokens, prototypes());
      s.dz = arena.scratch<T>(batch, tokens, mlp.out());
    }
    return s;
  }

  template <class B>
  void forward(B& be, std::type_identity_t<View<const T, 2>> x,         // (B L, width)
               Saved& s) const {
    mlp.forward(be, x, s.mlp);
    copy(be, s.mlp.y.flat(), s.z.flat());
    gemm(be, by_position(View<const T, 3>(s.z), false), transposed(matrices(maps())), by_position(s.scores, false));
  }

  // dz = ds v and dv += sum_b ds z, for each position apart.
  template <class B>
  void backward(B& be, std::type_identity_t<View<const T, 2>> x,                         // (B L, width)
                std::type_identity_t<View<const Accum<T>, 3>> d_scores,                  // (B, L, K)
                View<T, 2> dx,                                                           // (B L, width), written
                Saved& s) const {
    copy(be, d_scores.flat(), s.d_scores.flat());
    auto const ds = by_position(View<const T, 3>(s.d_scores), false);
    gemm(be, ds, matrices(maps()), by_position(s.dz, false));
    gemm(be, transposed(ds), by_position(View<const T, 3>(s.z), false), matrices(v.grad.as(v.shape[0], v.shape[1], v.shape[2])),
         GemmOf<T>{.add = true});
    copy(be, s.dz.flat(), s.mlp.d_y.flat());
    mlp.backward(be, x, dx, s.mlp);
  }

 private:
  View<const T, 3> maps() const { return View<const T, 3>(v.work.data, v.shape[0], v.shape[1], v.shape[2]); }
};

}  // namespace afire
