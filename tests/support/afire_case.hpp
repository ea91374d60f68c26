// tests/support/afire_case.hpp -- the sizes of an AFiRe fixture, its films and its parameters; everything is read from the file
#pragma once
#include <afire/io/safetensors.hpp>
#include <afire/op/patchify.hpp>
#include <afire/ssl/method.hpp>
#include <afire/ssl/restoration.hpp>
#include <afire/ssl/token_contrast.hpp>

namespace afire_test {

using namespace afire;

// Values of a tensor; of one that is stacked along its first axis, `last_layers.*` or `last_layers.0`, `last_layers.1`, ...
inline std::vector<double> stacked(SafetensorsFile const& file, std::string const& name, Index tensors) {
  auto const star = name.find('*');
  if (file.find(name) || star == std::string::npos) return file.read<double>(name);
  std::vector<double> all;
  for (Index k = 0; k < tensors; ++k) {
    auto const one = file.read<double>(name.substr(0, star) + std::to_string(k) + name.substr(star + 1));
    all.insert(all.end(), one.begin(), one.end());
  }
  return all;
}

template <class B, class S>
void fill_from(B& be, std::vector<double> const& values, View<S, 1> to) {
  REQUIRE(static_cast<Index>(values.size()) == to.size());
  std::vector<S> const host(values.begin(), values.end());
  upload(be, host.data(), to);
}

// A gain that the file leaves out is 1.
template <class B, class T>
void load_parameters(B& be, SafetensorsFile const& file, std::string const& prefix, ParamStore<T>& store) {
  for (auto& [name, param, offset] : store) {
    std::string const full = prefix + name, first = full.substr(0, full.find('*')) + "0.weight_g";
    bool const left_out = full.ends_with("*.weight_g") && !file.find(full) && !file.find(first);
    auto const ones = [n = static_cast<std::size_t>(param.size())] { return std::vector<double>(n, 1.0); };
    fill_from(be, left_out ? ones() : stacked(file, full, param.tensors), param.value);
  }
  refresh(be, store);
}

struct AfireCase {
  SafetensorsFile const& file;
  ViTConfig vit;
  PerPositionHead head;
  TransformerDecoder decoder;
  Index batch, epoch;

  explicit AfireCase(SafetensorsFile const& f)
      : file(f), vit{.image = fact("image"), .patch = fact("patch"), .channels = fact("channels"), .width = fact("width"),
                     .depth = fact("depth"), .heads = fact("heads")},
        head{.hidden = fact("head_hidden"), .out = fact("head_out"), .prototypes = fact("prototypes")},
        decoder{.width = fact("decoder_width"), .depth = fact("decoder_depth"), .heads = fact("decoder_heads")}, batch(fact("batch")),
        epoch(f.metadata().contains("epoch") ? fact("epoch") : 0) {}

  Index fact(std::string const& name) const { return static_cast<Index>(std::stoll(file.metadata(name))); }
  double real(std::string const& name) const { return std::stod(file.metadata(name)); }

  static auto objective() {
    return TokenContrast<Sinkhorn>{.assignment = {.temperature = 0.05, .iterations = 3}, .temperature = 0.1,
                                   .prototypes = {.momentum = 0.75, .rule = PrototypeRule::released}} +
           1.0 * Restoration<Everywhere>{};
  }

  // Normalised films (batch, channels, S, S); number `first` is that of the first where the file holds those of many steps.
  Tensor<double, 4> images(std::string const& name, Index first = 0) const {
    Tensor<double, 4> x(batch, vit.channels, vit.image, vit.image);
    Index const pixels = vit.image * vit.image, each = vit.channels * pixels;
    if (file.find(name)) {
      auto const all = file.read<double>(name);
      for (Index i = 0; i < x.size(); ++i) x.data()[i] = all[static_cast<std::size_t>(first * each + i)];
    } else {
      auto const all = file.read<double>(name + "_u8");
      Normalisation const n = imagenet();
      for (Index b = 0; b < batch; ++b)
        for (Index c = 0; c < vit.channels; ++c)
          for (Index i = 0; i < pixels; ++i)
            x.data()[(b * vit.channels + c) * pixels + i] =
                (all[static_cast<std::size_t>((first + b) * pixels + i)] / 255 - n.mean[c]) / n.deviation[c];
    }
    return x;
  }

  // 1 where any pixel of a patch was changed.
  Tensor<unsigned char, 2> lesion(Index first = 0) const {
    Tensor<unsigned char, 2> map(batch, vit.tokens());
    bool const bytes = !file.find("in/mask");
    auto const all = file.read<double>(bytes ? "in/mask_u8" : "in/mask");
    Index const channels = bytes ? 1 : vit.channels, S = vit.image, P = vit.patch;
    for (Index b = 0; b < batch; ++b)
      for (Index c = 0; c < channels; ++c)
        for (Index y = 0; y < S; ++y)
          for (Index x = 0; x < S; ++x)
            if (all[static_cast<std::size_t>((((first + b) * channels + c) * S + y) * S + x)] > 0) map(b, y / P * vit.grid() + x / P) = 1;
    return map;
  }

  // A decoder's rows, class token in front, as images.
  template <class T>
  Tensor<double, 4> unpatched(View<T, 3> patches) const {
    Tensor<double, 4> x(batch, vit.channels, vit.image, vit.image);
    Index const P = vit.patch, C = vit.channels;
    for (Index b = 0; b < batch; ++b)
      for (Index c = 0; c < C; ++c)
        for (Index i = 0; i < vit.image; ++i)
          for (Index j = 0; j < vit.image; ++j)
            x(b, c, i, j) = static_cast<double>(wide(patches(b, 1 + i / P * vit.grid() + j / P, (i % P * P + j % P) * C + c)));
    return x;
  }
};

}  // namespace afire_test
