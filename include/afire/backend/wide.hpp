// afire/backend/wide.hpp -- run a row functor with the widest vector instructions of the processor, whatever flags the user set
//
//   widest_rows(f, first, last);             // f(Scalar{}, i) for i of first ... last-1
//
// The same loop is compiled for AVX2 with FMA, for the compiler's own target and, where a functor says that it calculates, for AVX-512;
// one is chosen at run time. `flatten` pulls the functor into the loop, so that it is compiled for that target too. On x86 the compiler's
// own target is for processors without AVX2: small, one element after the other, the same sums.
#pragma once
#include <afire/core/lane.hpp>

namespace afire {

// InstructionSet: what row loops are compiled for.
enum class InstructionSet { plain, avx2, avx512 };

// As programs say it.
inline char const* name_of(InstructionSet set) {
  return set == InstructionSet::avx512 ? "AVX-512" : set == InstructionSet::avx2 ? "AVX2" : "baseline";
}

// What this processor has; asked once.
inline InstructionSet instruction_set() {
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__CUDACC__)
  static InstructionSet const found = [] {
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl"))
      return InstructionSet::avx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return InstructionSet::avx2;
    return InstructionSet::plain;
  }();
  return found;
#else
  return InstructionSet::plain;
#endif
}

// Whether the rows of F are worth AVX-512: exponentials, roots, more than one pass over what is in the cache. The functor says so by a
// member `calculates`. Rows that fetch and store are as fast in AVX2, and compiling every one of them again is dear.
template <class F>
inline constexpr bool calculates = false;
template <class F>
  requires(F::calculates)
inline constexpr bool calculates<F> = true;

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__CUDACC__)
template <class F>
[[gnu::flatten, gnu::noinline, gnu::target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")]]
void avx512_rows(F const& f, Index first, Index last) {
  for (Index i = first; i < last; ++i) f(Scalar{}, i);
}

template <class F>
[[gnu::flatten, gnu::noinline, gnu::target("avx2,fma")]]
void avx2_rows(F const& f, Index first, Index last) {
  for (Index i = first; i < last; ++i) f(Scalar{}, i);
}

// f(lane, i) for the rows first ... last - 1, without vectors of a wider set (plain_rows); widest_rows picks the widest there is.
template <class F>
[[gnu::flatten, gnu::noinline, gnu::cold]]
void plain_rows(F const& f, Index first, Index last) {
  for (Index i = first; i < last; ++i) f(Scalar{.blocks = false}, i);
}
#else
template <class F>
void plain_rows(F const& f, Index first, Index last) {
  for (Index i = first; i < last; ++i) f(Scalar{}, i);
}
#endif

template <class F>
void widest_rows(F const& f, Index first, Index last) {
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__CUDACC__)
  InstructionSet const set = instruction_set();
  if constexpr (calculates<F>)
    if (set == InstructionSet::avx512) return avx512_rows(f, first, last);
  if (set != InstructionSet::plain) return avx2_rows(f, first, last);
#endif
  plain_rows(f, first, last);
}

}  // namespace afire
