// afire/op/math.hpp -- exp, erf and GELU that compilers can vectorise without -ffast-math
//
//   exp(x)        = 2^n p(x log2(e) - n), n the nearest integer; float: relative error < 2.5e-7 for -87 <= x <= 88
//   erf(x)        = x P(x^2) / Q(x^2) for |x| <= 3.8, else +-1;   float: error < 7e-7
//   gelu(x)       = x Phi(x),  Phi(x) = (1 + erf(x / sqrt 2)) / 2       (the exact form, not the tanh one)
//   sigmoid(x)    = 1 / (1 + exp(-x)),   softplus(x) = log(1 + exp(x)) without overflow
//   gelu_slope(x) = Phi(x) + x phi(x),  phi(x) = exp(-x^2 / 2) / sqrt(2 pi)
//
// In float there are no branches and no calls; in double they are the standard library's. Coefficients: own minimax fits.
#pragma once
#include <cmath>

#include <afire/core/bf16.hpp>

namespace afire::math {

// x, or `largest` with the sign of x where |x| is above it; NaN stays NaN. In integers, because compilers make branches of limits in float,
// and do not vectorise loops with branches.
AFIRE_HD inline float limited(float x, float largest) {
  auto const bits = __builtin_bit_cast(std::int32_t, x);
  auto const size = bits & 0x7fffffff, most = __builtin_bit_cast(std::int32_t, largest);
  auto const least = size < most ? size : most;
  return __builtin_bit_cast(float, (bits & static_cast<std::int32_t>(0x80000000u)) | (size > 0x7f800000 ? size : least));
}

AFIRE_HD inline float exp(float x) {
  float const y = limited(x, 88.0f);
  float const scaled = y * 1.44269504f;
  float const rounded = scaled + 12582912.0f;                        // 1.5 * 2^23: adding it rounds to the nearest integer, n,
  float const n = rounded - 12582912.0f;                             // which then stands in the low bits
  float const f = (y - n * 0.693359375f) + n * 2.12194440e-4f;       // y - n ln 2, ln 2 in two parts
  float const r = f * 1.44269504f;
  float p = 0.000153458117f;
  p = p * r + 0.00133999312f;
  p = p * r + 0.00961848896f;
  p = p * r + 0.0555032878f;
  p = p * r + 0.240226469f;
  p = p * r + 0.693147206f;
  p = p * r + 1.0f;
  auto const power = __builtin_bit_cast(float, (__builtin_bit_cast(std::uint32_t, rounded) + 127u) << 23);    // 2^n; n = -127: 0
  return p * power;                                                  // a product: NaN stays NaN whatever its bits are
}
AFIRE_HD inline double exp(double x) { return std::exp(x); }

// a / b within two units in the last place, for 1 <= b < 2^126: a GPU divides so in two instructions instead of ten.
AFIRE_HD inline float quotient(float a, float b) {
#if defined(__CUDA_ARCH__)
  return __fdividef(a, b);
#else
  return a / b;
#endif
}

AFIRE_HD inline float erf(float x) {
  float const y = limited(x, 3.8f);
  float const t = y * y;
  float p = -1.49064431e-06f;
  p = p * t + 0.000255577295f;
  p = p * t + 0.00997674465f;
  p = p * t + 0.0712817907f;
  p = p * t + 0.357499599f;
  p = p * t + 1.12837887f;
  float q = 0.00235609198f;
  q = q * t + 0.027519105f;
  q = q * t + 0.179936484f;
  q = q * t + 0.650149763f;
  q = q * t + 1.0f;
  return limited(quotient(y * p, q), 1.0f);
}
AFIRE_HD inline double erf(double x) { return std::erf(x); }

// Of the standard normal distribution: normal_cdf, the share below x, and normal_pdf, the density at x.
template <class S> AFIRE_HD S normal_cdf(S x) { return S(0.5) * (S(1) + erf(x * S(0.70710678118654752))); }
template <class S> AFIRE_HD S normal_pdf(S x) { return S(0.39894228040143268) * exp(S(-0.5) * x * x); }

template <class S> AFIRE_HD S gelu(S x) { return x * normal_cdf(x); }
template <class S> AFIRE_HD S gelu_slope(S x) { return normal_cdf(x) + x * normal_pdf(x); }

template <class S> AFIRE_HD S sigmoid(S x) { return 1 / (1 + exp(-x)); }
// log(1 + exp(x)), which is -log sigmoid(-x)
template <class S> AFIRE_HD S softplus(S x) { return (x > 0 ? x : S(0)) + std::log1p(exp(x > 0 ? -x : x)); }

AFIRE_HD inline float sqrt(float x) { return ::sqrtf(x); }
AFIRE_HD inline double sqrt(double x) { return ::sqrt(x); }

// The square root of each of many numbers: the library's may set errno, which keeps compilers from taking several at once.
// fast_sqrt(x) is x r with r = 1 / sqrt(x) by three of Newton's steps, r (3 - x r^2) / 2, from an estimate on the bits; relative
// error < 4e-7 from 1e-37 on, too small below that, 0 at 0.
AFIRE_HD inline float fast_sqrt(float x) {
  float r = __builtin_bit_cast(float, 0x5f3759dfu - (__builtin_bit_cast(std::uint32_t, x) >> 1));
  float const half = -0.5f * x;
  r *= 1.5f + half * r * r;
  r *= 1.5f + half * r * r;
  r *= 1.5f + half * r * r;
  return x * r;
}
AFIRE_HD inline double fast_sqrt(double x) { return ::sqrt(x); }

template <class S> AFIRE_HD S square(S x) { return x * x; }

}  // namespace afire::math
