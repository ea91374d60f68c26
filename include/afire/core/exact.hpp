// afire/core/exact.hpp -- a product that is rounded before it is added
//
//   a * b + c          may be one fused operation with a single rounding, as the compiler and its flags please (g++ -march=native does)
//   rounded(a * b) + c is always two operations with two roundings: the same last bit under any flags
//
//   float const det = rounded(a * d) - rounded(b * c);
#pragma once

namespace afire {

// The way through memory is what no compiler may leave out; it costs a few cycles, so it is for short sums that decide something.
template <class Number>
Number rounded(Number x) {
  Number volatile const kept = x;
  return kept;
}

}  // namespace afire
