// examples/cli/judgement.hpp -- what a model does on films that it was not trained on, as plain data: for the report, and to print
//
//   Judgement j = judge(trainer, films, mean_film, phantom_truth(phantoms, 64, 96));      // films: ValidationFilms
//   save(j, "run");                                       // run/judgement.json (numbers), run/judgement.safetensors (pictures)
//   for (auto& line : summary(j)) std::puts(line.c_str());
//
// A composition's own file brings a Subject (train/subject.hpp) and its untrained encoder: the rest is compiled once, in judgement.cpp.
#pragma once
#include <functional>
#include <optional>

#include <afire/train/validation.hpp>
#include <examples/cli/anatomy.hpp>

namespace afire {
struct PhantomFilms;
}

namespace afire::cli {

// What is known of the films that judge.
struct FilmTruth {
  bool unseen = true;                      // they were not trained on
  std::vector<std::string> names = {};     // of the films; may be empty
  Tensor<unsigned char, 3> regions = {};   // (films, S, S), anatomy; may be empty
  std::vector<std::string> region_names = {};
};
FilmTruth phantom_truth(PhantomFilms const& source, Index films, Index image);

// Where a token's like is found in another film: the place with the largest cosine.
struct Match {
  Index film, place;
  double cosine;
};
struct Query {
  Index film, place;
  std::vector<Match> matches;              // one in each other film that is shown
};

struct Judgement {
  Index step = 0, total_steps = 0, films = 0, image = 0, patch = 0, width = 0, prototypes = 0;
  bool unseen = true, teacher = false, film = false;       // film: something restores them
  std::vector<std::pair<std::string, double>> losses = {}, monitors = {};
  RestorationError inside = {}, whole = {};                // mean squares in grey levels
  Index with_lesions = 0, nearer_than_seen = 0, nearer_than_mean = 0;
          // films; those whose lesions are restored better than left, than the mean film
  AnatomyScore anatomy = {};
  std::vector<Query> queries = {};
  double ratio[3] = {};                                    // share of the tokens' variance in each component
  std::vector<std::string> names = {}, region_names = {};  // of the films shown; of regions

  // Of the first films, which are shown. Empty: there is none.
  Tensor<unsigned char, 3> clean = {}, seen = {}, mask = {}, restored = {};   // (shown, S, S)
  Tensor<unsigned char, 2> mean_film = {};                 // (S, S)
  Tensor<unsigned char, 2> lesion = {};                    // (shown, L)
  Tensor<unsigned char, 3> components = {}, untrained = {};                   // (shown, L, 3): principal components of tokens, as colours
  Tensor<int, 2> prototype = {};                           // (shown, L): of the highest score
  Tensor<unsigned char, 3> by_prototype = {};
               // (shown, L, 3): mean component colours of the tokens that share place and prototype
  Tensor<unsigned char, 3> regions = {};                   // (shown, S, S)

  Index shown() const { return clean.extent(0); }
  Index grid() const { return image / patch; }
};

void save(Judgement const& j, std::string const& run_folder);
std::optional<Judgement> load_judgement(std::string const& run_folder);       // nothing where none was saved
std::vector<std::string> summary(Judgement const& j);                         // lines to print: errors, and whether tokens are anatomical

// What judge() gathers.
struct Observed {
  Validation validation = {};
  Tensor<float, 3> restored = {};          // (films, S, S); empty without a decoder
  Tensor<float, 3> untrained = {};         // (films, L, C): patch tokens of the same encoder with its starting weights
  Tensor<float, 2> blank = {};             // (L, C): of a film of the mean grey: all that place alone tells
};
Judgement conclude(Judgement begun, Observed const& o, ValidationFilms const& films, View<const float, 2> mean, FilmTruth const& truth);
Tensor<unsigned char, 3> blank_films(Index films, View<const float, 2> mean);

// Patch tokens of films by an encoder with the weights that training with this seed begins with.
template <class T, class B>
void encode_untrained(B& be, ViTConfig const& vit, std::uint64_t seed, Normalisation const& normalisation,
                      View<const unsigned char, 3> films,  // (films, S, S)
                      View<float, 3> tokens) {             // (films, L, C), written
  ViT<T> encoder(vit);
  ParamStore<T> store(be, encoder, Gradients::no);
  initialise(be, store, seed);                             // the encoder's parameters are the first of a student's
  Arena counting;
  {
    auto const forget = counting.forget();
    encoder.plan(counting, 1);
  }
  Arena arena(counting, allocate<std::byte>(be, counting.bytes()));
  auto const forget = arena.forget();
  auto saved = encoder.plan(arena, 1);
  Staging staging;
  for (Index i = 0; i < films.rows(); ++i) {
    encoder.forward(be, staging.films(be, GreyPixels{films.slice(i, 1), normalisation}), saved);
    on_host(be, tokens.row(i).flat(), [&](View<float, 1> here) {
      copy(be, saved.tokens.row(0).slice(vit.front(), vit.tokens()).flat(), here);
    });
  }
}

// Encodes films (films, S, S) with the weights that training began with: patch tokens (films, L, C).
using Untrained = std::function<void(View<const unsigned char, 3>, View<float, 3>)>;

// What the judgement says of the run beside what it measures.
struct Progressed {
  Index step = 0, total_steps = 0;
};
Judgement judge(Subject const& subject, Untrained const& untrained, Progressed at, ValidationFilms const& films,
                View<const float, 2> mean,                 // (S, S)
                FilmTruth const& truth);

template <class Trainer>
Untrained untrained_of(Trainer& trainer) {
  return [&trainer](View<const unsigned char, 3> films, View<float, 3> tokens) {
    encode_untrained<typename Trainer::Compute_t>(trainer.backend(), trainer.method().config().vit, trainer.options().seed,
                                                  trainer.options().normalisation, films, tokens);
  };
}

template <class Trainer>
requires requires { typename Trainer::MethodType; }
Judgement judge(Trainer& trainer, ValidationFilms const& films, View<const float, 2> mean, FilmTruth const& truth = {}) {
  return judge(subject_of(trainer), untrained_of(trainer), {trainer.step_count(), trainer.total_steps()}, films, mean, truth);
}

}  // namespace afire::cli
