// afire/backend/element_packs.hpp -- an element functor, given 16 bytes of each of its views at a time
//
//   y(i) = f(x(i)),  i = n p ... n p + n - 1 by the worker of p;      n of T are 16 bytes
//
//   for_each_pack(gpu, N, ElementPacks<Gelu, T, 1, 1>{{x}, {y}});                    // what is over is left to Gelu itself
//
// F<T> is an aggregate of views of N numbers, those that it reads before those that it writes. It is made anew of views of registers, so
// its formula stands in op/ alone.
#pragma once
#include <utility>

#include <afire/core/pack.hpp>

namespace afire {

template <template <class> class F, class T, int inputs, int outputs>
struct ElementPacks {
  static constexpr int size = pack_size<T>;
  View<const T, 1> in[inputs];             // (N)
  View<T, 1> out[outputs];                 // (N), written; may be the memory of an input

  bool possible() const {
    bool all = true;
    for (auto const& x : in) all = all && begins_pack<size>(x.data);
    for (auto const& y : out) all = all && begins_pack<size>(y.data);
    return all;
  }
  // F on elements first ... first + count - 1 of the same views.
  F<T> rest(Index first, Index count) const {
    return made(std::make_integer_sequence<int, inputs>{}, std::make_integer_sequence<int, outputs>{},
                [&](int k) { return in[k].slice(first, count); }, [&](int k) { return out[k].slice(first, count); });
  }

  AFIRE_HD void operator()(Index p) const {
    Pack<T, size> x[inputs], y[outputs];
    for (int i = 0; i < inputs; ++i) x[i] = pack_at<size>(in[i].data + p * size);
    F<T> const f = of_packs(x, y, std::make_integer_sequence<int, inputs>{}, std::make_integer_sequence<int, outputs>{});
    for (int k = 0; k < size; ++k) f(k);
    for (int o = 0; o < outputs; ++o) pack_at<size>(out[o].data + p * size) = y[o];
  }

 private:
  template <int... i, int... o>
  AFIRE_HD static F<T> of_packs(Pack<T, size> (&x)[inputs], Pack<T, size> (&y)[outputs], std::integer_sequence<int, i...>,
                                std::integer_sequence<int, o...>) {
    return F<T>{View<const T, 1>(x[i].x, size)..., View<T, 1>(y[o].x, size)...};
  }
  template <int... i, int... o, class In, class Out>
  static F<T> made(std::integer_sequence<int, i...>, std::integer_sequence<int, o...>, In input, Out output) {
    return F<T>{input(i)..., output(o)...};
  }
};

template <class B, template <class> class F, class T, int inputs, int outputs>
void for_each_pack(B& be, Index N, ElementPacks<F, T, inputs, outputs> f) {
  Index const packs = f.possible() ? N / f.size : 0, done = packs * f.size;
  for_each(be, packs, f);
  if (done < N) for_each(be, N - done, f.rest(done, N - done));
}

}  // namespace afire
