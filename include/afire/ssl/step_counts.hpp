// afire/ssl/step_counts.hpp -- what every micro-batch of a step must know of the whole step: images, tokens changed and untouched
//
//   count_step(micros, vit, images, epoch);               // maps are the host's; throws where a map has not the shape (images, L)
//   count_ranks(ranks_of(be), micros);                    // what the other ranks have counted is added
//   sum_step(be, gradients, terms);                       // gradients and losses of a share become those of the step
//
// Means are over the step, so that cutting it into micro-batches, or sharing it among ranks, changes nothing but rounding.
#pragma once
#include <span>

#include <afire/core/ranks.hpp>
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

template <class Ranks, class Pixels>
void count_ranks(Ranks&& ranks, std::span<Micro<Pixels>> micros) {
  if (ranks.rank().count == 1 || micros.empty()) return;
  double all[] = {static_cast<double>(micros[0].films), static_cast<double>(micros[0].normal), static_cast<double>(micros[0].lesions)};
  ranks.sum(all);
  for (auto& m : micros)
    m.films = static_cast<Index>(all[0]), m.normal = static_cast<Index>(all[1]), m.lesions = static_cast<Index>(all[2]);
}

// All ranks have the same terms in the same order.
template <class Ranks>
void sum_terms(Ranks&& ranks, Terms& terms) {
  if (ranks.rank().count == 1) return;
  double all[Terms::most] = {};
  Index n = 0;
  for (auto& t : terms) all[n++] = t.value;
  ranks.sum(all);
  n = 0;
  for (auto& t : terms) terms[t.name] = all[n++];
}

// The end of a step: gradients are under way between ranks while the losses are exchanged.
template <class B, class S>
void sum_step(B& be, View<S, 1> gradients, Terms& terms) {
  sum_gradients(be, gradients);
  sum_terms(ranks_of(be), terms);
  ranks_of(be).complete(be);
}

// Whether the ranks of a backend can share what an objective needs.
template <class B, Needs needs>
consteval bool explain_ranks() {
  static_assert(is_alone<B> || !needs.remembers,
                "afire: this Objective remembers scores (a centre, a queue), and each rank would remember those of its own films; train it "
                "on a backend that is alone");
  return true;
}

}  // namespace afire
