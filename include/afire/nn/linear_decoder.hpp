// afire/nn/linear_decoder.hpp -- the smallest restoration head: one linear map from a token to its patch (SimMIM)
//
//   film patch (b, j) = W z(b, j) + bias;      z: (B, N, width), film patches: (B, N, P P channels), index (py P + px) channels + c
//
//   MethodConfig{vit, head, LinearDecoder{}, objective}     // the encoder gets mask tokens: Masked{CoarsePatches{}, 16}
//
// It looks at no lesion map: what is hidden, the encoder has to know.
#pragma once
#include <afire/nn/vit.hpp>

namespace afire {

template <class T>
struct PatchPredictor;

// Its configuration: there is nothing to choose.
struct LinearDecoder {
  template <class T>
  using Module = PatchPredictor<T>;
};

// The network of LinearDecoder.
template <class T>
struct PatchPredictor {
  Linear<T> image_pred;

  PatchPredictor(LinearDecoder, ViTConfig const& c) : image_pred(c.width, c.patch * c.patch * c.channels), tokens_(c.all_tokens()) {}

  struct Saved {
    View<T, 3> patches;                    // (B, N, P P channels): the output
    View<Accum<T>, 2> partial;             // (column_chunks, P P channels) scratch
  };
  void visit(Names<T> const& names) { image_pred.visit(names.under("image_pred.")); }

  Saved plan(Arena& arena, Index batch) const {
    Saved s{arena.keep<T>(batch, tokens_, image_pred.out()), {}};
    if (!arena.forgetting()) s.partial = arena.scratch<Accum<T>>(column_chunks, image_pred.out());
    return s;
  }
  template <class B>
  void forward(B& be, std::type_identity_t<View<const T, 3>> z,         // (B, N, width)
               View<const unsigned char, 2>,                            // (B, L)
               Saved& s) const {
    Index const N = z.extent[0] * z.extent[1];
    image_pred.forward(be, z.as(N, z.cols()), s.patches.as(N, image_pred.out()));
  }
  template <class B>
  void backward(B& be, std::type_identity_t<View<const T, 3>> z,                         // (B, N, width)
                View<const unsigned char, 2>,                                            // (B, L)
                std::type_identity_t<View<const T, 3>> d_patches,                        // (B, N, P P channels)
                View<T, 3> dz,                                                           // (B, N, width), written
                Saved& s) const {
    Index const N = z.extent[0] * z.extent[1];
    image_pred.backward(be, z.as(N, z.cols()), d_patches.as(N, image_pred.out()), dz.as(N, z.cols()), s.partial);
  }

 private:
  Index tokens_;
};

}  // namespace afire
