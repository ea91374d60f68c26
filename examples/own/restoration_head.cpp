// Your own restoration head: two linear maps with a GELU between them, from a token to its patch. A configuration names the network.
//
// prints:
//   the gradient of every tensor agrees with differences to 1e-7: true
#include <cstdio>

#include <afire/backend/reference.hpp>
#include <afire/ssl/masking.hpp>
#include <afire/ssl/restoration.hpp>
#include <afire/train/trainer.hpp>

#include "gradient.hpp"

using namespace afire;
// [head]
template <class T>
struct TwoLayers {
  Linear<T> inner, outer;
  Index tokens;                            // N, all tokens of a film
  template <class Config>
  TwoLayers(Config const& c, ViTConfig const& v)
      : inner(v.width, c.hidden), outer(c.hidden, v.patch * v.patch * v.channels), tokens(v.all_tokens()) {}
  struct Saved {
    View<T, 3> patches;                    // (B, N, P P channels): the output
    View<T, 2> h, wide, d_wide;            // (B N, hidden)
    View<Accum<T>, 2> partial;             // (column_chunks, widest) scratch
  };
  void visit(Names<T> const& names) { inner.visit(names.under("inner.")), outer.visit(names.under("outer.")); }
  Saved plan(Arena& a, Index films) const {
    Index const N = films * tokens, H = inner.out(), P = outer.out();
    return {a.keep<T>(films, tokens, P), a.keep<T>(N, H), a.keep<T>(N, H), a.scratch<T>(N, H), a.scratch<Accum<T>>(column_chunks, H + P)};
  }
  void forward(auto& be, std::type_identity_t<View<const T, 3>> z, View<const unsigned char, 2>, Saved& s) const {
    inner.forward(be, z.as(s.h.rows(), z.cols()), s.h);
    gelu(be, s.h, s.wide);
    outer.forward(be, s.wide, s.patches.as(s.h.rows(), outer.out()));
  }
  void backward(auto& be, std::type_identity_t<View<const T, 3>> z, View<const unsigned char, 2>,
                std::type_identity_t<View<const T, 3>> dp, View<T, 3> dz, Saved& s) const {
    outer.backward(be, s.wide, dp.as(s.h.rows(), dp.cols()), s.d_wide, s.partial);
    gelu_backward(be, s.h, s.d_wide, s.wide, s.d_wide);
    inner.backward(be, z.as(s.h.rows(), z.cols()), s.d_wide, dz.as(s.h.rows(), z.cols()), s.partial);
  }
};
struct TwoLayerDecoder {
  Index hidden = 32;
  template <class T>
  using Module = TwoLayers<T>;
};
// [/head]

int main() {
  Reference cpu{.threads = 1};
  Trainer trainer{cpu, Compute<double>{}, four_patches, NoHead{}, TwoLayerDecoder{.hidden = 6}, Clean{}, NoTeacher{}, Restoration<>{},
                  AdamW{}, TrainOptions{.batch = 2}};
  std::printf("the gradient of every tensor agrees with differences to 1e-7: %s\n", gradient_agrees(cpu, trainer, 1e-7).c_str());
}
