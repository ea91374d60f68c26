// afire/train/validation.hpp -- films that nobody learns from: losses, restoration inside lesions, and the tokens to judge
//
//   ValidationFilms films(trainer, source, 256, seed);          // lesions drawn once, the same in every epoch
//   Validation v = validate(trainer, films, mean_film);         // v.terms, v.inside.restored, v.tokens ...
//
// Errors are mean squares in grey levels: of the restored film, of the film left as seen, and of the mean training film, each against the
// clean film, inside the lesions and over the whole film. A batch that the films do not fill is filled with the first ones again.
#pragma once
#include <afire/op/patchify.hpp>
#include <afire/ssl/masking.hpp>
#include <afire/train/trainer.hpp>

namespace afire {

struct RestorationError {                  // mean squared error in grey levels of 0 ... 255
  double restored = 0, copied = 0, mean_film = 0;
  Index pixels = 0;
};

struct Validation {
  Terms terms;
  RestorationError inside, whole;
  Tensor<float, 3> tokens;                 // (films, L, C): patch tokens of the clean films, from the teacher where there is one
  Tensor<float, 3> scores;                 // (films, L, K): the teacher's; empty without a teacher
};

// A few films with their lesions, held in memory.
struct ValidationFilms {
  Index films = 0;
  Tensor<unsigned char, 3> clean, seen, mask;          // (films, S, S)
  Tensor<unsigned char, 2> lesion;                     // (films, L)

  template <class Trainer, class Source>
  ValidationFilms(Trainer& trainer, Source const& source, Index most, std::uint64_t seed) : films(std::min(most, source.size())) {
    auto const& vit = trainer.method().config().vit;
    expects(films > 0, "validation: there are no films");
    clean = Tensor<unsigned char, 3>(films, vit.image, vit.image);
    seen = Tensor<unsigned char, 3>(films, vit.image, vit.image);
    mask = Tensor<unsigned char, 3>(films, vit.image, vit.image);
    lesion = Tensor<unsigned char, 2>(films, vit.tokens());
    constexpr std::uint64_t never = 0xFFFFFFFF;        // an epoch that training does not reach
    for (Index i = 0; i < films; ++i) {
      source.load(i, clean.view().row(i));
      trainer.masking()(Random(seed, Purpose::lesion, never, static_cast<std::uint64_t>(i)), clean.view().row(i), seen.view().row(i), mask.view().row(i));
      lesion_patches(mask.view().row(i), vit.patch, lesion.view().row(i), trainer.masking().patch_share);
    }
  }
};

// The mean of at most `most` films.
template <class Source>
Tensor<float, 2> mean_film(Source const& source, Index image, Index most = 512) {
  Tensor<float, 2> mean(image, image);
  Tensor<unsigned char, 2> film(image, image);
  Index const films = std::min(most, source.size());
  for (Index i = 0; i < films; ++i) {
    source.load(i, film);
    for (Index p = 0; p < mean.size(); ++p) mean.data()[p] += static_cast<float>(film.data()[p]) / static_cast<float>(films);
  }
  return mean;
}

inline void add_error(RestorationError& inside, RestorationError& whole,
                      View<const float, 2> restored,               // (S, S)
                      View<const unsigned char, 2> clean,          // (S, S)
                      View<const unsigned char, 2> seen,           // (S, S)
                      View<const unsigned char, 2> mask,           // (S, S)
                      View<const float, 2> mean) {                 // (S, S)
  for (Index p = 0; p < clean.size(); ++p) {
    double const x = clean.data[p];
    double const limited = std::min(255.0, std::max(0.0, static_cast<double>(restored.data[p])));
    double const r = math::square(limited - x), c = math::square(seen.data[p] - x), m = math::square(static_cast<double>(mean.data[p]) - x);
    whole.restored += r, whole.copied += c, whole.mean_film += m, ++whole.pixels;
    if (mask.data[p]) inside.restored += r, inside.copied += c, inside.mean_film += m, ++inside.pixels;
  }
}

// Calls f(first, count, restored, clean) for each batch: restored (batch, S, S) and the pixels of the clean films, of which `count` from
// film `first` on are new.
template <class Trainer, class F>
void restore_films(Trainer& trainer, ValidationFilms& films, Terms* losses, F f) {
  auto& be = trainer.backend();
  auto& method = trainer.method();
  auto const& vit = method.config().vit;
  Normalisation const how = trainer.options().normalisation;
  Index const B = method.batch(), batches = (films.films + B - 1) / B;
  Tensor<unsigned char, 3> clean(B, vit.image, vit.image), seen(B, vit.image, vit.image);
  Tensor<unsigned char, 2> lesion(B, vit.tokens());
  Tensor<float, 3> restored(B, vit.image, vit.image);
  for (Index batch = 0; batch < batches; ++batch) {
    Index const first = batch * B, count = std::min(B, films.films - first);
    for (Index b = 0; b < B; ++b) {
      Index const i = (first + b) % films.films;
      std::copy_n(films.clean.view().row(i).data, vit.image * vit.image, clean.view().row(b).data);
      std::copy_n(films.seen.view().row(i).data, vit.image * vit.image, seen.view().row(b).data);
      std::copy_n(films.lesion.view().row(i).data, vit.tokens(), lesion.view().row(b).data);
    }
    Micro<GreyPixels> micro{{seen.view(), how}, {clean.view(), how}, lesion.view()};
    Terms const terms = method.losses(be, std::span(&micro, 1));
    if (losses)
      for (auto& t : terms) (*losses)[t.name] += t.value * static_cast<double>(count) / static_cast<double>(films.films);
    if constexpr (Trainer::MethodType::needs.film)
      grey_from_rows(be, method.patches(), vit.patch, vit.channels, how.mean, how.deviation, restored.view());
    f(first, count, restored.view(), micro.clean);
  }
}

template <class Trainer>
Validation validate(Trainer& trainer, ValidationFilms& films, View<const float, 2> mean) {
  auto& method = trainer.method();
  auto const& vit = method.config().vit;
  Validation v;
  v.tokens = Tensor<float, 3>(films.films, vit.tokens(), vit.width);
  restore_films(trainer, films, &v.terms, [&](Index first, Index count, View<float, 3> restored, GreyPixels clean) {
    if constexpr (Trainer::MethodType::needs.film)
      for (Index b = 0; b < count; ++b)
        add_error(v.inside, v.whole, restored.row(b), films.clean.view().row(first + b), films.seen.view().row(first + b),
                  films.mask.view().row(first + b), mean);
    auto const tokens = method.encode(trainer.backend(), clean);
    for (Index b = 0; b < count; ++b)
      copy(trainer.backend(), tokens.row(b).slice(1, vit.tokens()).flat(), v.tokens.view().row(first + b).flat());
    if constexpr (Trainer::MethodType::needs.teacher) {
      auto const scores = method.teacher_scores();
      if (v.scores.size() == 0) v.scores = Tensor<float, 3>(films.films, vit.tokens(), scores.cols());
      for (Index b = 0; b < count; ++b) copy(trainer.backend(), scores.row(b).flat(), v.scores.view().row(first + b).flat());
    }
  });
  for (auto* e : {&v.inside, &v.whole}) {
    double const n = static_cast<double>(e->pixels ? e->pixels : 1);
    e->restored /= n, e->copied /= n, e->mean_film /= n;
  }
  return v;
}

}  // namespace afire
