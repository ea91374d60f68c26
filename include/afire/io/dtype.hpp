// afire/io/dtype.hpp -- the element types of stored tensors, and their conversion to a type of C++
//
//   dtype_name(Dtype::bf16)  "BF16",   dtype_bytes(Dtype::bf16)  2,   dtype_of<float>()  Dtype::f32
//
//   Index bad = convert(Dtype::f16, bytes, n, to);      // n elements to double, float, bf16 or an integer type; -1: all well
//
// Exact wherever the other type can hold the value. A floating type is otherwise rounded to; what lies outside its range, a fraction or
// a NaN for an integer type, or an integer outside its range is refused: convert returns the position of the first such element.
#pragma once
#include <bit>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string_view>
#include <type_traits>
#include <utility>

#include <afire/core/bf16.hpp>

namespace afire {

static_assert(std::endian::native == std::endian::little, "afire: stored tensors are little-endian, and this machine is not");

enum class Dtype { f64, f32, f16, bf16, i64, i32, i16, i8, u64, u32, u16, u8, boolean };

struct DtypeFacts {                        // the name in a safetensors header, bytes of an element
  char const* name;
  Index bytes;
};
// In the order of Dtype.
inline constexpr DtypeFacts dtype_facts[] = {{"F64", 8}, {"F32", 4}, {"F16", 2}, {"BF16", 2}, {"I64", 8}, {"I32", 4}, {"I16", 2},
                                             {"I8", 1},  {"U64", 8}, {"U32", 4}, {"U16", 2},  {"U8", 1},  {"BOOL", 1}};

constexpr char const* dtype_name(Dtype d) { return dtype_facts[static_cast<int>(d)].name; }
constexpr Index dtype_bytes(Dtype d) { return dtype_facts[static_cast<int>(d)].bytes; }

// Whether there is a type of that name; if so, d is it.
constexpr bool dtype_named(std::string_view name, Dtype& d) {
  int i = 0;
  for (auto const& facts : dtype_facts) {
    if (name == facts.name) return d = static_cast<Dtype>(i), true;
    ++i;
  }
  return false;
}

template <class T>
constexpr Dtype dtype_of() {
  static_assert(std::is_arithmetic_v<T> || std::is_same_v<T, bf16>, "afire: only numbers and bf16 are stored in tensors");
  if constexpr (std::is_same_v<T, bf16>) return Dtype::bf16;
  else if constexpr (std::is_same_v<T, bool>) return Dtype::boolean;
  else if constexpr (std::is_floating_point_v<T>) return sizeof(T) == 8 ? Dtype::f64 : Dtype::f32;
  else if constexpr (std::is_signed_v<T>)
    return sizeof(T) == 8 ? Dtype::i64 : sizeof(T) == 4 ? Dtype::i32 : sizeof(T) == 2 ? Dtype::i16 : Dtype::i8;
  else return sizeof(T) == 8 ? Dtype::u64 : sizeof(T) == 4 ? Dtype::u32 : sizeof(T) == 2 ? Dtype::u16 : Dtype::u8;
}

// IEEE half precision, only read.
struct f16 {
  std::uint16_t bits = 0;
  operator float() const {
    std::uint32_t const sign = (bits & 0x8000u) << 16, exponent = (bits >> 10) & 31u, fraction = bits & 0x3FFu;
    if (exponent == 31) return std::bit_cast<float>(sign | 0x7F800000u | (fraction << 13));                    // infinity and NaN
    if (exponent != 0) return std::bit_cast<float>(sign | ((exponent + 112) << 23) | (fraction << 13));
    float const small_one = static_cast<float>(fraction) * 0x1p-24f;                                           // zero and subnormal
    return sign ? -small_one : small_one;
  }
};

// to = from; false if T cannot hold it.
template <class T, class S>
bool convert_one(S from, T& to) {
  if constexpr (std::is_integral_v<S> && std::is_integral_v<T>) {
    to = static_cast<T>(from);
    return std::in_range<T>(from);
  } else if constexpr (std::is_integral_v<S>) {
    if constexpr (std::is_same_v<T, bf16>) to = T(static_cast<float>(from));
    else to = static_cast<T>(from);
    return true;
  } else if constexpr (std::is_integral_v<T>) {
    double const x = static_cast<double>(from), end = 2.0 * static_cast<double>(std::numeric_limits<T>::max() / 2 + 1);        // 2^digits
    if (!(x < end && x >= (std::is_signed_v<T> ? -end : 0.0))) return false;
    to = static_cast<T>(x);
    return static_cast<double>(to) == x;
  } else {
    to = T(from);
    double const x = static_cast<double>(from), y = static_cast<double>(to);
    return x - x != 0 || y - y == 0;                     // a finite number stays finite
  }
}

template <class T, class S>
Index convert_from(std::byte const* from, Index n, T* to) {
  if constexpr (std::is_same_v<T, S>) {
    if (n > 0) std::memcpy(to, from, static_cast<std::size_t>(n) * sizeof(T));
  } else {
    for (Index i = 0; i < n; ++i) {
      S x;                                               // copied: a file promises no alignment
      std::memcpy(&x, from + i * static_cast<Index>(sizeof(S)), sizeof(S));
      if (!convert_one(x, to[i])) return i;
    }
  }
  return -1;
}

template <class T>
Index convert(Dtype dtype, std::byte const* from, Index n, T* to) {
  static_assert(std::is_same_v<T, double> || std::is_same_v<T, float> || std::is_same_v<T, bf16> ||
                    (std::is_integral_v<T> && !std::is_same_v<T, bool>),
                "afire: tensors are read as double, float, bf16 or an integer type");
  switch (dtype) {
    case Dtype::f64: return convert_from<T, double>(from, n, to);
    case Dtype::f32: return convert_from<T, float>(from, n, to);
    case Dtype::f16: return convert_from<T, f16>(from, n, to);
    case Dtype::bf16: return convert_from<T, bf16>(from, n, to);
    case Dtype::i64: return convert_from<T, std::int64_t>(from, n, to);
    case Dtype::i32: return convert_from<T, std::int32_t>(from, n, to);
    case Dtype::i16: return convert_from<T, std::int16_t>(from, n, to);
    case Dtype::i8: return convert_from<T, std::int8_t>(from, n, to);
    case Dtype::u64: return convert_from<T, std::uint64_t>(from, n, to);
    case Dtype::u32: return convert_from<T, std::uint32_t>(from, n, to);
    case Dtype::u16: return convert_from<T, std::uint16_t>(from, n, to);
    case Dtype::u8: return convert_from<T, std::uint8_t>(from, n, to);
    case Dtype::boolean: break;
  }
  for (Index i = 0; i < n; ++i) to[i] = T(from[i] != std::byte{0} ? 1.0f : 0.0f);        // as in C, whatever is not 0 is true
  return -1;
}

}  // namespace afire
