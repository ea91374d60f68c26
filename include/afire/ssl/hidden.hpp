// afire/ssl/hidden.hpp -- maskings that hide whole patches from the encoder: a mask token in their place, or nothing
//
//   Masked{RandomPatches{.ratio = 0.6}, 16}       the encoder gets one learned token at every hidden patch         (BEiT, SimMIM, iBOT)
//   Dropped{RandomPatches{.ratio = 0.75}, 16}     the encoder works on the others alone; the shape must fix their number        (MAE)
//
// The film itself is not changed (seen = clean): `mask` is 1 on the pixels of hidden patches. Shapes are those of ssl/patch_shapes.hpp.
#pragma once
#include <cstring>

#include <afire/core/tensor.hpp>
#include <afire/ssl/patch_shapes.hpp>
#include <afire/ssl/sight.hpp>

namespace afire {

struct HiddenRoom {                        // memory kept from film to film
  PatchRoom shape;
  std::vector<std::uint8_t> map;
};

template <class Shape>
struct Masked {
  Shape shape = {};
  Index patch = 16;                        // P, of the encoder
  static constexpr float patch_share = 0;
  using Room = HiddenRoom;

  void validate() const {
    validated(shape), expects(patch > 0, "hidden patches: patches of ", patch, " pixels; at least 1 is needed");
  }
  // Throws unless the encoder has these patches, and as many as the shape can hide.
  void expect_encoder(ViTConfig const& vit) const {
    expects(vit.patch == patch, "hidden patches: patches of ", patch, " pixels, the encoder's have ", vit.patch,
            "; give the encoder's patch");
    if constexpr (requires { shape.expect_grid(vit.grid(), vit.grid()); }) shape.expect_grid(vit.grid(), vit.grid());
  }
  AsMaskTokens sight(Index) const { return {}; }

  void operator()(Random random,
                  View<const std::uint8_t, 2> clean,     // (H, W)
                  View<std::uint8_t, 2> seen,            // (H, W), written: the same
                  View<std::uint8_t, 2> mask,            // (H, W), written: 1 in hidden patches
                  Room& room) const {
    expects(clean.rows() % patch == 0 && clean.cols() % patch == 0, "hidden patches: films ", shape_text(clean),
            " cannot be cut into patches of ", patch, "; give the encoder's patch");
    Index const rows = clean.rows() / patch, cols = clean.cols() / patch;
    room.map.resize(static_cast<std::size_t>(rows * cols));
    View<std::uint8_t, 2> const map(room.map.data(), rows, cols);
    Draws draws(random.to(Purpose::masking));
    shape(draws, map, room.shape);
    std::memcpy(seen.data, clean.data, static_cast<std::size_t>(clean.size()));
    for (Index y = 0; y < mask.rows(); ++y)
      for (Index x = 0; x < mask.cols(); ++x) mask(y, x) = map(y / patch, x / patch);
  }
  void operator()(Random random, View<const std::uint8_t, 2> clean, View<std::uint8_t, 2> seen, View<std::uint8_t, 2> mask) const {
    Room room;
    (*this)(random, clean, seen, mask, room);
  }
};
template <class S>
Masked(S, Index) -> Masked<S>;

template <class Shape>
struct Dropped : Masked<Shape> {
  LeftOut sight(Index patches) const { return {patches - this->shape.hidden(patches)}; }
};
template <class S>
Dropped(S, Index) -> Dropped<S>;

}  // namespace afire
