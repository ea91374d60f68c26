// afire/train/fit_weights.hpp -- tensors of a file for the parameters of a model, by name: adapted to its sizes, or refused with a list
//
//   FittedWeights const w = fit_weights(part_weights(file, layout), wanted, "head.*", "weights.pth does not fit this model:");
//   w.values[i]                                            // for wanted[i]; empty where it may stay as it is
//   for (auto const& line : w.notes) say(line);            // encoder.pos_embed: 37 x 37 positions became 16 x 16
//
// As timm does: position tables are resampled (bicubic, antialiased; rows of class and register tokens stay), patch kernels too; kernels of
// three channels are summed for one, those of one are shared out to three, as the channels' normalisation wants it. Layer scale that the
// model does not have is multiplied into the projection before it, which is the same function. A file that holds an encoder alone says
// nothing of head and decoder.
#pragma once
#include <algorithm>
#include <map>

#include <afire/io/differences.hpp>
#include <afire/io/weight.hpp>
#include <afire/nn/embed.hpp>
#include <afire/nn/resample.hpp>

namespace afire {

// What a parameter of the model wants.
struct Wanted {
  std::string name;                        // encoder.blocks.0.attn.qkv.weight
  std::vector<Index> shape;
};

struct FittedWeights {
  std::vector<std::vector<float>> values;
  std::vector<std::string> notes;          // what was adapted
};

// A table of so many rows: a square of patches behind `front` rows of other tokens, or the patches alone.
struct PositionRows {
  Index front, grid;
};
// How a table of so many rows is laid out: with front rows, else without; {0, 0}: neither gives a square.
inline PositionRows position_rows(Index rows, Index registers) {
  for (Index const front : {1 + registers, Index{0}}) {
    auto const grid = static_cast<Index>(std::lround(std::sqrt(static_cast<double>(std::max<Index>(rows - front, 0)))));
    if (grid > 0 && grid * grid + front == rows) return {front, grid};
  }
  return {0, 0};
}

// (1, front + grid^2, C) for another grid and more tokens in front, which get zeros; empty where that is not what differs.
inline std::vector<double> adapted_positions(Weight const& w, std::vector<Index> const& to, PositionRows from_rows, PositionRows to_rows) {
  bool const tables = w.shape.size() == 3 && to.size() == 3 && w.shape[0] == 1 && to[0] == 1 && w.shape[2] == to[2];
  if (!tables || from_rows.grid == 0 || to_rows.grid == 0 || from_rows.front > to_rows.front) return {};
  auto table = read_weight<double>(w);
  auto const C = static_cast<std::size_t>(to[2]), front = static_cast<std::size_t>(from_rows.front);
  table.insert(table.begin() + static_cast<std::ptrdiff_t>(front * C), (static_cast<std::size_t>(to_rows.front) - front) * C, 0.0);
  if (from_rows.grid == to_rows.grid) return table;
  return resample_positions(table, to_rows.front, {from_rows.grid, from_rows.grid}, {to_rows.grid, to_rows.grid});
}

// timm's: channels are summed and shared out as they are.
inline constexpr Normalisation same_for_all_channels{{0, 0, 0}, {1, 1, 1}};

// (C, channels, P, P) for another patch, and for another number of channels, so that a grey film gives the same tokens as before. With
// m and d the channels' mean and deviation, of which one grey channel takes the first, and |K| the sum of a kernel over its pixels:
//   three to one:  K = sum_c K_c d_0 / d_c,    bias += sum_c |K_c| (m_0 - m_c) / d_c
//   one to three:  K_c = K d_c / (3 d_0),      bias += |K| (mean of m - m_0) / d_0
struct AdaptedKernels {
  std::vector<double> values;              // empty where sizes do not differ like that
  std::vector<double> bias;                // (C): what is added to the bias; empty: nothing
};
// `films`: what is taken off and divided by in training; same_for_all_channels: timm's plain sum and share.
inline AdaptedKernels adapted_kernels(Weight const& w, std::vector<Index> const& to, Normalisation const& films) {
  auto const is_square = [](std::vector<Index> const& s) { return s.size() == 4 && s[2] == s[3] && s[2] > 0 && (s[1] == 1 || s[1] == 3); };
  if (!is_square(w.shape) || !is_square(to) || w.shape[0] != to[0]) return {};
  Index const pixels = to[2] * to[3], had = w.shape[1], has = to[1];
  auto kernels = read_weight<double>(w);
  if (w.shape[2] != to[2]) kernels = resample_patches(kernels, w.shape[2], to[2]);
  if (had == has) return {std::move(kernels), {}};
  AdaptedKernels all{std::vector<double>(static_cast<std::size_t>(to[0] * has * pixels)),
                     std::vector<double>(static_cast<std::size_t>(to[0]))};
  auto const& [mean, deviation] = films;
  for (Index n = 0; n < to[0]; ++n)
    for (Index c = 0; c < 3; ++c)
      for (Index i = 0; i < pixels; ++i) {
        double const k = kernels[static_cast<std::size_t>((n * had + c % had) * pixels + i)];
        all.values[static_cast<std::size_t>((n * has + c % has) * pixels + i)] +=
            had == 3 ? k * deviation[0] / deviation[c] : k * deviation[c] / deviation[0] / 3;
        all.bias[static_cast<std::size_t>(n)] +=
            had == 3 ? k * (mean[0] - mean[c]) / deviation[c] : k * (mean[c] - mean[0]) / deviation[0] / 3;
      }
  return all;
}

class WeightFitter {                       // fit_weights() below is the way to call it
 public:
  WeightFitter(std::vector<Weight> const& given, std::vector<Wanted> const& wanted, Normalisation const& films)
      : wanted_(wanted), films_(films) {
    for (auto const& w : given) {
      expects(given_.insert({w.name, &w}).second, "two tensors of the file would be called ", quoted(w.name));
      only_encoder_ = only_encoder_ && w.name.starts_with("encoder.");
    }
    for (auto const& w : wanted) wanted_names_.insert({w.name, &w});
  }

  FittedWeights fit(std::string_view allowed, std::string const& words) {
    Differences differ(allowed);
    FittedWeights result;
    for (auto const& [name, shape] : wanted_) {
      auto& values = result.values.emplace_back();
      auto const found = given_.find(name);
      if (found == given_.end()) {
        if (!only_encoder_ || name.starts_with("encoder.")) differ.missing(name);
        continue;
      }
      Weight const& w = *found->second;
      used_.insert({name, true});
      if (w.shape == shape) values = read_weight<float>(w);
      else if (auto const adapted = adapt(w, shape, result.notes); !adapted.empty()) values.assign(adapted.begin(), adapted.end());
      else differ.misshapen(name, w.shape, shape);
      shift(name, values);
      scale(name, values, result.notes);
    }
    for (auto const& [name, w] : given_)
      if (!used_.contains(name)) differ.left(name);
    differ.refuse(words);
    return result;
  }

 private:
  std::vector<double> adapt(Weight const& w, std::vector<Index> const& shape, std::vector<std::string>& notes) const {
    if (w.name.ends_with("pos_embed") && w.shape.size() == 3 && shape.size() == 3) {
      auto const registers = [](auto const& tensors) {
        auto const found = tensors.find("encoder.reg_token");
        return found != tensors.end() && found->second->shape.size() == 3 ? found->second->shape[1] : 0;
      };
      bool const encoder = w.name.starts_with("encoder.");
      auto const from = position_rows(w.shape[1], encoder ? registers(given_) : 0);
      auto const to = position_rows(shape[1], encoder ? registers(wanted_names_) : 0);
      auto table = adapted_positions(w, shape, from, to);
      std::string const front = from.front != to.front ? text(", with ", to.front, " rows in front, not ", from.front) : "";
      if (!table.empty())
        notes.push_back(text(w.name, ": ", from.grid, " x ", from.grid, " positions became ", to.grid, " x ", to.grid, front));
      return table;
    }
    if (!w.name.ends_with("patch_embed.proj.weight")) return {};
    auto kernels = adapted_kernels(w, shape, films_);
    bool const shifts = std::any_of(kernels.bias.begin(), kernels.bias.end(), [](double b) { return b != 0; });
    if (!kernels.values.empty())
      notes.push_back(text(w.name, ": ", shape_text(w.shape), " became ", shape_text(shape),
                           shifts ? ", with the channels' mean and deviation in kernels and bias" : ""));
    return std::move(kernels.values);
  }

  // What another number of channels leaves to the bias.
  void shift(std::string const& name, std::vector<float>& values) const {
    if (!name.ends_with("patch_embed.proj.bias")) return;
    std::string const kernel = name.substr(0, name.rfind('.')) + ".weight";
    auto const given = given_.find(kernel);
    auto const wanted = wanted_names_.find(kernel);
    if (given == given_.end() || wanted == wanted_names_.end() || given->second->shape == wanted->second->shape) return;
    auto const bias = adapted_kernels(*given->second, wanted->second->shape, films_).bias;
    for (std::size_t n = 0; n < values.size() && n < bias.size(); ++n) values[n] += static_cast<float>(bias[n]);
  }

  // y = gamma (W x + b) is one linear map: row r of W and b times gamma(r).
  void scale(std::string const& name, std::vector<float>& values, std::vector<std::string>& notes) {
    for (auto const& [projection, factor] : {std::pair{".attn.proj.", ".ls1.gamma"}, {".mlp.fc2.", ".ls2.gamma"}}) {
      auto const at = name.find(projection);
      if (at == name.npos || values.empty()) continue;
      std::string const gamma_name = name.substr(0, at) + factor;
      auto const gamma = given_.find(gamma_name);
      if (gamma == given_.end() || wanted_names_.contains(gamma_name)) continue;
      auto const factors = read_weight<float>(*gamma->second);
      expects(!factors.empty() && values.size() % factors.size() == 0, gamma_name, " ", shape_text(gamma->second->shape),
              " is no factor for each row of ", name);
      std::size_t const row = values.size() / factors.size();
      for (std::size_t i = 0; i < values.size(); ++i) values[i] *= factors[i / row];
      used_.insert({gamma_name, true});
      if (!std::exchange(scaled_, true)) notes.push_back("layer scale was multiplied into attn.proj and mlp.fc2");
    }
  }

  std::vector<Wanted> const& wanted_;
  Normalisation films_;
  std::map<std::string, Weight const*, std::less<>> given_;
  std::map<std::string, Wanted const*, std::less<>> wanted_names_;
  std::map<std::string, bool> used_;
  bool only_encoder_ = true, scaled_ = false;
};

inline FittedWeights fit_weights(std::vector<Weight> const& given, std::vector<Wanted> const& wanted, std::string_view allowed,
                                 std::string const& words,        // begins the list of what does not fit
                                 Normalisation const& films = same_for_all_channels) {
  return WeightFitter(given, wanted, films).fit(allowed, words);
}

}  // namespace afire
