// afire/train/parameter_groups.hpp -- which parameters decay, which stand still at first, which learn more slowly
//
//   DecayRule::released    every trainable tensor with two or more axes that is no bias, tokens and directions included (spec 2.9)
//   DecayRule::corrected   the same without tokens (class, register, mask), learned positions and the weight-normalised directions, whose
//                          length carries no meaning: decaying it only changes their learning rate (spec Q21, Q22); the default
//   freeze_last_layers     the directions v stand still in the first epochs: the optimiser does not see them (spec 2.9)
//   layer_rates            fine-tuning: the rate of a layer is d^(depth + 1 - layer) of the head's (BEiT, MAE); layer 0: tokens, positions,
//                          patch embedding; i + 1: block i; depth + 1: all that comes behind
#pragma once
#include <cmath>

#include <afire/core/param.hpp>

namespace afire {

// Which tensors decay, see above.
enum class DecayRule { released, corrected };

// "blocks.0.norm1.bias" ends with ".bias".
inline bool ends_with(std::string_view name, std::string_view end) {
  return name.size() >= end.size() && name.substr(name.size() - end.size()) == end;
}
// The weight-normalised directions and their gains, last_layers.j.weight_v and weight_g.
inline bool is_last_layer(std::string_view name) { return name.find("last_layers.") != std::string_view::npos; }

template <class T>
bool decays(std::string_view name, Param<T> const& param, DecayRule rule) {
  std::size_t const axes = param.shape.size();                         // a stack of biases would need axes - 1; there is none
  if (!param.trainable || axes < 2 || ends_with(name, ".bias")) return false;
  return rule == DecayRule::released || !(ends_with(name, "_token") || ends_with(name, "pos_embed") || is_last_layer(name));
}

// The layer of an encoder's parameter, with or without "encoder." in front; of any other: depth + 1.
inline Index layer_of(std::string_view name, Index depth) {
  if (name.substr(0, 8) == "encoder.") name.remove_prefix(8);
  if (name == "cls_token" || name == "reg_token" || name == "mask_token" || name == "pos_embed" || name.substr(0, 12) == "patch_embed.")
    return 0;
  if (name.substr(0, 7) != "blocks.") return depth + 1;
  Index block = 0;
  for (char const c : name.substr(7)) {
    if (c < '0' || c > '9') break;
    block = 10 * block + (c - '0');
  }
  return block + 1;
}

// The factor of each tensor's learning rate; d = 1: all are 1.
inline std::vector<double> layer_rates(std::vector<std::string> const& names, double d) {
  Index depth = 0;
  for (auto const& name : names)
    if (Index const layer = layer_of(name, -1); layer > depth) depth = layer;
  std::vector<double> rates;
  for (auto const& name : names) rates.push_back(std::pow(d, static_cast<double>(depth + 1 - layer_of(name, depth))));
  return rates;
}

}  // namespace afire
