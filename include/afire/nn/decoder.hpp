// afire/nn/decoder.hpp -- the restoration decoder: tokens and a lesion map to a film
//
//   u = W z + b at every token;   at lesion tokens u = mask_token(j);   + positions;   blocks;   norm;   W_image u -> pixels
//   z: (B, 1 + L, width);   lesion: (B, L) 0 or 1;   film patches: (B, 1 + L, P P channels), index (py P + px) channels + c
//
//   Decoder<float> decoder(TransformerDecoder{.width = 512, .depth = 8}, vit_small);
//
// Spec 2.5: width 512, depth 8, heads 16, eps 1e-5, one mask token a position. The class token's row of the output means nothing.
#pragma once
#include <afire/nn/vit.hpp>

namespace afire {

struct TransformerDecoder {
  Index width = 512, depth = 8, heads = 16, mlp_ratio = 4;
  double eps = 1e-5;
};

template <class T>
struct PlaceMaskTokens {                   // one token, one worker; u in place
  View<T, 3> u;                            // (B, 1 + L, C)
  View<const unsigned char, 2> lesion;     // (B, L)
  View<const Accum<T>, 2> mask_token;      // (L, C)
  View<const Accum<T>, 2> table;           // (1 + L, C)
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index n) const {
    Index const L = u.extent[1], b = n / L, j = n % L;
    if (j > 0 && lesion(b, j - 1))
      lane.each(u.cols(), [&](Index c) { u(b, j, c) = T(mask_token(j - 1, c) + table(j, c)); });
    else
      lane.each(u.cols(), [&](Index c) { u(b, j, c) = T(wide(u(b, j, c)) + table(j, c)); });
  }
};

// Forward replaced the token where lesion is 1. So the mask token of position j receives those rows of du, and the token gets zero there.
template <class T>
struct TakeMaskGradient {                  // one position, one worker
  View<T, 3> du;                           // (B, 1 + L, C)
  View<const unsigned char, 2> lesion;     // (B, L)
  View<Accum<T>, 2> d_mask;                // (L, C), added to
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index j) const {
    for (Index b = 0; b < du.extent[0]; ++b)
      if (lesion(b, j)) lane.each(du.cols(), [&](Index c) {
          d_mask(j, c) += wide(du(b, j + 1, c));
          du(b, j + 1, c) = T(0.0f);
        });
  }
};

template <class T>
struct Decoder {
  Linear<T> embedding;
  Param<T> mask_token;                     // (1, L, C)
  Param<T> pos_embed;                      // (1, 1 + L, C), fixed
  std::vector<Block<T>> blocks;
  LayerNorm<T> norm;
  Linear<T> image_pred;

  Decoder(TransformerDecoder const& c, ViTConfig const& encoder)
      : embedding(encoder.width, c.width),
        blocks(static_cast<std::size_t>(c.depth), Block<T>(c.width, c.heads, c.mlp_ratio, c.eps)), norm(c.width, c.eps),
        image_pred(c.width, encoder.patch * encoder.patch * encoder.channels) {
    mask_token.shape = {1, encoder.tokens(), c.width};
    mask_token.start = Start::normal, mask_token.scale = 0.02;
    pos_embed.shape = {1, 1 + encoder.tokens(), c.width};
    pos_embed.start = Start::given, pos_embed.given = sine_cosine_table(c.width, encoder.grid(), encoder.grid());
    pos_embed.trainable = false;
  }

  Index tokens() const { return mask_token.shape[1]; }                 // L
  Index width() const { return embedding.out(); }

  struct Saved {
    std::vector<View<T, 3>> x;             // depth + 1 of (B, 1 + L, C)
    std::vector<typename Block<T>::Saved> blocks;
    View<Accum<T>, 2> stats;               // (B (1 + L), 2)
    View<T, 3> patches;                    // (B, 1 + L, P P channels): the output
    View<T, 2> normed;                     // (B (1 + L), C) scratch
    View<T, 3> d_x;                        // (B, 1 + L, C) scratch
    View<Accum<T>, 2> partial;             // (column_chunks, widest) scratch
  };

  void visit(Names<T> const& names) {
    embedding.visit(names.under("embedding."));
    names("mask_token", mask_token);
    names("pos_embed", pos_embed);
    for (std::size_t i = 0; i < blocks.size(); ++i) blocks[i].visit(names.under("blocks." + std::to_string(i) + "."));
    norm.visit(names.under("norm."));
    image_pred.visit(names.under("image_pred."));
  }

  Saved plan(Arena& arena, Index batch) const {
    Index const L = 1 + tokens(), C = width(), pixels = image_pred.out();
    Saved s;
    s.patches = arena.keep<T>(batch, L, pixels);
    s.stats = arena.keep<Accum<T>>(batch * L, Index{2});
    for (std::size_t i = 0; i <= blocks.size(); ++i)
      s.x.push_back(arena.forgetting() && i >= 2 ? s.x[i - 2] : arena.keep<T>(batch, L, C));
    s.normed = arena.scratch<T>(batch * L, C);
    if (!arena.forgetting()) {
      s.d_x = arena.scratch<T>(batch, L, C);
      s.partial = arena.scratch<Accum<T>>(column_chunks, pixels > C ? pixels : C);
    }
    for (auto& block : blocks) {
      auto scope = arena.scope();
      s.blocks.push_back(block.plan(arena, batch, L));
    }
    return s;
  }

  template <class B>
  void forward(B& be, std::type_identity_t<View<const T, 3>> z,         // (B, 1 + L, width)
               View<const unsigned char, 2> lesion,                     // (B, L)
               Saved& s) const {
    Index const N = z.extent[0] * z.extent[1], C = width();
    embedding.forward(be, z.as(N, z.cols()), s.x[0].as(N, C));
    for_each_row(be, N, PlaceMaskTokens<T>{s.x[0], lesion, mask_token.value.as(tokens(), C), pos_embed.value.as(1 + tokens(), C)});
    for (std::size_t i = 0; i < blocks.size(); ++i) blocks[i].forward(be, s.x[i].as(N, C), s.x[i + 1].as(N, C), s.blocks[i]);
    norm.forward(be, s.x.back().as(N, C), s.normed, s.stats);
    image_pred.forward(be, s.normed, s.patches.as(N, image_pred.out()));
  }

  template <class B>
  void backward(B& be, std::type_identity_t<View<const T, 3>> z,                         // (B, 1 + L, width)
                View<const unsigned char, 2> lesion,                                     // (B, L)
                std::type_identity_t<View<const T, 3>> d_patches,                        // (B, 1 + L, P P channels)
                View<T, 3> dz,                                                           // (B, 1 + L, width), written
                Saved& s) const {
    Index const N = z.extent[0] * z.extent[1], C = width();
    auto const d_x = s.d_x.as(N, C);
    norm.forward(be, s.x.back().as(N, C), s.normed, s.stats);
    image_pred.backward(be, s.normed, d_patches.as(N, image_pred.out()), d_x, s.partial);
    norm.backward(be, s.x.back().as(N, C), s.stats, d_x, {}, d_x, s.partial);
    for (std::size_t i = blocks.size(); i-- > 0;) blocks[i].backward(be, s.x[i].as(N, C), d_x, d_x, s.blocks[i]);
    for_each_row(be, tokens(), TakeMaskGradient<T>{s.d_x, lesion, mask_token.grad.as(tokens(), C)});
    embedding.backward(be, z.as(N, z.cols()), d_x, dz.as(N, z.cols()), s.partial);
  }
};

}  // namespace afire
