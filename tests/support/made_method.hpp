// tests/support/made_method.hpp -- small methods of any parts, films of any views for them, and their gradients against differences
//
//   using Crossed = CrossViews<>;
//   Made<double, SharedHead, NoDecoder, Crossed, InPixels, Teacher<Ema>> m(head, {}, Crossed{}, {}, {}, {.student = 2, .teacher = 2});
//   gradient_holds(m.method, images);
#pragma once
#include <afire/backend/reference.hpp>
#include <doctest/doctest.h>

#include "tests/support/method_gradient.hpp"
#include "tests/support/small_afire.hpp"

namespace afire_test {

inline Reference one_thread{.threads = 1};

// A method with random weights; its teacher has others.
template <class T, class Head, class Decoder, class Objective, class Sight = InPixels, class TeacherKind = NoTeacher>
struct Made {
  using M = Method<T, Head, Decoder, Objective, Sight, TeacherKind>;
  M method;
  Made(Head head, Decoder decoder, Objective objective, Sight sight = {}, TeacherKind teacher = {}, Views views = {}, Index films = 2,
       Pool pool = {0, 1}, ViTConfig const& vit = small_vit)
      : method(one_thread, {vit, head, decoder, objective, sight, teacher, views, pool}, films) {
    randomise(one_thread, method.student_store(), 1, 0.2);
    if (method.teacher_store().size() > 0) randomise(one_thread, method.teacher_store(), 2, 0.2);
  }
  Index kept(std::string const& part) {
    Index bytes = 0;
    for (auto const& p : method.arena().parts()) bytes += p.name == part ? p.bytes : 0;
    return bytes;
  }
  bool has(std::string const& prefix) {
    for (auto& entry : method.student_store())
      if (entry.name.starts_with(prefix)) return true;
    return false;
  }
};

// Images in the order of views, of which every second patch is hidden.
struct ViewBatch {
  Tensor<float, 4> clean;
  Tensor<unsigned char, 2> map;
  ViewBatch(Index images, std::uint64_t seed)
      : clean(random_tensor<float, 4>(seed, images, small_vit.channels, small_vit.image, small_vit.image)),
        map(images, small_vit.tokens()) {
    for (Index i = 0; i < map.size(); ++i) map.data()[i] = i % small_vit.tokens() % 2 == 1;
  }
  Micro<ImagePixels<float>> micro() const { return {{clean.view()}, {clean.view()}, map.view()}; }
};

// After a first step, so that centres, prototypes and queues hold something.
template <class M>
void gradient_holds(M& method, Index images) {
  ViewBatch const batch(images, 3);
  std::vector micros = {batch.micro()};
  method.gradients(one_thread, std::span(micros), {});
  fill(one_thread, method.student_store().gradients(), 0);
  auto const r = method_gradient(one_thread, method, micros);
  CHECK_MESSAGE(r.worst < 1e-7, r.text());
}

}  // namespace afire_test
