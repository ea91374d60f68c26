// afire/nn/embed.hpp -- films to tokens: patches, one linear map, positions, the class token and register tokens
//
//   token(b, 0) = class + table(0),    token(b, r) = register(r) + table(r), r of 1 ... R
//   token(b, 1 + R + j) = W patch(b, j) + bias + table(1 + R + j)
//
// R is 0 unless asked for (Darcet et al., 2024). A table of the patches alone (timm's no_embed_class) is added to them only.
// A patch is the vector ((c, py, px)) of a square of P x P pixels, j counts patches row by row, W: (C, channels, P, P) as timm has it.
// Pixels come from a functor pixel(b, c, y, x), so that 8-bit films are normalised on the way and no float film is ever stored. With
// `coarser` = r the film is seen r times coarser: a pixel is the mean of r x r, and P counts those.
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
  bool there = false;                      // the film lies in the backend's memory already: ssl/staging.hpp leaves it
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
  Index P, channels, grid, coarser;
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index n) const {
    Index const L = patches.extent[1], b = n / L, j = n % L, top = j / grid * P, left = j % grid * P;
    for (Index c = 0; c < channels; ++c)
      for (Index py = 0; py < P; ++py) {
        T* const to = &patches(b, j, (c * P + py) * P);
        if (coarser == 1) lane.each(P, [&](Index px) { to[px] = T(pixel(b, c, top + py, left + px)); });
        else lane.each(P, [&](Index px) { to[px] = T(mean(b, c, (top + py) * coarser, (left + px) * coarser)); });
      }
  }
  AFIRE_HD double mean(Index b, Index c, Index y, Index x) const {
    double sum = 0;
    for (Index i = 0; i < coarser * coarser; ++i) sum += static_cast<double>(pixel(b, c, y + i / coarser, x + i % coarser));
    return sum / static_cast<double>(coarser * coarser);
  }
};

template <class T>
struct PlaceTokens {                       // one token, one worker
  View<const T, 3> embedded;               // (B, L, C)
  View<const Accum<T>, 2> table;           // (1 + R + L, C), or (L, C): of the patches alone
  View<const Accum<T>, 2> class_token;     // (1, C)
  View<const Accum<T>, 2> registers;       // (R, C)
  View<T, 3> tokens;                       // (B, 1 + R + L, C)
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index n) const {
    Index const N = tokens.extent[1], front = N - embedded.extent[1], b = n / N, j = n % N, row = j - (N - table.rows());
    if (j >= front) {
      lane.each(tokens.cols(), [&](Index c) { tokens(b, j, c) = T(wide(embedded(b, j - front, c)) + table(row, c)); });
      return;
    }
    auto const token = j == 0 ? class_token.row(0) : registers.row(j - 1);
    if (row >= 0) lane.each(tokens.cols(), [&](Index c) { tokens(b, j, c) = T(token(c) + table(row, c)); });
    else lane.each(tokens.cols(), [&](Index c) { tokens(b, j, c) = T(token(c)); });
  }
};

template <class T>
struct DropClassToken {                    // leaves the patches, without what stands in front of them; one patch, one worker
  View<const T, 3> tokens;                 // (B, 1 + R + L, C)
  View<T, 3> patches;                      // (B, L, C)
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index n) const {
    Index const L = patches.extent[1], front = tokens.extent[1] - L, b = n / L, j = n % L;
    lane.each(patches.cols(), [&](Index c) { patches(b, j, c) = tokens(b, j + front, c); });
  }
};

template <class T>
struct TokenOfFilm {                       // f(b, c) = tokens(b, j, c), for add_column_sums
  View<const T, 3> tokens;                 // (B, N, C)
  Index j;
  AFIRE_HD Accum<T> operator()(Index b, Index c) const { return wide(tokens(b, j, c)); }
};

template <class T>
struct SumOverFilms {                      // out(j) += sum_b tokens(b, first + j); one j, one worker
  View<const T, 3> tokens;                 // (B, N, C)
  Index first;
  View<Accum<T>, 2> out;                   // (rows, C), added to
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index j) const {
    for (Index b = 0; b < tokens.extent[0]; ++b) lane.each(out.cols(), [&](Index c) { out(j, c) += wide(tokens(b, first + j, c)); });
  }
};

template <class T>
struct ScatterPatch {                      // the way back of GatherPatch; one patch, one worker
  View<const T, 3> patches;                // (B, L, channels P P)
  View<T, 4> image;                        // (B, channels, height, width)
  Index P, cols, coarser;                  // each of r x r pixels gets its share
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index n) const {
    Index const L = patches.extent[1], b = n / L, j = n % L, top = j / cols * P, left = j % cols * P;
    Accum<T> const share = 1 / static_cast<Accum<T>>(coarser * coarser);
    lane.each(patches.cols(), [&](Index i) {
      for (Index k = 0; k < coarser * coarser; ++k)
        image(b, i / (P * P), (top + i / P % P) * coarser + k / coarser, (left + i % P) * coarser + k % coarser) =
            T(share * wide(patches(b, j, i)));
    });
  }
};

// Patches of a film, and what the tokens are beside them.
struct TokenLayout {
  Index rows, cols;                        // of patches: L = rows cols
  Index registers = 0;                     // R
  bool learned_positions = false;          // a table that is trained (timm's, DINO's), not the sines and cosines
  bool front_positions = true;             // the table has rows for class and register tokens too; false: timm's no_embed_class
  Index coarser = 1;                       // r, pixels of the film along a side that are seen as one

  Index patches() const { return rows * cols; }
  Index front() const { return 1 + registers; }                        // tokens before the first patch
};

// The embedding with its parameters; plan, forward, backward as any module's, but of pixels.
template <class T>
struct PatchEmbed {
  Param<T> cls_token;                      // (1, 1, C)
  Param<T> reg_token;                      // (1, R, C)
  Param<T> pos_embed;                      // (1, 1 + R + L, C) or (1, L, C)
  Linear<T> proj;                          // its weight is (C, channels, P, P)
  Index patch, channels;                   // P, of pixels as they are seen
  TokenLayout layout;

  PatchEmbed(Index image, Index patch_, Index channels_, Index width)
      : PatchEmbed(TokenLayout{image / patch_, image / patch_}, patch_, channels_, width) {}
  PatchEmbed(TokenLayout const& layout_, Index patch_, Index channels_, Index width)
      : proj(channels_ * patch_ * patch_, width), patch(patch_), channels(channels_), layout(layout_) {
    Index const rows = (layout.front_positions ? layout.front() : 0) + tokens();
    cls_token.shape = {1, 1, width};
    cls_token.start = Start::normal, cls_token.scale = 0.02;
    reg_token.shape = {1, layout.registers, width};
    reg_token.start = Start::normal, reg_token.scale = 1e-6;
    pos_embed.shape = {1, rows, width};
    pos_embed.trainable = layout.learned_positions;
    if (layout.learned_positions) {
      pos_embed.start = Start::truncated_normal, pos_embed.scale = 0.02;
    } else {
      pos_embed.start = Start::given, pos_embed.given = position_table(width, layout.rows, layout.cols, rows - tokens());
    }
    proj.weight.shape = {width, channels, patch, patch};
    proj.bias.start = Start::uniform, proj.bias.scale = 1 / std::sqrt(static_cast<double>(channels * patch * patch));
  }

  Index tokens() const { return layout.patches(); }                    // L, without class and register tokens
  Index width() const { return proj.out(); }
  Index patch_size() const { return channels * patch * patch; }

  View<Accum<T>, 2> table() const { return rows_of(pos_embed.value); }                     // (1 + R + L, C) or (L, C)
  View<Accum<T>, 2> d_table() const { return rows_of(pos_embed.grad); }

  struct Saved {
    View<T, 3> patches;                    // (B, L, channels P P)
    View<T, 3> embedded;                   // (B, L, C) scratch
    View<Accum<T>, 2> partial;             // (column_chunks, C) scratch
    Index cols = 0;                        // of the grid of patches
    View<Accum<T>, 2> table = {}, d_table = {};          // of films of another size (nn/resampled_table.hpp); empty: its own
  };

  void visit(Names<T> const& names) {
    names("cls_token", cls_token);
    if (layout.registers > 0) names("reg_token", reg_token);
    names("pos_embed", pos_embed);
    proj.visit(names.under("patch_embed.proj."));
  }

  Saved plan(Arena& arena, Index batch) const { return plan(arena, batch, layout.rows, layout.cols); }
  Saved plan(Arena& arena, Index batch, Index rows, Index cols) const {                    // of films of so many patches
    Saved s;
    s.cols = cols;
    s.patches = arena.keep<T>(batch, rows * cols, patch_size());
    auto scope = arena.scope();
    s.embedded = arena.scratch<T>(batch, rows * cols, width());
    if (!arena.forgetting()) s.partial = arena.scratch<Accum<T>>(column_chunks, width());
    return s;
  }

  template <class B, class Pixels>
  void forward(B& be, Pixels pixels,
               View<T, 3> y,                                            // (B, 1 + R + L, C), written
               Saved& s) const {
    Index const batch = y.extent[0], L = s.patches.extent[1], C = width();
    for_each_row(be, batch * L, GatherPatch<T, Pixels>{pixels, s.patches, patch, channels, s.cols, layout.coarser});
    proj.forward(be, s.patches.as(batch * L, patch_size()), s.embedded.as(batch * L, C));
    for_each_row(be, batch * y.extent[1], PlaceTokens<T>{s.embedded, s.table ? s.table : table(), rows_of(cls_token.value),
                                                         rows_of(reg_token.value), y});
  }

  // Forward was a sum at every token. So d class = sum_b dy(b, 0), registers and a learned table likewise, and the linear map sees dy
  // of the patches.
  template <class B>
  void backward(B& be, std::type_identity_t<View<const T, 3>> dy,       // (B, 1 + R + L, C)
                Saved& s) const {
    Index const batch = dy.extent[0], L = s.patches.extent[1];
    for (Index j = 0; j < layout.front(); ++j)           // few of them, so many films: in chunks
      add_column_sums(be, batch, TokenOfFilm<T>{dy, j}, j == 0 ? cls_token.grad : rows_of(reg_token.grad).row(j - 1), s.partial);
    if (pos_embed.trainable) {
      auto const d_rows = s.d_table ? s.d_table : d_table();
      for_each_row(be, d_rows.rows(), SumOverFilms<T>{dy, dy.extent[1] - d_rows.rows(), d_rows});
    }
    for_each_row(be, batch * L, DropClassToken<T>{dy, s.embedded});
    proj.backward(be, s.patches.as(batch * L, patch_size()), s.embedded.as(batch * L, width()), {}, s.partial);
  }

  // The gradient at the pixels, for who asks what a film's pixels did (training doesn't). After backward, whose patches it takes.
  // Forward was W patch + bias at every patch. So d patch = dy W.
  template <class B>
  void backward_to_pixels(B& be, std::type_identity_t<View<const T, 3>> dy,              // (B, 1 + R + L, C)
                          View<T, 4> d_image,                                            // (B, channels, height, width), written
                          Saved& s) const {
    Index const N = dy.extent[0] * tokens();
    for_each_row(be, N, DropClassToken<T>{dy, s.embedded});
    gemm(be, matrix(View<const T, 2>(s.embedded.as(N, width()))), matrix(proj.weight.matrix()), matrix(s.patches.as(N, patch_size())));
    for_each_row(be, N, ScatterPatch<T>{s.patches, d_image, patch, layout.cols, layout.coarser});
  }

 private:
  View<Accum<T>, 2> rows_of(View<Accum<T>, 1> x) const { return View<Accum<T>, 2>(x.data, x.size() / width(), width()); }
};

}  // namespace afire
