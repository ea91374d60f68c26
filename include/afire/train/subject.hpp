// afire/train/subject.hpp -- what an examination asks of a method of any composition, behind functions
//
//   Subject s = subject_of(trainer);                      // of any Trainer; valid as long as it is
//   Terms t = s.losses(micro);    s.restored(grey);       // films of the last pass in grey levels: (V B, S, S)
//   s.encode(clean, tokens);                              // (encoded, N, C): the teacher's where there is one
//
// So that validation, judgement and report are compiled once, and a composition's own file holds its step and these few calls.
#pragma once
#include <functional>

#include <afire/op/patchify.hpp>
#include <afire/train/trainer.hpp>

namespace afire {

struct Subject {
  ViTConfig vit;
  Normalisation normalisation;
  Views views;                             // V, G of each film
  Index films = 1;                         // B of a micro-batch
  Index encoded = 1;                       // films that encode() takes at once
  Index prototypes = 0;                    // K of the teacher's patch scores; 0: there are none
  Pool pool;                               // tokens that stand for the image
  bool film = false, teacher = false;      // something restores films; something teaches

  std::function<Terms(Micro<GreyPixels>&)> losses = {};                                       // nothing is learnt
  std::function<void(GreyPixels seen, View<const unsigned char, 2> map)> look = {};           // the student's forward pass on V B films
  std::function<void(View<float, 3> grey)> restored = {};                                     // (V B, S, S) of the last pass
  std::function<void(GreyPixels clean, View<float, 3> tokens)> encode = {};                   // (encoded, N, C), written
  std::function<void(View<float, 3> scores)> scores = {};                                     // (encoded, L, K) of the last encode()
};

template <class Trainer>
Subject subject_of(Trainer& trainer) {
  using Method = typename Trainer::MethodType;
  auto& method = trainer.method();
  auto& be = trainer.backend();
  auto const& config = method.config();
  Subject s{.vit = config.vit, .normalisation = trainer.options().normalisation, .views = config.views, .films = method.batch(),
            .encoded = method.encoded(), .pool = trainer.image_pool(), .film = Method::needs.film, .teacher = Method::needs.teacher};
  s.losses = [&](Micro<GreyPixels>& micro) { return method.losses(be, std::span(&micro, 1)); };
  s.look = [&](GreyPixels seen, View<const unsigned char, 2> map) { method.run_student(be, seen, map); };
  if constexpr (Method::needs.film)
    s.restored = [&, how = s.normalisation](View<float, 3> grey) {
      on_host(be, grey.flat(), [&](View<float, 1> here) {
        grey_from_rows(be, method.patches(), config.vit.patch, config.vit.channels, how.mean, how.deviation,
                       here.as(grey.extent[0], grey.extent[1], grey.extent[2]));
      });
    };
  s.encode = [&](GreyPixels clean, View<float, 3> tokens) {
    auto const given = method.encode(be, clean).flat();
    on_host(be, tokens.flat(), [&](View<float, 1> here) { copy(be, given, here); });
  };
  if constexpr (Method::patch_teacher) {
    s.prototypes = method.scores().cols();
    s.scores = [&](View<float, 3> scores) {
      on_host(be, scores.flat(), [&](View<float, 1> here) { copy(be, method.teacher_scores().flat(), here); });
    };
  }
  return s;
}

}  // namespace afire
