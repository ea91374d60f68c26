// bench/support/bytes_of.hpp -- how many bytes the views of a functor show: what it must at least move
//
//   Index bytes = bytes_of(LayerNormRow<float>{x, gain, shift, y, stats, 1e-6f});
//
// Functors are aggregates, so their members can be named one by one. Each view counts once, whether it is read, written or both: a lower
// bound. Members that are aggregates themselves (pixels, a functor in a functor) are looked into.
#pragma once
#include <tuple>
#include <utility>

#include <afire/nn/embed.hpp>

namespace afire::bench {

struct Anything {
  template <class T>
  operator T() const;
};

template <class F, std::size_t... I>
consteval bool takes(std::index_sequence<I...>) {
  return requires { F{(static_cast<void>(I), Anything{})...}; };
}

// Members of an aggregate: the most values that it can be made of.
template <class F, std::size_t N = 16>
consteval std::size_t members() {
  if constexpr (N == 0) return 0;
  else if constexpr (takes<F>(std::make_index_sequence<N>())) return N;
  else return members<F, N - 1>();
}

template <class F>
auto tied(F const& f) {
  constexpr std::size_t n = members<F>();
  if constexpr (n == 0) return std::tuple<>();
  else if constexpr (n == 1) { auto& [a] = f; return std::tie(a); }
  else if constexpr (n == 2) { auto& [a, b] = f; return std::tie(a, b); }
  else if constexpr (n == 3) { auto& [a, b, c] = f; return std::tie(a, b, c); }
  else if constexpr (n == 4) { auto& [a, b, c, d] = f; return std::tie(a, b, c, d); }
  else if constexpr (n == 5) { auto& [a, b, c, d, e] = f; return std::tie(a, b, c, d, e); }
  else if constexpr (n == 6) { auto& [a, b, c, d, e, g] = f; return std::tie(a, b, c, d, e, g); }
  else if constexpr (n == 7) { auto& [a, b, c, d, e, g, h] = f; return std::tie(a, b, c, d, e, g, h); }
  else if constexpr (n == 8) { auto& [a, b, c, d, e, g, h, i] = f; return std::tie(a, b, c, d, e, g, h, i); }
  else if constexpr (n == 9) { auto& [a, b, c, d, e, g, h, i, j] = f; return std::tie(a, b, c, d, e, g, h, i, j); }
  else if constexpr (n == 10) { auto& [a, b, c, d, e, g, h, i, j, k] = f; return std::tie(a, b, c, d, e, g, h, i, j, k); }
  else if constexpr (n == 11) { auto& [a, b, c, d, e, g, h, i, j, k, l] = f; return std::tie(a, b, c, d, e, g, h, i, j, k, l); }
  else if constexpr (n == 12) { auto& [a, b, c, d, e, g, h, i, j, k, l, m] = f; return std::tie(a, b, c, d, e, g, h, i, j, k, l, m); }
  else static_assert(n < 13, "bytes_of: a functor of more than twelve members; add a line");
}

template <class T, int Rank>
Index bytes_of(View<T, Rank> const& v) { return v ? v.size() * static_cast<Index>(sizeof(T)) : 0; }

inline Index bytes_of(Normalisation const&) { return 0; }               // its members are arrays, which have no names to bind

template <class F>
Index bytes_of(F const& f) {
  if constexpr (std::is_aggregate_v<F> && !std::is_array_v<F>)
    return std::apply([](auto const&... member) { return (Index{0} + ... + bytes_of(member)); }, tied(f));
  else return 0;
}

}  // namespace afire::bench
