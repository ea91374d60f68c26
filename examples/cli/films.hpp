// examples/cli/films.hpp -- the films of a run, whatever they come from
//
//   FilmSet const films = open_films(settings);                    // --films, --phantom;  errors name the file, the line, the film
//   FilmSet const judges = open_validation(settings, films);       // --validation, --validation-phantom
//   films.source.load(row, film);                                  // (S, S)
#pragma once
#include <functional>
#include <memory>

#include <afire/data/image.hpp>
#include <examples/cli/settings.hpp>

namespace afire {
class Films;
struct PhantomFilms;
}  // namespace afire

namespace afire::cli {

// A source of films of any kind, so that a composition is compiled once.
struct AnyFilms {
  Index count = 0;
  std::function<void(Index, View<std::uint8_t, 2>)> read;
  std::function<std::string(Index)> named;

  Index size() const { return count; }
  void load(Index row, View<std::uint8_t, 2> film) const { read(row, film); }      // (S, S) written
  std::string name(Index row) const { return named(row); }
};

struct FilmSet {
  AnyFilms source;
  std::string fingerprint;                               // of the films and their order: a resume refuses others
  std::shared_ptr<Films const> files;                    // null: procedural films
  std::shared_ptr<PhantomFilms const> phantoms;          // null: films of files

  std::vector<std::string> broken() const;               // films that were left out so far, each with its reason
  Json facts(Settings const& s) const;                   // for data.json; reads up to 512 films for their mean grey
};

// The bytes of a PNG file of an 8-bit grey or RGB picture; an error where the program was built without libpng.
std::string png_bytes(Film const& picture);

FilmSet open_films(Settings const& s);
FilmSet open_validation(Settings const& s, FilmSet const& training);

// An error with the first patient or film that both hold.
void expect_apart(FilmSet const& a, FilmSet const& b, Settings const& s);

// What a manifest says of the films: 1, 0 or NaN for unknown; the cells of a column; whose film it is (its own name without a patient).
struct Labels {
  std::vector<double> label;
  std::vector<std::string> patient, group;
};
Labels labels_of(FilmSet const& set, std::string const& positive, std::string const& column);

}  // namespace afire::cli
