// afire/nn/embed.hpp -- films to tokens: patches, one linear map, positions, the class token
//
//   token(b, 0) = class + table(0),      token(b, 1 + j) = W patch(b, j) + bias + table(1 + j)
//
// A patch is the vector ((c, py, px)) of a square of P x P pixels, j counts patches row by row, W: (C, channels, P, P) as timm has it.
// Pixels come from a functor pixel(b, c, y, x), so that 8-bit films are normalised on the way and no float film is ever stored:
//
//   GreyPixels pixels{films, imagenet()};       embed.forward(be, pixels, tokens, saved);
#pragma once
#include <afire/nn/linear.hpp>
#include <afire/nn/position.hpp>

namespace afire {

// What is taken off and divided by, a channel each, after bytes have become 0 ... 1.
struct Normalisation {
  double mean[3], deviation[3];
};
inline Normalisation imagenet() { return {{0.485, 0.456, 0.406}, {0.229, 0.224, 0.225}}; }

// 8-bit grey films; three channels see the same film.
struct GreyPixels {
  View<const unsigned char, 3> film;       // (B, S, S)
  Normalisation normalisation;
  AFIRE_HD double operator()(Index b, Index c, Index y, Index x) const {
    return (film(b, y, x) * (1.0 / 255.0) - normalisation.mean[c]) * (1.0 / normalisation.deviation[c]);
  }
};

// Images that are normalised already.
template <class S>
struct ImagePixels {
  View<const S, 4> image;                  // (B, C, S, S)
  AFIRE_HD S operator()(Index b, Index c, Index y, Index x) const { return image(b, c, y, x); }
};

template <class T, class Pixels>
struct GatherPatch {                       // one patch, one worker
  Pixels pixel;
  View<T, 3> patches;                      // (B, L, channels P P)
  Index P, channels, grid;
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index n) const {
    Index const L = patches.extent[1], b = n / L, j = n % L, top = j / grid * P, left = j % grid * P;
    for (Index c = 0; c < channels; ++c)
      for (Index py = 0; py < P; ++py) {
        T* const to = &patches(b, j, (c * P + py) * P);
        lane.each(P, [&](Index px) { to[px] = T(pixel(b, c, top + py, left + px)); });
      }
  }
};

template <class T>
struct PlaceTokens {                       // one token, one worker
  View<const T, 3> embedded;               // (B, L, C)
  View<const Accum<T>, 2> table;           // (1 + L, C)
  View<const Accum<T>, 1> class_token;     // (C)
  View<T, 3> tokens;                       // (B, 1 + L, C)
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index n) const {
    Index const L = tokens.extent[1], b = n / L, j = n % L;
    if (j == 0)
      lane.each(tokens.cols(), [&](Index c) { tokens(b, j, c) = T(class_token(c) + table(j, c)); });
    else
      lane.each(tokens.cols(), [&](Index c) { tokens(b, j, c) = T(wide(embedded(b, j - 1, c)) + table(j, c)); });
  }
};

template <class T>
struct DropClassToken {                    // (B, 1 + L, C) -> (B, L, C); one token, one worker
  View<const T, 3> tokens;                 // (B, 1 + L, C)
  View<T, 3> patches;                      // (B, L, C)
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index n) const {
    Index const L = patches.extent[1], b = n / L, j = n % L;
    lane.each(patches.cols(), [&](Index c) { patches(b, j, c) = tokens(b, j + 1, c); });
  }
};

template <class T>
struct ClassColumn {                       // the class tokens of a batch as rows, for a column sum
  View<const T, 3> tokens;                 // (B, 1 + L, C)
  AFIRE_HD Accum<T> operator()(Index b, Index c) const { return wide(tokens(b, 0, c)); }
};

template <class T>
struct PatchEmbed {
  Param<T> cls_token;                      // (1, 1, C)
  Param<T> pos_embed;                      // (1, 1 + L, C), fixed
  Linear<T> proj;                          // its weight is (C, channels, P, P)
  Index patch, channels, grid;

  PatchEmbed(Index image, Index patch_, Index channels_, Index width)
      : proj(channels_ * patch_ * patch_, width), patch(patch_), channels(channels_), grid(image / patch_) {
    cls_token.shape = {1, 1, width};
    cls_token.start = Start::normal, cls_token.scale = 0.02;
    pos_embed.shape = {1, 1 + tokens(), width};
    pos_embed.start = Start::given, pos_embed.given = sine_cosine_table(width, grid, grid);
    pos_embed.trainable = false;
    proj.weight.shape = {width, channels, patch, patch};
    proj.bias.start = Start::uniform, proj.bias.scale = 1 / std::sqrt(static_cast<double>(channels * patch * patch));
  }

  Index tokens() const { return grid * grid; }                         // L, without the class token
  Index width() const { return proj.out(); }
  Index patch_size() const { return channels * patch * patch; }

  struct Saved {
    View<T, 3> patches;                    // (B, L, channels P P)
    View<T, 3> embedded;                   // (B, L, C) scratch
    View<Accum<T>, 2> partial;             // (column_chunks, C) scratch
  };

  void visit(Names<T> const& names) {
    names("cls_token", cls_token);
    names("pos_embed", pos_embed);
    proj.visit(names.under("patch_embed.proj."));
  }

  Saved plan(Arena& arena, Index batch) const {
    Saved s;
    s.patches = arena.keep<T>(batch, tokens(), patch_size());
    auto scope = arena.scope();
    s.embedded = arena.scratch<T>(batch, tokens(), width());
    if (!arena.forgetting()) s.partial = arena.scratch<Accum<T>>(column_chunks, width());
    return s;
  }

  template <class B, class Pixels>
  void forward(B& be, Pixels pixels,
               View<T, 3> y,                                            // (B, 1 + L, C), written
               Saved& s) const {
    Index const batch = y.extent[0], L = tokens();
    for_each_row(be, batch * L, GatherPatch<T, Pixels>{pixels, s.patches, patch, channels, grid});
    proj.forward(be, s.patches.as(batch * L, patch_size()), s.embedded.as(batch * L, width()));
    for_each_row(be, batch * (1 + L), PlaceTokens<T>{s.embedded, pos_embed.value.as(1 + L, width()), cls_token.value, y});
  }

  // Forward was a sum at every token. So d class = sum_b dy(b, 0), and the linear map sees dy without the class tokens.
  template <class B>
  void backward(B& be, std::type_identity_t<View<const T, 3>> dy,       // (B, 1 + L, C)
                Saved& s) const {
    Index const batch = dy.extent[0], L = tokens();
    add_column_sums(be, batch, ClassColumn<T>{dy}, cls_token.grad, s.partial);
    for_each_row(be, batch * L, DropClassToken<T>{dy, s.embedded});
    proj.backward(be, s.patches.as(batch * L, patch_size()), s.embedded.as(batch * L, width()), {}, s.partial);
  }
};

}  // namespace afire
