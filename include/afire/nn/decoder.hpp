// afire/nn/decoder.hpp -- the restoration decoder: tokens and a lesion map to a film
//
//   u = W z + b at every token;   at lesion tokens u = mask_token(j);   + positions;   blocks;   norm;   W_image u -> pixels
//   z: (B, N, width), N = 1 + R + L;   lesion: (B, L) 0 or 1;   film patches: (B, N, P P channels), index (py P + px) channels + c
//
//   Decoder<float> decoder(TransformerDecoder{.width = 512, .depth = 8}, vit_small);
//
// Spec 2.5: width 512, depth 8, heads 16, eps 1e-5, one mask token a position. The rows of the output that belong to the class token and
// to register tokens mean nothing.
#pragma once
#include <afire/nn/vit.hpp>

namespace afire {

template <class T>
struct Decoder;

struct TransformerDecoder {
  template <class T>
  using Module = Decoder<T>;
  Index width = 512, depth = 8, heads = 16, mlp_ratio = 4;
  double eps = 1e-5;

  void validate() const {
    expects(width > 0 && depth > 0 && heads > 0 && mlp_ratio > 0, "decoder: width ", width, ", depth ", depth, ", heads ", heads,
            ", mlp_ratio ", mlp_ratio, "; each must be at least 1");
    expects(width % heads == 0 && width % 4 == 0, "decoder: width ", width, "; it must be a multiple of 4 and of heads, ", heads);
    expects_positive("decoder: eps", eps);
  }
};

template <class T>
struct PlaceMaskTokens {                   // one token, one worker; u in place
  View<T, 3> u;                            // (B, N, C)
  View<const unsigned char, 2> lesion;     // (B, L)
  View<const Accum<T>, 2> mask_token;      // (L, C)
  View<const Accum<T>, 2> table;           // (N, C)
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index n) const {
    Index const N = u.extent[1], b = n / N, j = n % N, patch = j - (N - lesion.cols());
    if (patch >= 0 && lesion(b, patch))
      lane.each(u.cols(), [&](Index c) { u(b, j, c) = T(mask_token(patch, c) + table(j, c)); });
    else
      lane.each(u.cols(), [&](Index c) { u(b, j, c) = T(wide(u(b, j, c)) + table(j, c)); });
  }
};

// Forward replaced the token where lesion is 1. So the mask token of position j receives those rows of du, and the token gets zero there.
template <class T>
struct TakeMaskGradient {                  // one position, one worker
  View<T, 3> du;                           // (B, N, C)
  View<const unsigned char, 2> lesion;     // (B, L)
  View<Accum<T>, 2> d_mask;                // (L, C), added to
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index j) const {
    Index const row = du.extent[1] - lesion.cols() + j;
    for (Index b = 0; b < du.extent[0]; ++b)
      if (lesion(b, j)) lane.each(du.cols(), [&](Index c) {
        d_mask(j, c) += wide(du(b, row, c));
        du(b, row, c) = T(0.0f);
      });
  }
};

template <class T>
struct Decoder {
  Linear<T> embedding;
  Param<T> mask_token;                     // (1, L, C)
  Param<T> pos_embed;                      // (1, N, C), fixed
  std::vector<Block<T>> blocks;
  LayerNorm<T> norm;
  Linear<T> image_pred;

  Decoder(TransformerDecoder const& c, ViTConfig const& encoder)
      : embedding(encoder.width, validated(c).width),
        blocks(static_cast<std::size_t>(c.depth), Block<T>(c.width, c.heads, c.mlp_ratio, c.eps)), norm(c.width, c.eps),
        image_pred(c.width, encoder.patch * encoder.patch * encoder.channels) {
    mask_token.shape = {1, encoder.tokens(), c.width};
    mask_token.start = Start::normal, mask_token.scale = 0.02;
    pos_embed.shape = {1, encoder.all_tokens(), c.width};
    pos_embed.start = Start::given, pos_embed.given = position_table(c.width, encoder.grid(), encoder.grid(), encoder.front());
    pos_embed.trainable = false;
  }

  Index tokens() const { return mask_token.shape[1]; }                 // L
  Index all_tokens() const { return pos_embed.shape[1]; }              // N, with class and register tokens
  Index width() const { return embedding.out(); }

  struct Saved {
    std::vector<View<T, 3>> x;             // depth + 1 of (B, N, C)
    std::vector<typename Block<T>::Saved> blocks;
    View<Accum<T>, 2> stats;               // (B N, 2)
    View<T, 3> patches;                    // (B, N, P P channels): the output
    View<T, 2> normed;                     // (B N, C) scratch
    View<T, 3> d_x;                        // (B, N, C) scratch
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
    Index const N = all_tokens(), C = width(), pixels = image_pred.out();
    Saved s;
    s.patches = arena.keep<T>(batch, N, pixels);
    s.stats = arena.keep<Accum<T>>(batch * N, Index{2});
    for (std::size_t i = 0; i <= blocks.size(); ++i)
      s.x.push_back(arena.forgetting() && i >= 2 ? s.x[i - 2] : arena.keep<T>(batch, N, C));
    s.normed = arena.scratch<T>(batch * N, C);
    if (!arena.forgetting()) {
      s.d_x = arena.scratch<T>(batch, N, C);
      s.partial = arena.scratch<Accum<T>>(column_chunks, pixels > C ? pixels : C);
    }
    for (auto& block : blocks) {
      auto scope = arena.scope();
      s.blocks.push_back(block.plan(arena, batch, N));
    }
    return s;
  }

  template <class B>
  void forward(B& be, std::type_identity_t<View<const T, 3>> z,         // (B, N, width)
               View<const unsigned char, 2> lesion,                     // (B, L)
               Saved& s) const {
    Index const N = z.extent[0] * z.extent[1], C = width();
    embedding.forward(be, z.as(N, z.cols()), s.x[0].as(N, C));
    for_each_row(be, N, PlaceMaskTokens<T>{s.x[0], lesion, mask_token.value.as(tokens(), C), pos_embed.value.as(all_tokens(), C)});
    for (std::size_t i = 0; i < blocks.size(); ++i) blocks[i].forward(be, s.x[i].as(N, C), s.x[i + 1].as(N, C), s.blocks[i]);
    norm.forward(be, s.x.back().as(N, C), s.normed, s.stats);
    image_pred.forward(be, s.normed, s.patches.as(N, image_pred.out()));
  }

  template <class B>
  void backward(B& be, std::type_identity_t<View<const T, 3>> z,                         // (B, N, width)
                View<const unsigned char, 2> lesion,                                     // (B, L)
                std::type_identity_t<View<const T, 3>> d_patches,                        // (B, N, P P channels)
                View<T, 3> dz,                                                           // (B, N, width), written
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
