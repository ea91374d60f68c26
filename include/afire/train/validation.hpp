// afire/train/validation.hpp -- films that nobody learns from: losses, restoration inside lesions, and the tokens to judge
//
//   ValidationFilms films(trainer, source, 256, seed);          // lesions drawn once, the same in every epoch
//   Validation v = validate(trainer, films, mean_film);         // v.terms, v.inside.restored, v.tokens ...;  or of a Subject
//
// Errors are mean squares in grey levels: of the restored film, of the film left as seen, and of the mean training film, each against the
// clean film, inside the lesions and over the whole film. A batch that the films do not fill is filled with the first ones again.
#pragma once
#include <algorithm>

#include <afire/data/views.hpp>
#include <afire/ssl/masking.hpp>
#include <afire/train/subject.hpp>

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
  Tensor<float, 2> images;                 // (films, C): what stands for each film, the mean of the pooled tokens
};

// A few films with their lesions, held in memory; and where a method compares views of a film, the views of each.
struct ValidationFilms {
  Index films = 0;
  Tensor<unsigned char, 3> clean, seen, mask;          // (films, S, S)
  Tensor<unsigned char, 2> lesion;                     // (films, L)
  Tensor<unsigned char, 3> view_clean, view_seen;      // (films V, S, S): view v of film b at b V + v; empty where V = 1
  Tensor<unsigned char, 2> view_lesion;                // (films V, L)

  template <class Trainer, class Source>
  ValidationFilms(Trainer& trainer, Source const& source, Index most, std::uint64_t seed) : films(std::min(most, source.size())) {
    auto const& vit = trainer.method().config().vit;
    auto const& masking = trainer.masking();
    Index const S = vit.image, L = vit.tokens();
    expects(films > 0, "validation: there are no films");
    clean = Tensor<unsigned char, 3>(films, S, S), seen = Tensor<unsigned char, 3>(films, S, S);
    mask = Tensor<unsigned char, 3>(films, S, S), lesion = Tensor<unsigned char, 2>(films, L);
    constexpr std::uint64_t never = 0xFFFFFFFF;        // an epoch that training does not reach
    for (Index i = 0; i < films; ++i) {
      Random const random(seed, Purpose::lesion, never, static_cast<std::uint64_t>(i));
      source.load(i, clean.view().row(i));
      spoil_film(masking, random, clean.view().row(i), seen.view().row(i), mask.view().row(i));
      lesion_patches(mask.view().row(i), vit.patch, lesion.view().row(i), masking.patch_share);
    }
    if constexpr (requires { masking.count(); }) {
      Index const V = masking.count();
      if (V == 1) return;
      view_clean = Tensor<unsigned char, 3>(films * V, S, S), view_seen = Tensor<unsigned char, 3>(films * V, S, S);
      view_lesion = Tensor<unsigned char, 2>(films * V, L);
      Tensor<unsigned char, 2> touched(S, S);
      auto room = typename std::remove_cvref_t<decltype(masking)>::Room{};
      for (Index i = 0; i < films * V; ++i) {
        Random const random(seed, Purpose::lesion, never, static_cast<std::uint64_t>(i / V));
        masking.view(random, i % V, clean.view().row(i / V), view_clean.view().row(i), view_seen.view().row(i), touched.view(), room);
        lesion_patches(touched.view(), vit.patch, view_lesion.view().row(i), masking.patch_share);
      }
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

// `count` images of (N, ...) from `first` on, and again from the beginning where they end, put at rows of `to`.
template <class T, int Rank>
void copy_images(Tensor<T, Rank> const& from, Index first, View<T, Rank> to) {
  for (Index b = 0; b < to.extent[0]; ++b) {
    auto const image = from.view().row((first + b) % from.extent(0)).flat();
    std::copy_n(image.data, image.size(), to.row(b).data);
  }
}

// Losses on the views of the films, a batch at a time; means over films.
inline Terms view_losses(Subject const& s, ValidationFilms const& films) {
  Index const B = s.films, V = s.views.student, S = s.vit.image;
  Tensor<unsigned char, 3> clean(V * B, S, S), seen(V * B, S, S);
  Tensor<unsigned char, 2> lesion(V * B, s.vit.tokens());
  Terms sum;
  for (Index first = 0; first < films.films; first += B) {
    for (Index b = 0; b < B; ++b)
      for (Index v = 0; v < V; ++v) {
        Index const from = (first + b) % films.films * V + v;
        copy_images(films.view_clean, from, clean.view().slice(v * B + b, 1));
        copy_images(films.view_seen, from, seen.view().slice(v * B + b, 1));
        copy_images(films.view_lesion, from, lesion.view().slice(v * B + b, 1));
      }
    Micro<GreyPixels> micro{{seen.view(), s.normalisation}, {clean.view(), s.normalisation}, lesion.view()};
    double const share = static_cast<double>(std::min(B, films.films - first)) / static_cast<double>(films.films);
    for (auto& t : s.losses(micro)) sum[t.name] += t.value * share;
  }
  return sum;
}

// Calls f(first, count, restored) for each batch of the films themselves: restored (.., S, S), of which `count` from film `first` on are
// new. Losses are added to *losses where the method looks at the films as they are, not at views of them.
template <class F>
void restore_films(Subject const& s, ValidationFilms const& films, Terms* losses, F f) {
  Index const N = s.films * s.views.student, S = s.vit.image;
  Tensor<unsigned char, 3> clean(N, S, S), seen(N, S, S);
  Tensor<unsigned char, 2> lesion(N, s.vit.tokens());
  Tensor<float, 3> restored(N, S, S);
  for (Index first = 0; first < films.films; first += N) {
    Index const count = std::min(N, films.films - first);
    copy_images(films.clean, first, clean.view());
    copy_images(films.seen, first, seen.view());
    copy_images(films.lesion, first, lesion.view());
    if (losses && s.views.student == 1) {
      Micro<GreyPixels> micro{{seen.view(), s.normalisation}, {clean.view(), s.normalisation}, lesion.view()};
      for (auto& t : s.losses(micro)) (*losses)[t.name] += t.value * static_cast<double>(count) / static_cast<double>(films.films);
    } else if (s.film) {
      s.look({seen.view(), s.normalisation}, lesion.view());
    }
    if (s.film) s.restored(restored.view());
    f(first, count, restored.view());
  }
}

// Calls f(first, count, tokens) for each batch of clean films.
template <class F>
void encode_films(Subject const& s, Tensor<unsigned char, 3> const& clean, F f) {      // (films, S, S)
  Index const N = s.encoded, films = clean.extent(0);
  Tensor<unsigned char, 3> batch(N, s.vit.image, s.vit.image);
  Tensor<float, 3> tokens(N, s.vit.all_tokens(), s.vit.width);
  for (Index first = 0; first < films; first += N) {
    copy_images(clean, first, batch.view());
    s.encode({batch.view(), s.normalisation}, tokens.view());
    f(first, std::min(N, films - first), tokens.view());
  }
}

inline Validation validate(Subject const& s, ValidationFilms const& films, View<const float, 2> mean) {
  Index const L = s.vit.tokens(), C = s.vit.width;
  Validation v;
  v.tokens = Tensor<float, 3>(films.films, L, C), v.images = Tensor<float, 2>(films.films, C);
  restore_films(s, films, &v.terms, [&](Index first, Index count, View<float, 3> restored) {
    if (s.film)
      for (Index b = 0; b < count; ++b)
        add_error(v.inside, v.whole, restored.row(b), films.clean.view().row(first + b), films.seen.view().row(first + b),
                  films.mask.view().row(first + b), mean);
  });
  if (s.views.student > 1) v.terms = view_losses(s, films);
  Tensor<float, 3> scores(s.encoded, s.prototypes > 0 ? L : 0, s.prototypes);
  if (s.prototypes > 0) v.scores = Tensor<float, 3>(films.films, L, s.prototypes);
  encode_films(s, films.clean, [&](Index first, Index count, View<float, 3> tokens) {
    if (s.prototypes > 0) s.scores(scores.view());
    for (Index b = 0; b < count; ++b) {
      auto const all = tokens.row(b);
      std::copy_n(all.row(all.rows() - L).data, L * C, v.tokens.view().row(first + b).data);
      for (Index j = s.pool.first; j < s.pool.first + s.pool.count; ++j)
        for (Index c = 0; c < C; ++c) v.images(first + b, c) += all(j, c) / static_cast<float>(s.pool.count);
      if (s.prototypes > 0) std::copy_n(scores.view().row(b).data, L * s.prototypes, v.scores.view().row(first + b).data);
    }
  });
  for (auto* e : {&v.inside, &v.whole}) {
    double const n = static_cast<double>(e->pixels ? e->pixels : 1);
    e->restored /= n, e->copied /= n, e->mean_film /= n;
  }
  return v;
}
template <class Trainer>
requires requires { typename Trainer::MethodType; }
Validation validate(Trainer& trainer, ValidationFilms const& films, View<const float, 2> mean) {
  return validate(subject_of(trainer), films, mean);
}

}  // namespace afire
