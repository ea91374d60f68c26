// tests/support/random.hpp -- tensors and parameters full of random numbers
#pragma once
#include <afire/core/param.hpp>

namespace afire_test {

using namespace afire;

// Standard normal numbers times `scale`, a function of (seed, position).
template <class T, int Rank>
void randomise(View<T, Rank> x, std::uint64_t seed, double scale = 1) {
  Random const random(seed, Purpose::test);
  for (Index i = 0; i < x.size(); ++i) x.data[i] = T(scale * random.normal(static_cast<std::uint64_t>(i)));
}

template <class T, int Rank, class... N>
Tensor<T, Rank> random_tensor(std::uint64_t seed, N... sizes) {
  Tensor<T, Rank> x(sizes...);
  randomise(x.view(), seed);
  return x;
}

// Every parameter, norms and biases included, away from where it starts.
template <class B, class T>
void randomise(B& be, ParamStore<T>& store, std::uint64_t seed, double scale = 0.3) {
  initialise(be, store, seed);
  std::uint64_t number = 1000 * seed;
  for (auto& [name, param, offset] : store) {
    if (!param.trainable) continue;
    Random const random(++number, Purpose::test);
    for (Index i = 0; i < param.size(); ++i)
      param.value(i) += static_cast<Accum<T>>(scale * random.normal(static_cast<std::uint64_t>(i)));
  }
  refresh(be, store);
}

template <class T, class U>
double dot(View<T, 1> a, View<U, 1> b) {
  double sum = 0;
  for (Index i = 0; i < a.size(); ++i) sum += static_cast<double>(wide(a(i))) * static_cast<double>(wide(b(i)));
  return sum;
}

}  // namespace afire_test
