// tests/support/method_gradient.hpp -- the gradient of a whole method against differences of its loss
//
//   auto const r = method_gradient(be, method, micros);      CHECK_MESSAGE(r.worst < 1e-8, r.text());
#pragma once
#include <afire/ssl/method.hpp>
#include <afire/testing/gradcheck.hpp>

namespace afire_test {

template <class B, class Method, class Micros>
afire::GradReport method_gradient(B& be, Method& method, Micros& micros) {
  afire::GradCheck check;
  check.elements = 1;
  check.parameters(method.student_store());
  return check([&] { return method.losses(be, std::span(micros)).at("loss"); }, [&] { method.gradients(be, std::span(micros), {}); });
}

}  // namespace afire_test
