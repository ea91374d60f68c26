// bench/support/step_films.hpp -- films for the time of a step, the same on every backend: a pattern, and 36 of 196 patches changed
//
//   StepFilms films(vit, batch);            auto micro = films.micro();          trainer.step(std::span(&micro, 1));
#pragma once
#include <afire/core/tensor.hpp>
#include <afire/nn/vit.hpp>
#include <afire/ssl/objective.hpp>

namespace afire::bench {

struct StepFilms {
  Tensor<unsigned char, 3> film;    // (B, S, S)
  Tensor<unsigned char, 2> lesion;  // (B, L)

  StepFilms(ViTConfig const& vit, Index batch) : film(batch, vit.image, vit.image), lesion(batch, vit.tokens()) {
    for (Index i = 0; i < film.size(); ++i) film.data()[i] = static_cast<unsigned char>(i * 31 >> 4);
    for (Index b = 0; b < batch; ++b)
      for (Index j = 0; j < vit.tokens(); ++j) lesion(b, j) = j % 14 >= 4 && j % 14 < 10 && j / 14 >= 3 && j / 14 < 9;
  }

  Micro<GreyPixels> micro() const {
    GreyPixels const pixels{film.view(), imagenet()};
    return {pixels, pixels, lesion.view()};
  }
};

}  // namespace afire::bench
