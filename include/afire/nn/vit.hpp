// afire/nn/vit.hpp -- a vision transformer that gives all its tokens (Dosovitskiy et al., 2021; timm's names and pre-norm blocks)
//
//   film (B, C, S, S) -> tokens (B, 1 + R + L, width), after the last norm;      class token, R registers (0), L = (S / P)^2 patches
//
//   constexpr ViTConfig cfg = checked(ViTConfig{.width = 384, .depth = 12, .heads = 6});      // an impossible one does not compile
//   ViT<bf16> encoder(cfg);    auto saved = encoder.plan(arena, batch);    encoder.forward(be, pixels, saved);    // saved.tokens
//   encoder.drop_paths(be, PathDraw{.seed = 7, .step = step}, saved);                         // until the next draw, or keep_paths
//
// What timm's models have beside the plain ones are values of the configuration: register tokens, layer scale, a learned position table,
// a table for the patches alone, no bias of queries, keys and values, no last norm. The plain one has none of them and pays for none.
//
// {.image = 448, .patch = 32, .coarser = 2} sees 224 pixels in patches of 16, and a decoder paints 448: a finer target (MRM).
#pragma once
#include <afire/core/ranks.hpp>
#include <afire/nn/block.hpp>
#include <afire/nn/drop_path.hpp>
#include <afire/nn/embed.hpp>
#include <afire/nn/sight.hpp>

namespace afire {

struct ViTConfig {                         // sizes of a vision transformer, and timm's choices
  Index image = 224;                       // S, pixels
  Index patch = 16;                        // P, pixels
  Index channels = 3;                      // 1 or 3
  Index width = 768;
  Index depth = 12;                        // blocks
  Index heads = 12;
  Index mlp_ratio = 4;
  double eps = 1e-6;                       // of every layer norm
  Index registers = 0;                     // R, tokens behind the class token (timm's reg_tokens)
  double layer_scale = 0;                  // where layer scale starts; 0: none (timm's init_values)
  bool learned_positions = false;          // the table is trained; else sines and cosines
  bool front_positions = true;             // the table has rows for class and register tokens too (timm's not no_embed_class)
  bool last_norm = true;                   // false: the tokens leave the last block as they are (timm's models with fc_norm)
  bool qkv_bias = true;                    // queries, keys and values have a bias
  double drop_path = 0;                    // share of films that skip the last block's branches in training; less in those before it
  Index coarser = 1;                       // r: the encoder sees r x r pixels as one, their mean: what is restored is finer than that

  constexpr Index seen_patch() const { return patch / coarser; }      // pixels along a patch, as they are seen
  constexpr Index grid() const { return image / patch; }
  constexpr Index tokens() const { return grid() * grid(); }          // L
  constexpr Index front() const { return 1 + registers; }             // tokens before the first patch
  constexpr Index all_tokens() const { return front() + tokens(); }
};

// The papers' sizes of 12 blocks: vit_tiny has 5.5, vit_small 22, vit_base 86 million parameters.
inline constexpr ViTConfig vit_tiny{.width = 192, .heads = 3};
inline constexpr ViTConfig vit_small{.width = 384, .heads = 6};
inline constexpr ViTConfig vit_base{.width = 768, .heads = 12};

// Throws what is wrong with a configuration. Where that happens at compile time, compilers show the line that throws, and so the sentence.
constexpr void expect_possible(ViTConfig const& c) {
  if (c.image <= 0 || c.patch <= 0 || c.width <= 0 || c.depth <= 0 || c.heads <= 0 || c.mlp_ratio <= 0)
    throw error("afire: ViTConfig: every size must be positive");
  if (!(c.eps > 0)) throw error("afire: ViTConfig: eps must be positive");
  if (!(-1e300 < c.layer_scale && c.layer_scale < 1e300)) throw error("afire: ViTConfig: layer_scale must be a number");
  if (c.registers < 0) throw error("afire: ViTConfig: registers must not be negative");
  if (!(c.drop_path >= 0 && c.drop_path < 1)) throw error("afire: ViTConfig: drop_path lies in 0 ... 1, 1 excluded");
  if (c.image % c.patch != 0) throw error("afire: ViTConfig: image must be a multiple of patch");
  if (c.coarser < 1 || c.patch % c.coarser != 0) throw error("afire: ViTConfig: patch must be a multiple of coarser");
  if (c.channels != 1 && c.channels != 3) throw error("afire: ViTConfig: channels must be 1 or 3");
  if (c.width % c.heads != 0) throw error("afire: ViTConfig: width must be a multiple of heads");
  if (c.width % 4 != 0) throw error("afire: ViTConfig: width must be a multiple of 4 (sine-cosine positions)");
}

consteval ViTConfig checked(ViTConfig c) {
  expect_possible(c);
  return c;
}

template <class T>
struct ViT {
  ViTConfig config;
  PatchEmbed<T> embed;
  std::vector<Block<T>> blocks;
  LayerNorm<T> norm;

  explicit ViT(ViTConfig const& c)
      : config(valid(c)),
        embed({c.grid(), c.grid(), c.registers, c.learned_positions, c.front_positions, c.coarser}, c.seen_patch(), c.channels, c.width),
        blocks(static_cast<std::size_t>(c.depth), Block<T>(c.width, c.heads, c.mlp_ratio, c.eps, c.layer_scale, c.qkv_bias)),
        norm(c.width, c.eps) {}

  struct Saved {
    typename PatchEmbed<T>::Saved embed;
    std::vector<View<T, 3>> x;             // depth + 1 of (B, N, C), N = 1 + R + L (or kept): what enters block i, and at last the norm
    std::vector<typename Block<T>::Saved> blocks;
    View<Accum<T>, 2> stats;               // (B N, 2)
    View<T, 3> tokens;                     // (B, N, C): the output
    View<T, 3> d_x;                        // (B, N, C) scratch: the gradient that walks down the blocks
    View<T, 3> whole;                      // (B, 1 + R + L, C) scratch, where only some patches are kept: all, and their gradient
    View<Accum<T>, 2> keep;                // (2 depth, B): factors of drop path
    View<Accum<T>, 2> partial;             // (column_chunks, C) scratch
  };

  void visit(Names<T> const& names) {
    embed.visit(names);
    for (std::size_t i = 0; i < blocks.size(); ++i) blocks[i].visit(names.under("blocks." + std::to_string(i) + "."));
    if (config.last_norm) norm.visit(names.under("norm."));
  }

  // A plan that forgets (a teacher's) alternates between two streams and gives every block the same scratch.
  Saved plan(Arena& arena, Index batch) const { return plan(arena, batch, embed.tokens()); }

  // With fewer patches than the film has, tokens are (B, 1 + R + kept, C) and passes take KeptPatches.
  Saved plan(Arena& arena, Index batch, Index kept) const { return plan(arena, batch, kept, config.grid(), config.grid()); }

  // Of films of so many patches: with others than its own, positions come from nn/resampled_table.hpp.
  Saved plan(Arena& arena, Index batch, Index kept, Index rows, Index cols) const {
    Index const N = config.front() + kept, C = config.width;
    Saved s;
    if (kept != rows * cols) s.whole = arena.scratch<T>(batch, config.front() + rows * cols, C);
    if (config.last_norm) {
      s.tokens = arena.keep<T>(batch, N, C);
      s.stats = arena.keep<Accum<T>>(batch * N, Index{2});
    }
    if (!arena.forgetting()) {
      s.keep = arena.keep<Accum<T>>(2 * config.depth, batch);
      s.d_x = arena.scratch<T>(batch, N, C);
      s.partial = arena.scratch<Accum<T>>(column_chunks, C);
    }
    for (std::size_t i = 0; i <= blocks.size(); ++i)
      s.x.push_back(arena.forgetting() && i >= 2 ? s.x[i - 2] : arena.keep<T>(batch, N, C));
    if (!config.last_norm) s.tokens = s.x.back();
    {
      auto scope = arena.scope();
      s.embed = embed.plan(arena, batch, rows, cols);
    }
    for (auto& block : blocks) {
      auto scope = arena.scope();
      s.blocks.push_back(block.plan(arena, batch, N));
    }
    return s;
  }

  // Which branches take part from now on, of config.drop_path. Training only: a plan that forgets keeps every branch.
  template <class B>
  void drop_paths(B& be, PathDraw draw, Saved& s) const {
    if (config.drop_path == 0) return;
    expects(bool(s.keep), "drop path: this plan forgets, it is not for training");
    draw_paths(be, config.drop_path, draw, s.keep);
    for (std::size_t i = 0; i < blocks.size(); ++i)
      s.blocks[i].keep1 = s.keep.row(2 * static_cast<Index>(i)), s.blocks[i].keep2 = s.keep.row(2 * static_cast<Index>(i) + 1);
  }
  void keep_paths(Saved& s) const {
    for (auto& block : s.blocks) block.keep1 = block.keep2 = {};
  }

  template <class B, class Pixels>
  void forward(B& be, Pixels pixels, Saved& s) const {
    embed.forward(be, pixels, s.x[0], s.embed);
    up(be, s);
  }
  template <class B, class Pixels>
  void forward(B& be, Pixels pixels, MaskTokens<T> const& masked, Saved& s) const {
    embed.forward(be, pixels, s.x[0], s.embed);
    masked.forward(be, embed.pos_embed.value.as(embed.pos_embed.shape[1], config.width), s.x[0]);
    up(be, s);
  }
  template <class B, class Pixels>
  void forward(B& be, Pixels pixels, KeptPatches<T> const& kept, Saved& s) const {
    embed.forward(be, pixels, s.whole, s.embed);
    kept.gather(be, s.whole, s.x[0]);
    up(be, s);
  }

  // The gradient at the last block's output, in s.d_x: the beginning of the way back.
  template <class B>
  void backward_last_norm(B& be, std::type_identity_t<View<const T, 3>> dy,              // (B, N, C); may be s.d_x
                          Saved& s) const {
    Index const N = dy.extent[0] * dy.extent[1], C = config.width;
    auto const d_x = s.d_x.as(N, C);
    if (config.last_norm) norm.backward(be, s.x.back().as(N, C), s.stats, dy.as(N, C), {}, d_x, s.partial);
    else if (dy.data != d_x.data) copy(be, dy.flat(), d_x.flat());
  }

  // dx of a film is nobody's need in training: the walk ends at the patch embedding, and s.d_x is what arrived there.
  template <class B>
  void backward(B& be, std::type_identity_t<View<const T, 3>> dy,       // (B, 1 + R + L, C); may be s.d_x
                Saved& s) const {
    down(be, dy, s);
    embed.backward(be, s.d_x, s.embed);
  }
  template <class B>
  void backward(B& be, std::type_identity_t<View<const T, 3>> dy,       // (B, 1 + R + L, C)
                MaskTokens<T> const& masked, Saved& s) const {
    down(be, dy, s);
    masked.backward(be, s.d_x);
    embed.backward(be, s.d_x, s.embed);
  }
  template <class B>
  void backward(B& be, std::type_identity_t<View<const T, 3>> dy,       // (B, 1 + R + kept, C)
                KeptPatches<T> const& kept, Saved& s) const {
    down(be, dy, s);
    kept.scatter(be, s.d_x, s.whole);
    embed.backward(be, s.whole, s.embed);
  }

 private:
  // The blocks and the last norm, and the same way back to the embedding.
  template <class B>
  void up(B& be, Saved& s) const {
    Index const N = s.tokens.extent[0] * s.tokens.extent[1], C = config.width;
    for (std::size_t i = 0; i < blocks.size(); ++i) blocks[i].forward(be, s.x[i].as(N, C), s.x[i + 1].as(N, C), s.blocks[i]);
    if (config.last_norm) norm.forward(be, s.x.back().as(N, C), s.tokens.as(N, C), s.stats);
  }
  template <class B>
  void down(B& be, View<const T, 3> dy, Saved& s) const {
    Index const N = dy.extent[0] * dy.extent[1], C = config.width;
    auto const d_x = s.d_x.as(N, C);
    backward_last_norm(be, dy, s);
    for (std::size_t i = blocks.size(); i-- > 0;) {
      blocks[i].backward(be, s.x[i].as(N, C), d_x, d_x, s.blocks[i]);
      gradients_done(be, blocks[i].norm1.weight.grad.data);
    }
  }

  static ViTConfig const& valid(ViTConfig const& c) {
    expect_possible(c);
    return c;
  }
};

}  // namespace afire
