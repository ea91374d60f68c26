// afire/ssl/step_counts.hpp -- what every micro-batch of a step must know of the whole step: images, tokens changed and untouched
//
//   count_step(micros, vit, images, epoch);               // maps are the host's; throws where a map has not the shape (images, L)
//
// Means are over the step, so that cutting it into micro-batches changes nothing but rounding.
#pragma once
#include <span>

#include <afire/nn/vit.hpp>
#include <afire/ssl/objective.hpp>

namespace afire {

template <class Pixels>
void count_step(std::span<Micro<Pixels>> micros, ViTConfig const& vit, Index images, Index epoch) {
  Index films = 0, lesions = 0, tokens = 0;
  for (auto& m : micros) {
    expects(m.lesion.rows() == images && m.lesion.cols() == vit.tokens(), "method: a micro-batch has a lesion map of shape ",
            shape_text(m.lesion), ", the plan is for (", images, ", ", vit.tokens(), ")");
    films += images, tokens += m.lesion.size();
    for (unsigned char l : m.lesion) lesions += l != 0;
  }
  for (auto& m : micros) {
    m.films = films, m.lesions = lesions, m.normal = tokens - lesions;
    m.epoch = epoch, m.patch = vit.patch, m.channels = vit.channels, m.grid = vit.grid();
  }
}

}  // namespace afire
