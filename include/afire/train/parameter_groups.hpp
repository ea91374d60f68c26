// afire/train/parameter_groups.hpp -- which parameters decay, and which stand still at first
//
//   DecayRule::released    every trainable tensor with two or more axes that is no bias, tokens and directions included (spec 2.9)
//   DecayRule::corrected   the same without class token, mask tokens and the weight-normalised directions, whose length carries no
//                          meaning: decaying it only changes their learning rate (spec Q21, Q22); the default
//   freeze_last_layers     the directions v stand still in the first epochs: the optimiser does not see them (spec 2.9)
#pragma once
#include <afire/core/param.hpp>

namespace afire {

enum class DecayRule { released, corrected };

inline bool ends_with(std::string_view name, std::string_view end) {
  return name.size() >= end.size() && name.substr(name.size() - end.size()) == end;
}
inline bool is_last_layer(std::string_view name) { return name.find("last_layers.") != std::string_view::npos; }

template <class T>
bool decays(std::string_view name, Param<T> const& param, DecayRule rule) {
  std::size_t const axes = param.shape.size();                         // a stack of biases would need axes - 1; there is none
  if (!param.trainable || axes < 2 || ends_with(name, ".bias")) return false;
  return rule == DecayRule::released || !(ends_with(name, "_token") || is_last_layer(name));
}

}  // namespace afire
