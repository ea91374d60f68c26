// examples/cli/verify.hpp -- what `afire verify` compares: every number of a fixture with the library's, and how far each may be away
//
//   double     outputs, gradients: 1e-9 of a tensor's largest value (3e-7 where the file holds float); a trajectory: 1e-8
//   f32        outputs 1e-5, gradients 5e-5, losses of a trajectory 1e-4, its final parameters 2e-4
//   bf16       losses 1 %, the cosine of every gradient 0.99; the rest is shown, not judged
#pragma once
#include <limits>
#include <span>
#include <vector>

#include <afire/io/safetensors.hpp>
#include <afire/testing/compare.hpp>
#include <examples/cli/settings.hpp>

namespace afire::cli {

enum class Kind { loss, output, between, gradient, column, parameter };      // column: of a trajectory's log

struct Compared {
  Kind kind;
  Difference d;
  bool stored_as_float = false;
};

struct Limit {
  double worst = std::numeric_limits<double>::infinity(), cosine = -1;
  bool holds(Difference const& d) const { return d.worst <= worst && d.cosine >= cosine; }
};

template <class T>
Limit limit(Compared const& c) {
  bool const loss = c.kind == Kind::loss, gradient = c.kind == Kind::gradient, column = c.kind == Kind::column;
  if constexpr (std::is_same_v<T, double>) {
    if (column || c.kind == Kind::parameter) return {1e-8};
    return {c.stored_as_float ? 3e-7 : 1e-9};
  } else if constexpr (std::is_same_v<T, float>) {
    bool const of_loss = c.d.name == "log/loss" || c.d.name == "log/contrast" || c.d.name == "log/restoration";
    if (column) return of_loss ? Limit{1e-4} : Limit{};
    return {c.kind == Kind::parameter ? 2e-4 : gradient ? 5e-5 : 1e-5};
  } else {
    if (loss) return {0.01};
    return gradient ? Limit{.cosine = 0.99} : Limit{};
  }
}

// One backend with one type, compiled in a file of its own (verify_onednn.cpp, ...).
struct Verifier {
  char const *backend, *dtype;
  std::vector<Compared> (*compare)(SafetensorsFile const& file, Settings const& s);         // threads and device
  Limit (*limit)(Compared const&);
};
std::span<Verifier const> verifiers();                   // those that were built in, in the order of preference

}  // namespace afire::cli
