// afire/core/bf16.hpp -- bfloat16 as a storage type, and the type in which sums are kept
//
//   bf16 = the upper 16 bits of a float, rounded to nearest even; arithmetic happens in float
//   wide(x)   : bf16 -> float, float -> float, double -> double
//   Accum<T>  : double for double, else float -- parameters, statistics, losses and partial sums
//
//   bf16 h(0.1f);   float back = wide(h);          // 0.10009765625f
#pragma once
#include <cstdint>

#include <afire/core/config.hpp>

namespace afire {

struct bf16 {
  std::uint16_t bits = 0;

  bf16() = default;
  AFIRE_HD explicit constexpr bf16(float x) : bits(round(x)) {}
  AFIRE_HD explicit constexpr bf16(double x) : bf16(static_cast<float>(x)) {}
  AFIRE_HD constexpr operator float() const { return __builtin_bit_cast(float, static_cast<std::uint32_t>(bits) << 16); }

 private:
  // Nearest even; a NaN keeps its sign and stays a NaN (a plain increment could carry it into infinity). A GPU has an instruction for it,
  // whose NaN is always the same.
  AFIRE_HD static constexpr std::uint16_t round(float x) {
#if defined(__CUDA_ARCH__)
    if (!__builtin_is_constant_evaluated()) {
      std::uint16_t bits = 0;
      asm("{ cvt.rn.bf16.f32 %0, %1; }" : "=h"(bits) : "f"(x));
      return bits;
    }
#endif
    std::uint32_t const u = __builtin_bit_cast(std::uint32_t, x);
    std::uint32_t const even = u + 0x7fffu + ((u >> 16) & 1u);
    std::uint32_t const kept = x != x ? u | 0x400000u : even;         // shifted once, not in both branches: vectors are twice as wide
    return static_cast<std::uint16_t>(kept >> 16);
  }
};

// AccumOf<T>::type is Accum<T>;  type_name<T>(): "f64", "f32", "bf16".
template <class T> struct AccumOf { using type = float; };
template <> struct AccumOf<double> { using type = double; };
template <class T> using Accum = typename AccumOf<T>::type;

AFIRE_HD constexpr float wide(bf16 x) { return x; }
AFIRE_HD constexpr float wide(float x) { return x; }
AFIRE_HD constexpr double wide(double x) { return x; }

template <class T> constexpr char const* type_name();
template <> constexpr char const* type_name<double>() { return "f64"; }
template <> constexpr char const* type_name<float>() { return "f32"; }
template <> constexpr char const* type_name<bf16>() { return "bf16"; }

}  // namespace afire
