// examples/own/gradient.hpp -- the gradient of a whole method against differences, in double: what the examples of one's own parts end with
//
//   Trainer trainer{cpu, Compute<double>{}, four_patches, head, decoder, masking, teacher, objective, rule, TrainOptions{.batch = 2}};
//   std::puts(gradient_agrees(cpu, trainer.method(), 1e-7).c_str());        // true, or which number is how wrong
#pragma once
#include <afire/ssl/method.hpp>
#include <afire/testing/gradcheck.hpp>

inline constexpr afire::ViTConfig four_patches =
    afire::checked({.image = 16, .patch = 8, .channels = 1, .width = 8, .depth = 1, .heads = 2});

// Two films of stripes; every tensor of the student is tried. testing/gradcheck.hpp says how.
template <class B, class Method>
std::string gradient_agrees(B& be, Method& method, double tolerance) {
  using namespace afire;
  for (double& w : method.student_store().values()) w *= 10;             // away from the small start, where all tokens are alike
  Tensor<std::uint8_t, 3> film(2, 16, 16);
  Tensor<std::uint8_t, 2> lesion(2, 4);                                  // no patch is spoilt
  for (Index i = 0; i < film.size(); ++i) film.data()[i] = static_cast<std::uint8_t>(i * i % 251);
  Micro<GreyPixels> micro{{film.view(), imagenet()}, {film.view(), imagenet()}, lesion.view()};
  std::span const micros(&micro, 1);
  GradCheck check;
  check.parameters(method.student_store());
  GradReport const r = check([&] { return method.losses(be, micros).at("loss"); }, [&] { method.gradients(be, micros, {}); });
  return r.worst < tolerance ? "true" : r.text();
}
