// afire/ssl/sight.hpp -- how the student's encoder takes films of which patches are hidden
//
//   InPixels        nothing to do: what is wrong is in the pixels (lesions), or nothing is wrong (two crops)
//   AsMaskTokens    a learned token stands at each place of the map:  encoder.mask_token (1, 1, C)              (iBOT, SimMIM)
//   LeftOut{kept}   the encoder works on `kept` patches of every film; a decoder gets zeros at the other places  (MAE)
//
//   auto sight = sight_of(masking, L);                    // a masking says which by sight(L); a masking without it spoils pixels
//
// Each has one interface, so that a method reads the same with all of them:
//   plan(vit, arena, images), also of what lasts from step to step, and plan_encoder(vit, arena, images, saved)
//   forward(be, vit, pixels, map, encoder, saved) and backward(be, vit, d_tokens, map, encoder, saved)
//   whole(be, tokens, saved) and collect(be, d_tokens, saved): tokens at every place, for a decoder, and the way back
//   whole_images(images), small_tokens(saved): how many images have the encoder's size; the tokens of others (ssl/small_crops.hpp)
#pragma once
#include <afire/nn/vit.hpp>
#include <afire/ssl/objective.hpp>

namespace afire {

struct InPixels {
  static constexpr bool every_patch = true;              // tokens of every place come out

  template <class T>
  struct Module {
    Module(InPixels, ViTConfig const&) {}
    void visit(Names<T> const&) {}
    Index tokens(Index all) const { return all; }        // that leave the encoder
    Index fewest_tokens(Index all) const { return all; } // of any image
    void check(View<const unsigned char, 2>) const {}
    Index whole_images(Index images) const { return images; }
    struct Saved {};
    Saved plan(ViT<T> const&, Arena&, Index) const { return {}; }
    auto plan_encoder(ViT<T> const& vit, Arena& arena, Index images, Saved&) const { return vit.plan(arena, images); }
    template <class B>
    void start(B&, ViT<T> const&, Saved&) const {}                     // once, when the memory is there
    template <class B>
    void drop_paths(B& be, ViT<T> const& vit, PathDraw draw, typename ViT<T>::Saved& encoder, Saved&) const {
      vit.drop_paths(be, draw, encoder);
    }
    void keep_paths(ViT<T> const& vit, typename ViT<T>::Saved& encoder, Saved&) const { vit.keep_paths(encoder); }
    View<const T, 3> small_tokens(Saved const&) const { return {}; }
    View<T, 3> d_small_tokens(Saved const&) const { return {}; }

    template <class B, class Pixels>
    void forward(B& be, ViT<T> const& vit, Pixels seen, View<const unsigned char, 2>, typename ViT<T>::Saved& encoder, Saved&) const {
      vit.forward(be, seen, encoder);
    }
    template <class B>
    void backward(B& be, ViT<T> const& vit, View<const T, 3> d_tokens, View<const unsigned char, 2>, typename ViT<T>::Saved& encoder,
                  Saved&) const {
      vit.backward(be, d_tokens, encoder);
    }
    template <class B>
    View<const T, 3> whole(B&, View<const T, 3> tokens, Saved&) const { return tokens; }
    View<T, 3> d_whole(View<T, 3> d_tokens, Saved&) const { return d_tokens; }
    template <class B>
    void collect(B&, View<T, 3>, Saved&) const {}
  };
};

struct AsMaskTokens {
  static constexpr bool every_patch = true;

  template <class T>
  struct Module : InPixels::Module<T> {
    Param<T> mask_token;                   // (1, 1, C)

    Module(AsMaskTokens, ViTConfig const& vit) : InPixels::Module<T>({}, vit) {
      mask_token.shape = {1, 1, vit.width};
      mask_token.start = Start::normal, mask_token.scale = 0.02;
    }
    void visit(Names<T> const& names) { names("mask_token", mask_token); }
    struct Saved : InPixels::Module<T>::Saved {
      View<Accum<T>, 2> partial;           // (column_chunks, C) scratch
    };
    Saved plan(ViT<T> const&, Arena& arena, Index) const { return {{}, arena.scratch<Accum<T>>(column_chunks, mask_token.size())}; }

    template <class B, class Pixels>
    void forward(B& be, ViT<T> const& vit, Pixels seen, View<const unsigned char, 2> map,     // (V B, L)
                 typename ViT<T>::Saved& encoder, Saved& s) const {
      vit.forward(be, seen, masked(map, s), encoder);
    }
    template <class B>
    void backward(B& be, ViT<T> const& vit, View<const T, 3> d_tokens, View<const unsigned char, 2> map,
                  typename ViT<T>::Saved& encoder, Saved& s) const {
      vit.backward(be, d_tokens, masked(map, s), encoder);
    }

   private:
    MaskTokens<T> masked(View<const unsigned char, 2> map, Saved& s) const { return {map, mask_token.value, mask_token.grad, s.partial}; }
  };
};

struct LeftOut {
  Index kept;                              // patches of every film
  static constexpr bool every_patch = false;

  template <class T>
  struct Module : InPixels::Module<T> {
    Index kept, patches, all, width;

    Module(LeftOut c, ViTConfig const& vit)
        : InPixels::Module<T>({}, vit), kept(c.kept), patches(vit.tokens()), all(vit.all_tokens()), width(vit.width) {
      expects(0 < kept && kept < patches, "method: ", kept, " patches of ", patches, " are to be kept; at least one, but not all");
    }
    Index tokens(Index) const { return all - patches + kept; }
    Index fewest_tokens(Index) const { return tokens(all); }
    void check(View<const unsigned char, 2> map) const {                       // (V B, L)
      for (Index b = 0; b < map.rows(); ++b) {
        Index left = 0;
        for (Index j = 0; j < patches; ++j) left += map(b, j) == 0;
        expects(left == kept, "method: image ", b, " of a micro-batch keeps ", left, " patches, the plan is for ", kept, " of every one");
      }
    }
    struct Saved : InPixels::Module<T>::Saved {
      KeptPatches<T> patches;
      View<T, 3> whole, d_whole;           // (V B, N, C)
    };
    Saved plan(ViT<T> const&, Arena& arena, Index images) const {
      return {{}, {arena.keep<int>(images, kept), arena.keep<int>(images, patches)}, arena.keep<T>(images, all, width),
              arena.scratch<T>(images, all, width)};
    }
    auto plan_encoder(ViT<T> const& vit, Arena& arena, Index images, Saved&) const { return vit.plan(arena, images, kept); }

    template <class B, class Pixels>
    void forward(B& be, ViT<T> const& vit, Pixels seen, View<const unsigned char, 2> map,     // (V B, L)
                 typename ViT<T>::Saved& encoder, Saved& s) const {
      s.patches.list(be, map);
      vit.forward(be, seen, s.patches, encoder);
    }
    template <class B>
    void backward(B& be, ViT<T> const& vit, View<const T, 3> d_tokens, View<const unsigned char, 2>, typename ViT<T>::Saved& encoder,
                  Saved& s) const {
      vit.backward(be, d_tokens, s.patches, encoder);
    }
    template <class B>
    View<const T, 3> whole(B& be, View<const T, 3> tokens, Saved& s) const {
      s.patches.scatter(be, tokens, s.whole);
      return s.whole;
    }
    View<T, 3> d_whole(View<T, 3>, Saved& s) const { return s.d_whole; }
    template <class B>
    void collect(B& be, View<T, 3> d_tokens, Saved& s) const { s.patches.gather(be, s.d_whole, d_tokens); }
  };
};

// What the encoder sees of films under this masking: what it says itself, else all pixels.
template <class Masking>
auto sight_of(Masking const& masking, Index patches) {
  if constexpr (requires { masking.sight(patches); }) return masking.sight(patches);
  else if constexpr (requires { masking.masking; }) return sight_of(masking.masking, patches);       // of views that are masked
  else return InPixels{};
}
// Throws unless the masking, or that of its views, is one of this encoder's patches.
template <class Masking>
void expect_encoder(Masking const& masking, ViTConfig const& vit) {
  if constexpr (requires { masking.expect_encoder(vit); }) masking.expect_encoder(vit);
  else if constexpr (requires { masking.masking; }) expect_encoder(masking.masking, vit);
}
// Its type.
template <class Masking>
using SightOf = decltype(sight_of(std::declval<Masking const&>(), Index{}));

// How many views a masking makes of each film; 1 and 1 if it does not say.
template <class Masking>
Views views_of(Masking const& masking) {
  if constexpr (requires { masking.count(); }) return {masking.count(), masking.teacher_count()};
  else return {};
}

}  // namespace afire
