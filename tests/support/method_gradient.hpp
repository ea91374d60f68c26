// tests/support/method_gradient.hpp -- the gradient of a whole method against differences of its loss
//
//   auto const r = method_gradient(be, method, micros);      CHECK_MESSAGE(r.worst < 1e-8, r.text());
#pragma once
#include <afire/ssl/method.hpp>
#include <afire/testing/gradcheck.hpp>

namespace afire_test {

// What an objective remembers of the step whose gradient is looked at is put back: differences have to be those of the same loss.
template <class B, class Method, class Micros>
afire::GradReport method_gradient(B& be, Method& method, Micros& micros) {
  afire::GradCheck check;
  check.elements = 1;
  check.parameters(method.student_store());
  auto const backward = [&] {
    std::vector<double> kept;
    if constexpr (Method::needs.remembers)
      method.objective_state().visit([&](auto const&, auto view) {
        auto const x = view.flat();
        kept.insert(kept.end(), x.begin(), x.end());
      });
    method.gradients(be, std::span(micros), {});
    if constexpr (Method::needs.remembers)
      method.objective_state().visit([&, at = kept.data()](auto const&, auto view) mutable {
        for (auto& x : view.flat()) x = *at++;
      });
  };
  return check([&] { return method.losses(be, std::span(micros)).at("loss"); }, backward);
}

}  // namespace afire_test
