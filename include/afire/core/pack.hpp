// afire/core/pack.hpp -- neighbours in memory that move together: one load or store of a worker in place of several
//
//   Pack<float, 4> v = pack_at<4>(x.data + i);              // elements i ... i + 3, whose address 16 divides
//   for (float& e : v.x) e *= 2;
//   pack_at<4>(y.data + i) = v;
//
// A GPU's worker moves what its code asks for, element by element; 16 bytes at once keep more of the memory busy. On a CPU compilers widen
// the loops of a lane by themselves (core/lane.hpp).
#pragma once
#include <cstdint>

#include <afire/core/backend.hpp>

namespace afire {

// moves_packs(tag): whether workers of this backend should be given packs. moves_packs<Cuda>(): the same of a backend.
constexpr bool moves_packs(any_tag) { return false; }
template <class B>
constexpr bool moves_packs() { return moves_packs(typename B::tag{}); }

template <class T, int n>
struct alignas(n * sizeof(T)) Pack { T x[n]; };

// How many T are 16 bytes.
template <class T> inline constexpr int pack_size = static_cast<int>(16 / sizeof(T));

template <int n, class T>
AFIRE_HD Pack<T, n>& pack_at(T* x) { return *reinterpret_cast<Pack<T, n>*>(x); }
template <int n, class T>
AFIRE_HD Pack<T, n> const& pack_at(T const* x) { return *reinterpret_cast<Pack<T, n> const*>(x); }

// Whether packs of n may begin at x.
template <int n, class T>
AFIRE_HD bool begins_pack(T const* x) { return reinterpret_cast<std::uintptr_t>(x) % (n * sizeof(T)) == 0; }

}  // namespace afire
