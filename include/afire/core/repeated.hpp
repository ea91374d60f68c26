// afire/core/repeated.hpp -- a step that is done over and over with the same shapes
//
//   Terms const terms = repeated(be, [&] { return method.gradients(be, micros, moment); });
//
// A backend may record what f asks it for and ask for it as a whole from then on (backend/cuda/graph.cuh); most just call f.
#pragma once
#include <afire/core/backend.hpp>

namespace afire {

template <class B, class F>
auto repeated(any_tag, B&, F f) { return f(); }
template <class B, class F>
auto repeated(B& be, F f) { return repeated(typename B::tag{}, be, f); }

}  // namespace afire
