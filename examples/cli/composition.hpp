// examples/cli/composition.hpp -- what the program asks of one composition: a backend with a compute type
//
//   Composition const& c = chosen_composition(settings, &why);      // the best that was built in, or the one asked for
//   AnyTrainer trainer = c.trainer(settings);
//
// Each of them is compiled in a file of its own (composition_onednn_bf16.cpp, ...) out of train.hpp.
#pragma once
#include <functional>
#include <span>

#include <afire/core/view.hpp>
#include <examples/cli/settings.hpp>

namespace afire {
struct Random;
struct FewLabels;
struct LabelledFeatures;
}  // namespace afire

namespace afire::cli {

struct AnyTrainer;

// Tokens of films: (B, S, S) of at most --batch films to (B, 1 + R + L, C): class token, registers, patches.
using Encoder = std::function<void(View<const unsigned char, 3>, View<float, 3>)>;

// Fills a parameter of that name. Empty: the encoder has the weights that training with this seed begins with.
using Weights = std::function<void(std::string const& name, View<float, 1>)>;

struct Composition {
  char const *backend, *dtype;
  AnyTrainer (*trainer)(Settings const&);
  Encoder (*encoder)(Settings const&, Weights const&);
  double (*gemm_rate)(Settings const&, Index M, Index N, Index K);     // operations a second with its threads, or on its device
  char const* variant = nullptr;           // the name of a composition that is not AFiRe's; it has a trainer and nothing else
  FewLabels (*few_labels)(Settings const&, LabelledFeatures const&, std::vector<Index> const& rows, View<const float, 2> query, Random,
                          Index voters) = nullptr;         // on its device; without: eval/few_labels.hpp on the host

  bool on_gpu() const { return std::string_view(backend) == "cuda"; }
};

std::span<Composition const> compositions();             // those that were built in, the fastest of the CPU first, then the GPU's
Composition const& chosen_composition(Settings& s, std::string* why = nullptr);      // s.backend and s.dtype are filled in

}  // namespace afire::cli
