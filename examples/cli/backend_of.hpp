// examples/cli/backend_of.hpp -- a backend with the threads, or on the device, that the settings say
//
//   OneDnn cpu = backend_of<OneDnn>(settings);      Cuda gpu = backend_of<Cuda>(settings);
//   Ranked<Cuda, Nccl> gpu = backend_of<Ranked<Cuda, Nccl>>(settings);      // connected with those of the other ranks
#pragma once
#include <afire/core/ranks.hpp>
#include <examples/cli/settings.hpp>

namespace afire::cli {

template <class B>
B backend_of(Settings const& s);

template <class B, class Communicator>
Ranked<B, Communicator> ranked_backend(Settings const& s, Ranked<B, Communicator>*) {
  B const be = backend_of<B>(s);
  return {be, Communicator::join(s.ranks, be)};
}

template <class B>
B backend_of(Settings const& s) {
  if constexpr (requires(B be) { be.ranks; }) {
    return ranked_backend(s, static_cast<B*>(nullptr));
  } else if constexpr (requires(B be) { be.device; }) {
    return B{.device = static_cast<int>(s.device)};        // it is looked for at once
  } else {
    B be;
    be.threads = static_cast<int>(s.threads);
    if constexpr (requires { be.deterministic; }) be.deterministic = s.deterministic;
    return be;
  }
}

}  // namespace afire::cli
