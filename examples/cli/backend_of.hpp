// examples/cli/backend_of.hpp -- a backend with the threads, or on the device, that the settings say
//
//   OneDnn cpu = backend_of<OneDnn>(settings);      Cuda gpu = backend_of<Cuda>(settings);
#pragma once
#include <examples/cli/settings.hpp>

namespace afire::cli {

template <class B>
B backend_of(Settings const& s) {
  if constexpr (requires(B be) { be.device; }) {
    return B{.device = static_cast<int>(s.device)};        // it is looked for at once
  } else {
    B be;
    be.threads = static_cast<int>(s.threads);
    if constexpr (requires { be.deterministic; }) be.deterministic = s.deterministic;
    return be;
  }
}

}  // namespace afire::cli
