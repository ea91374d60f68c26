// examples/cli/fixture.hpp -- a file with a step or a trajectory of AFiRe as another program computed it: its sizes, films, parameters
//
//   AfireFixture const fixture(file);      // a sentence about the file where it is none
//   load_parameters(be, file, "student.", method.student_store());
//
// Everything is read from the file: sizes from its metadata, and all of them are held against the shapes of its tensors before any memory
// is taken for them.
#pragma once
#include <afire/io/safetensors.hpp>
#include <afire/ssl/method.hpp>
#include <afire/ssl/restoration.hpp>
#include <afire/ssl/staging.hpp>
#include <afire/ssl/token_contrast.hpp>

namespace afire::cli {

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
void fill_from(B& be, std::string const& name, std::vector<double> const& values, View<S, 1> to) {
  expects(static_cast<Index>(values.size()) == to.size(), name, ": the file has ", values.size(), " values, ", to.size(), " are needed");
  std::vector<S> const host(values.begin(), values.end());
  upload(be, host.data(), to);
}

// What a view of the backend's memory holds, in the host's.
template <class B, class T>
std::vector<std::remove_const_t<T>> fetched(B& be, View<T, 1> there) {
  std::vector<std::remove_const_t<T>> here(static_cast<std::size_t>(there.size()));
  download(be, there, here.data());
  return here;
}

// A gain that the file leaves out is 1.
template <class B, class T>
void load_parameters(B& be, SafetensorsFile const& file, std::string const& prefix, ParamStore<T>& store) {
  for (auto& [name, param, offset] : store) {
    std::string const full = prefix + name, first = full.substr(0, full.find('*')) + "0.weight_g";
    bool const left_out = full.ends_with("*.weight_g") && !file.find(full) && !file.find(first);
    if (left_out) fill(be, param.value, 1);
    else fill_from(be, full, stacked(file, full, param.tensors), param.value);
  }
  refresh(be, store);
}

struct AfireFixture {
  SafetensorsFile const& file;
  bool trajectory;                         // many steps, else one
  ViTConfig vit;
  PerPositionHead head;
  TransformerDecoder decoder;
  Index batch, epoch;

  explicit AfireFixture(SafetensorsFile const& f)
      : file(f), trajectory(kind(f)), vit{.image = fact("image"), .patch = fact("patch"), .channels = fact("channels"),
                                          .width = fact("width"), .depth = fact("depth"), .heads = fact("heads")},
        head{.hidden = fact("head_hidden"), .out = fact("head_out"), .prototypes = fact("prototypes")},
        decoder{.width = fact("decoder_width"), .depth = fact("decoder_depth"), .heads = fact("decoder_heads")}, batch(fact("batch")),
        epoch(trajectory ? 0 : fact("epoch", 0)) {
    try {
      expect_possible(vit);
    } catch (error const& e) { throw error(text(file.path(), ": ", e.what())); }
    std::string const student = trajectory ? "init/student." : "student.";
    auto const has = [&](std::string const& name, std::vector<Index> const& shape) {
      expects(file.at(name).shape == shape, file.path(), ": ", name, " is ", shape_text(file.at(name).shape), ", its metadata expects ",
              shape_text(shape));
    };
    Index const L = vit.tokens(), steps = trajectory ? fact("epochs") * fact("steps_per_epoch") : 0;
    std::vector<Index> films{batch, vit.channels, vit.image, vit.image}, bytes{batch, vit.image, vit.image};
    if (trajectory) films.insert(films.begin(), steps), bytes.insert(bytes.begin(), steps);
    for (std::string const name : {"in/clean", "in/seen", "in/mask"})
      if (file.find(name + "_u8")) has(name + "_u8", bytes);
      else has(name, films);
    has(student + "encoder.pos_embed", {1, 1 + L, vit.width});
    has(student + "decoder.pos_embed", {1, 1 + L, decoder.width});
    has(student + text("encoder.blocks.", vit.depth - 1, ".norm2.weight"), {vit.width});
    has(student + text("decoder.blocks.", decoder.depth - 1, ".norm2.weight"), {decoder.width});
    has(student + "head.mlp.0.weight", {head.hidden, vit.width});
    has(student + "head.mlp.4.weight", {head.out, head.hidden});
    has(trajectory ? "final/prototype" : "in/prototype", {1, L, head.prototypes});
    expects(decoder.width % decoder.heads == 0, file.path(), ": ", decoder.heads, " heads of the decoder do not divide its width, ",
            decoder.width);
  }

  // A positive number of the metadata, or one from `least` on.
  Index fact(std::string const& name, Index least = 1) const {
    double const x = real(name);
    expects(x >= static_cast<double>(least) && x <= 1e6 && x == std::floor(x), file.path(), ": metadata ", name, " is ",
            file.metadata(name), ", not a whole number from ", least, " on");
    return static_cast<Index>(x);
  }
  double real(std::string const& name) const {
    std::string const& words = file.metadata(name);
    char* end = nullptr;
    double const x = std::strtod(words.c_str(), &end);
    expects(!words.empty() && *end == 0 && std::isfinite(x), file.path(), ": metadata ", name, " is ", quoted(words), ", not a number");
    return x;
  }

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

  // A decoder's rows, class token in front, as images of the host.
  template <class B, class T>
  Tensor<double, 4> unpatched(B& be, View<T, 3> there) const {
    Tensor<double, 4> x(batch, vit.channels, vit.image, vit.image);
    Index const P = vit.patch, C = vit.channels;
    auto const here = fetched(be, there.flat());
    View<std::remove_const_t<T> const, 3> const patches(here.data(), there.extent[0], there.extent[1], there.extent[2]);
    for (Index b = 0; b < batch; ++b)
      for (Index c = 0; c < C; ++c)
        for (Index i = 0; i < vit.image; ++i)
          for (Index j = 0; j < vit.image; ++j)
            x(b, c, i, j) = static_cast<double>(wide(patches(b, 1 + i / P * vit.grid() + j / P, (i % P * P + j % P) * C + c)));
    return x;
  }
  // The reverse, from stored values, into the backend's memory; the class token's row is zero.
  template <class B, class T>
  void patched(B& be, std::vector<double> const& image, View<T, 3> there) const {
    Index const P = vit.patch, C = vit.channels, S = vit.image;
    Tensor<T, 3> patches(there.extent[0], there.extent[1], there.extent[2]);
    for (Index b = 0; b < batch; ++b)
      for (Index c = 0; c < C; ++c)
        for (Index i = 0; i < S; ++i)
          for (Index j = 0; j < S; ++j)
            patches(b, 1 + i / P * vit.grid() + j / P, (i % P * P + j % P) * C + c) =
                T(static_cast<Accum<T>>(image[static_cast<std::size_t>(((b * C + c) * S + i) * S + j)]));
    upload(be, patches.data(), there.flat());
  }

 private:
  static bool kind(SafetensorsFile const& f) {
    bool const step = f.find("out/loss") && f.find("in/prototype"), many = f.find("log") && f.find("final/prototype");
    expects(step || many, f.path(), ": neither one step of AFiRe (out/loss, in/prototype) nor a trajectory (log, final/prototype)");
    return many;
  }
};

}  // namespace afire::cli
