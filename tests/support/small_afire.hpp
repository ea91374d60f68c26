// tests/support/small_afire.hpp -- AFiRe in a few thousand parameters, and a batch of made-up films with lesions for it
#pragma once
#include <afire/ssl/method.hpp>
#include <afire/ssl/restoration.hpp>
#include <afire/ssl/token_contrast.hpp>

#include "tests/support/random.hpp"

namespace afire_test {

inline constexpr ViTConfig small_vit{.image = 24, .patch = 8, .channels = 1, .width = 16, .depth = 2, .heads = 2, .mlp_ratio = 2};
inline constexpr PerPositionHead small_head{.hidden = 20, .out = 12, .prototypes = 10};
inline constexpr TransformerDecoder small_decoder{.width = 12, .depth = 1, .heads = 3, .mlp_ratio = 2};

inline auto afire_objective() { return TokenContrast{} + 1.0 * Restoration<Everywhere>{}; }

// Films of which every third token or so is changed; every film is another.
struct SmallBatch {
  Index films;
  Tensor<float, 4> clean, seen;            // (B, channels, S, S)
  Tensor<unsigned char, 2> lesion;         // (B, L)

  SmallBatch(ViTConfig const& vit, Index films_, std::uint64_t seed)
      : films(films_), clean(random_tensor<float, 4>(seed, films_, vit.channels, vit.image, vit.image)),
        seen(films_, vit.channels, vit.image, vit.image), lesion(films_, vit.tokens()) {
    Random const random(seed, Purpose::test, 1);
    for (Index i = 0; i < lesion.size(); ++i) lesion.data()[i] = random.uniform(static_cast<std::uint64_t>(i)) < 0.3f;
    for (Index b = 0; b < films; ++b)
      for (Index c = 0; c < vit.channels; ++c)
        for (Index y = 0; y < vit.image; ++y)
          for (Index x = 0; x < vit.image; ++x)
            seen(b, c, y, x) = clean(b, c, y, x) + (lesion(b, y / vit.patch * vit.grid() + x / vit.patch) ? 1.5f : 0.0f);
  }

  // Films first ... first + count as a micro-batch.
  Micro<ImagePixels<float>> micro(Index first, Index count) const {
    return {{seen.view().slice(first, count)}, {clean.view().slice(first, count)}, lesion.view().slice(first, count)};
  }
  Micro<ImagePixels<float>> micro() const { return micro(0, films); }
};

}  // namespace afire_test
