// afire/backend/cuda/select.cuh -- compaction and groups on a GPU, by Thrust (op/select.hpp)
//
//   #include <afire/backend/cuda/select.cuh>                  // in .cu files that select, beside cuda.hpp: Thrust takes long to compile
//   compact(gpu, n, keeps, at);    group(gpu, label, order, begin);
//
//   compact   thrust::copy_if over the positions: it keeps their order
//   group     thrust::stable_sort_by_key of the rows by label, thrust::lower_bound for where each label begins
//
// Written for any policy, so that the same calls are tested on the host (tests/cuda/select.cu). Neither adds or competes: the same
// input gives the same output. Their scratch memory is taken and given back by Thrust, so they are for what is not part of a step.
#pragma once
#include <afire/backend/cuda/launch.cuh>

#include <thrust/binary_search.h>
#include <thrust/copy.h>
#include <thrust/execution_policy.h>
#include <thrust/iterator/counting_iterator.h>
#include <thrust/sequence.h>
#include <thrust/sort.h>

#include <afire/op/select.hpp>

namespace afire {

template <class Policy, class F>
Index thrust_compact(Policy const& policy, Index n, F keeps, View<Index, 1> at) {
  thrust::counting_iterator<Index> const first(0);
  return thrust::copy_if(policy, first, first + n, at.data, keeps) - at.data;
}

// `sorted`: room for the labels in order.
template <class Policy>
void thrust_group(Policy const& policy, View<const Index, 1> label, View<Index, 1> sorted, View<Index, 1> order, View<Index, 1> begin) {
  thrust::copy(policy, label.begin(), label.end(), sorted.begin());
  thrust::sequence(policy, order.begin(), order.end());
  thrust::stable_sort_by_key(policy, sorted.begin(), sorted.end(), order.begin());
  thrust::counting_iterator<Index> const first(0);
  thrust::lower_bound(policy, sorted.begin(), sorted.end(), first, first + begin.size(), begin.data);
}

// What Thrust throws is one sentence of ours.
template <class Work>
auto told_by_thrust(char const* doing, Work work) {
  try {
    return work();
  } catch (std::exception const& e) { throw error(text("cuda: ", doing, ": ", e.what())); }
}

template <class B, class F>
Index compact(cuda_tag, B& be, Index n, F keeps, View<Index, 1> at) {
  return told_by_thrust("compaction", [&] { return thrust_compact(thrust::cuda::par.on(be.on->stream()), n, keeps, at); });
}

template <class B>
void group(cuda_tag, B& be, View<const Index, 1> label, View<Index, 1> order, View<Index, 1> begin) {
  auto const sorted = allocate<Index>(be, label.size());
  told_by_thrust("sorting", [&] { thrust_group(thrust::cuda::par.on(be.on->stream()), label, sorted.view(), order, begin); });
  be.on->wait();                           // `sorted` goes
}

}  // namespace afire
