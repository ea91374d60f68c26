// afire/core/view.hpp -- a pointer with a shape: row-major, contiguous, does not own
//
//   x(n, c) is data[n * C + c];     x.row(n) is the (C) view of row n;     x.as(B, L, C) is the same memory with another shape
//
//   View<float, 2> x(data, N, C);
//   View<const float, 2> r = x;                        // a reader's view; the other way round does not compile
//
// Compiled with -D_GLIBCXX_ASSERTIONS every access is checked on the host.
#pragma once
#include <type_traits>

#include <afire/core/config.hpp>
#include <afire/core/error.hpp>

namespace afire {

// What as() throws where the sizes do not multiply to the same.
[[noreturn, gnu::cold, gnu::noinline]] inline void cannot_be_seen_as(Index elements, Index other) {
  throw error(text("view: ", elements, " elements cannot be seen as a shape of ", other));
}

template <class T, int Rank>
struct View {
  static_assert(Rank >= 1, "afire: a View has at least one axis; for a single number use a View<T, 1> of size 1");

  T* data = nullptr;
  Index extent[Rank] = {};

  View() = default;

  template <class... N>
  AFIRE_HD explicit View(T* where, N... sizes) : data(where), extent{static_cast<Index>(sizes)...} {
    static_assert(sizeof...(N) == Rank, "afire: View<T, Rank> takes one size for each axis");
  }

  // A mutable view converts to a reader's view. (For a mutable T the parameter is a type nobody can make.)
  struct Nobody;
  AFIRE_HD View(std::conditional_t<std::is_const_v<T>, View<std::remove_const_t<T>, Rank>, Nobody*> const& v) : data(v.data) {
    for (int a = 0; a < Rank; ++a) extent[a] = v.extent[a];
  }

  AFIRE_HD explicit operator bool() const { return data != nullptr; }
  AFIRE_HD T* begin() const { return data; }
  AFIRE_HD T* end() const { return data + size(); }

  AFIRE_HD Index size() const {
    Index n = 1;
    for (int a = 0; a < Rank; ++a) n *= extent[a];
    return n;
  }
  AFIRE_HD Index rows() const { return extent[0]; }
  AFIRE_HD Index cols() const { return extent[Rank - 1]; }

  template <class... At>
  AFIRE_HD T& operator()(At... at) const {
    static_assert(sizeof...(At) == Rank, "afire: a View of rank R is indexed with R integers");
    Index const i[Rank] = {static_cast<Index>(at)...};
    Index offset = i[0];
    for (int a = 1; a < Rank; ++a) offset = offset * extent[a] + i[a];
#if defined(_GLIBCXX_ASSERTIONS) && !defined(__CUDA_ARCH__)
    for (int a = 0; a < Rank; ++a)
      expects(0 <= i[a] && i[a] < extent[a], "view: index ", i[a], " on axis ", a, ", which has ", extent[a], " elements");
#endif
    return data[offset];
  }

  AFIRE_HD auto row(Index n) const {
    static_assert(Rank >= 2, "afire: row(n) needs a view of rank 2 or more");
    View<T, Rank - 1> r;
    Index stride = 1;
    for (int a = 1; a < Rank; ++a) stride *= r.extent[a - 1] = extent[a];
    r.data = data + n * stride;
    return r;
  }

  // Rows first ... first + count of the leading axis.
  AFIRE_HD View slice(Index first, Index count) const {
    View r = *this;
    Index stride = 1;
    for (int a = 1; a < Rank; ++a) stride *= extent[a];
    r.data = data + first * stride;
    r.extent[0] = count;
    return r;
  }

  AFIRE_HD View<T, 1> flat() const { return View<T, 1>(data, size()); }

  // The same elements under another shape; the sizes must multiply to size().
  template <class... N>
  View<T, static_cast<int>(sizeof...(N))> as(N... sizes) const {
    View<T, static_cast<int>(sizeof...(N))> v(data, sizes...);
    if (v.size() != size()) cannot_be_seen_as(size(), v.size());
    return v;
  }
};

// "(3, 197, 192)", for messages.
template <class T, int Rank>
std::string shape_text(View<T, Rank> v) {
  std::string s = "(";
  for (int a = 0; a < Rank; ++a) s += (a ? ", " : "") + std::to_string(v.extent[a]);
  return s + ")";
}

// same_shape: every extent of a equals that of b.
template <class T, class U, int Rank>
bool same_shape(View<T, Rank> a, View<U, Rank> b) {
  for (int i = 0; i < Rank; ++i)
    if (a.extent[i] != b.extent[i]) return false;
  return true;
}

}  // namespace afire
