// afire/ssl/small_crops.hpp -- multi-crop with crops that are really smaller: DINO's local views of 96 pixels beside global ones of 224
//
//   views v < G, which a teacher sees, at the encoder's size S;  the others at s pixels, so that the encoder works on (s / P)^2 patches
//
//   SmallCrops views{MultiCrop{.locals = 8}, 96};         // any views (data/views.hpp) of which a teacher sees the first
//
// The encoder is one: its position table is resampled to the smaller grid (nn/resampled_table.hpp), all other weights are the same, and
// gradients of both sizes add up. Films of a batch have one size: a small crop lies in the upper left corner of its film.
// For objectives of the class token: patches of small crops have no partner.
#pragma once
#include <algorithm>
#include <cstring>

#include <afire/nn/resampled_table.hpp>
#include <afire/ssl/sight.hpp>

namespace afire {

template <class Pixels>
struct LaterFilms {                        // the films from `first` on
  Pixels pixel;
  Index first;
  AFIRE_HD auto operator()(Index b, Index c, Index y, Index x) const { return pixel(first + b, c, y, x); }
};

// What the student sees: images of the first G views whole, of the others the upper left corner of `side` pixels.
struct InTwoSizes {
  Index side;                              // s, pixels
  Views views;                             // V and G: large views come first
  static constexpr bool every_patch = true;

  template <class T>
  struct Module : InPixels::Module<T> {
    Views views;
    GridSize grid;                         // of a small crop, patches
    Index front, width;

    Module(InTwoSizes c, ViTConfig const& vit)
        : InPixels::Module<T>({}, vit), views(c.views), grid{c.side / vit.patch, c.side / vit.patch}, front(vit.front()), width(vit.width) {
      expects(0 < c.side && c.side <= vit.image && c.side % vit.patch == 0, "small crops: ", c.side, " pixels; a multiple of the patch, ",
              vit.patch, ", and at most ", vit.image, " are needed");
      expects(0 < views.teacher && views.teacher < views.student, "small crops: ", views.student, " views, of which ", views.teacher,
              " are large; at least one must be, but not all");
    }
    Index fewest_tokens(Index) const { return front + grid.rows * grid.cols; }
    Index whole_images(Index images) const { return images / views.student * views.teacher; }

    struct Saved : InPixels::Module<T>::Saved {
      typename ViT<T>::Saved encoder;      // of small crops: (n B, 1 + l, C)
      ResampledTable<T> table;
      View<T, 3> d_tokens;                 // (n B, 1 + l, C)
    };
    Saved plan(ViT<T> const& vit, Arena& arena, Index images) const {
      Saved s;
      s.table = plan_table(vit, arena, grid);
      s.d_tokens = arena.scratch<T>(images - whole_images(images), front + grid.rows * grid.cols, width);
      return s;
    }
    auto plan_encoder(ViT<T> const& vit, Arena& arena, Index images, Saved& s) const {
      s.encoder = vit.plan(arena, images - whole_images(images), grid.rows * grid.cols, grid.rows, grid.cols);
      s.table.serve(s.encoder);
      return vit.plan(arena, whole_images(images));
    }
    template <class B>
    void start(B& be, ViT<T> const& vit, Saved& s) const { s.table.start(be, vit, grid); }
    template <class B>
    void drop_paths(B& be, ViT<T> const& vit, PathDraw draw, typename ViT<T>::Saved& encoder, Saved& s) const {
      draw.views = views.teacher, vit.drop_paths(be, draw, encoder);
      draw.first_view = views.teacher, draw.views = views.student - views.teacher, vit.drop_paths(be, draw, s.encoder);
    }
    void keep_paths(ViT<T> const& vit, typename ViT<T>::Saved& encoder, Saved& s) const {
      vit.keep_paths(encoder), vit.keep_paths(s.encoder);
    }

    template <class B, class Pixels>
    void forward(B& be, ViT<T> const& vit, Pixels seen, View<const unsigned char, 2>, typename ViT<T>::Saved& encoder, Saved& s) const {
      vit.forward(be, seen, encoder);
      s.table.forward(be, vit);
      vit.forward(be, LaterFilms<Pixels>{seen, encoder.tokens.extent[0]}, s.encoder);
    }
    template <class B>
    void backward(B& be, ViT<T> const& vit, View<const T, 3> d_tokens, View<const unsigned char, 2>, typename ViT<T>::Saved& encoder,
                  Saved& s) const {
      vit.backward(be, d_tokens, encoder);
      vit.backward(be, s.d_tokens, s.encoder);
      s.table.backward(be, vit);
    }
    View<const T, 3> small_tokens(Saved const& s) const { return s.encoder.tokens; }
    View<T, 3> d_small_tokens(Saved const& s) const { return s.d_tokens; }
  };
};

template <class OfFilm>
struct SmallCrops {                        // views of a film, those that no teacher sees at `side` pixels
  OfFilm views = {};
  Index side = 96;                         // s
  static constexpr float patch_share = 0;
  using Room = typename OfFilm::Room;

  void validate() const {
    validated(views);
    expects(side > 0, "small crops: ", side, " pixels; at least one patch is needed");
  }
  InTwoSizes sight(Index) const { return {side, {count(), teacher_count()}}; }
  Index count() const { return views.count(); }
  Index teacher_count() const { return views.teacher_count(); }
  auto crop(Random random, Index v, Index rows, Index cols) const { return views.crop(random, v, rows, cols); }

  auto view(Random random, Index v, View<const std::uint8_t, 2> film,      // (H, W)
            View<std::uint8_t, 2> clean,                                   // (S, S) written: beside a small crop black
            View<std::uint8_t, 2> seen,                                    // (S, S) written: the same
            View<std::uint8_t, 2> mask,                                    // (S, S) written: zeros
            Room& room) const {
    if (v < teacher_count() || side == clean.rows()) return views.view(random, v, film, clean, seen, mask, room);
    expects(side < clean.rows(), "small crops: ", side, " pixels do not fit films of ", clean.rows());
    // Made densely at the front of the film, then its rows are moved to their places, the last one first.
    auto const dense = [&](View<std::uint8_t, 2> of) { return View<std::uint8_t, 2>(of.data, side, side); };
    auto const where = views.view(random, v, film, dense(clean), dense(seen), dense(mask), room);
    for (View<std::uint8_t, 2> const image : {clean, seen, mask}) {
      std::fill(image.data + side * side, image.data + image.size(), std::uint8_t{0});
      for (Index y = side - 1; y > 0; --y) {
        std::memmove(image.data + y * image.cols(), image.data + y * side, static_cast<std::size_t>(side));
        std::fill(image.data + y * image.cols() - (image.cols() - side), image.data + y * image.cols(), std::uint8_t{0});
      }
    }
    return where;
  }
};
template <class OfFilm>
SmallCrops(OfFilm, Index) -> SmallCrops<OfFilm>;

}  // namespace afire
