// afire/op/sum.hpp -- the sum of all elements of a view, in double
//
//   double const loss = sum_of(be, losses) / N;
//
// Fixed chunks, pairwise: the same bits for any number of threads.
#pragma once
#include <afire/core/backend.hpp>

namespace afire {

template <class S>
struct ElementSum {                        // x(i), for reduce
  View<const S, 1> x;
  AFIRE_HD double operator()(Index i) const { return static_cast<double>(x(i)); }
};

template <class B, class S>
double sum_of(B& be, View<S, 1> x) {       // (N)
  using E = std::remove_const_t<S>;
  return reduce(be, x.size(), ElementSum<E>{x});
}

}  // namespace afire
