#pragma once
#include <afire/nn/vit.hpp>

#include "laws.hpp"

template <class Count>
int law(Count count) {
  using namespace afire;
  Laws laws;
  for (ViTConfig const& config : {ViTConfig{.image = 32, .patch = 8, .channels = 1, .width = 8, .depth = 1, .heads = 2},
                                  ViTConfig{.image = 32, .patch = 8, .channels = 1, .width = 8, .depth = 3, .heads = 2}, vit_tiny}) {
    ViT<float> vit(config);
    Index size = 0;
    for (auto& [name, param] : parameters<float>(vit)) size += param->size();
    laws.hold(count(config) == size,
              "depth ", config.depth, " and width ", config.width, " make ", size, " parameters, not ", count(config));
  }
  return laws.end();
}
