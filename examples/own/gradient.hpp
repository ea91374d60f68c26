// examples/own/gradient.hpp -- the gradient of a whole method against differences, in double: what the examples of one's own parts end with
//
//   Trainer trainer{cpu, Compute<double>{}, four_patches, head, decoder, masking, teacher, objective, rule, TrainOptions{.batch = 2}};
//   std::puts(gradient_agrees(cpu, trainer, 1e-7).c_str());             // true, or which number is how wrong
//   gradient_agrees(cpu, trainer, 1e-7, films);                         // with films of any source
#pragma once
#include <afire/data/loader.hpp>
#include <afire/testing/gradcheck.hpp>
#include <afire/train/trainer.hpp>

inline constexpr afire::ViTConfig four_patches =
    afire::checked({.image = 16, .patch = 8, .channels = 1, .width = 8, .depth = 1, .heads = 2});

struct Stripes {                           // two films
  afire::Index size() const { return 2; }
  void load(afire::Index row, afire::View<std::uint8_t, 2> film) const {
    for (afire::Index i = 0; i < film.size(); ++i) film.data[i] = static_cast<std::uint8_t>((256 * row + i) * (256 * row + i) % 251);
  }
};

// A batch as a step takes it.
inline std::vector<afire::Micro<afire::GreyPixels>> micros_of(afire::Batch const& batch) {
  return {{{batch.seen.view(), afire::imagenet()}, {batch.clean.view(), afire::imagenet()}, batch.lesion.view()}};
}

// A batch of films as the trainer's masking gives it; every tensor of the student is tried. testing/gradcheck.hpp says how.
template <class B, class Trainer, class Source = Stripes>
std::string gradient_agrees(B& be, Trainer& trainer, double tolerance, Source const& films = {}) {
  using namespace afire;
  auto& method = trainer.method();
  for (double& w : method.student_store().values()) w *= 10;             // away from the small start, where all tokens are alike
  Loader loader(films, trainer.masking(), LoaderOptions{.batch = 2, .side = 16, .patch = 8});
  auto micros = micros_of(loader.next());
  GradCheck check;
  check.parameters(method.student_store());
  auto const forward = [&] { return method.losses(be, std::span(micros)).at("loss"); };
  GradReport const r = check(forward, [&] { method.gradients(be, std::span(micros), {}); });
  return r.worst < tolerance ? "true" : r.text();
}
