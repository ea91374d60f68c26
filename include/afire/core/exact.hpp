// afire/core/exact.hpp -- a product that is rounded before it is added
//
//   a * b + c          may be one fused operation with a single rounding, as the compiler and its flags please (g++ -march=native does)
//   rounded(a * b) + c is always two operations with two roundings: the same last bit under any flags
//
//   float const det = rounded(a * d) - rounded(b * c);
//   rounded_product(a, b) + c                             // on a GPU too
#pragma once
#include <type_traits>

#include <afire/core/config.hpp>

namespace afire {

// The way through memory is what no compiler may leave out; it costs a few cycles, so it is for short sums that decide something.
template <class Number>
Number rounded(Number x) {
  Number volatile const kept = x;
  return kept;
}

// rounded(a * b) on either machine. A GPU has an instruction that is never fused; the way through memory may be left out there.
template <class Number>
AFIRE_HD Number rounded_product(Number a, Number b) {
#if defined(__CUDA_ARCH__)
  if constexpr (std::is_same_v<Number, double>) return __dmul_rn(a, b);
  else return __fmul_rn(a, b);
#else
  return rounded(a * b);
#endif
}

}  // namespace afire
