// afire/data/concepts.hpp -- what a source of films is
//
//   Index size() const                                    films
//   void load(Index row, View<std::uint8_t, 2> film) const        writes film `row`, (S, S); called by several threads at once
//
//   static_assert(explain_source<Mine>());                // beside a source of one's own; Loader and fit ask the same
#pragma once
#include <concepts>
#include <cstdint>

#include <afire/core/view.hpp>

namespace afire {

template <class S>
concept CountsFilms = requires(S const& s) {
  { s.size() } -> std::convertible_to<Index>;
};

template <class S>
concept LoadsFilms = requires(S& s, View<std::uint8_t, 2> film) { s.load(Index{}, film); };

template <class S>
concept DataSource = CountsFilms<S> && LoadsFilms<S const>;

template <class S>
consteval bool explain_source() {
  if constexpr (!CountsFilms<S>)
    static_assert(CountsFilms<S>,
                  "afire: this DataSource does not say how many films it has. Give it  Index size() const;");
  else if constexpr (!LoadsFilms<S>)
    static_assert(LoadsFilms<S>,
                  "afire: this DataSource cannot load a film. Give it  void load(Index row, View<std::uint8_t, 2> film) const;  which "
                  "writes film `row`");
  else
    static_assert(DataSource<S>,
                  "afire: load of this DataSource must be const: several threads load at once, and what it changes they would change "
                  "together");
  return true;
}

}  // namespace afire
