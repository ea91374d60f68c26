// afire/op/select.hpp -- which of many? Positions that are kept, in their order; rows in the order of their groups
//
//   compact(be, n, keeps, at)              at(0), at(1), ... = the i of 0 ... n-1 with keeps(i), rising;   returns how many
//   group(be, label, order, begin)         order = rows by label, those of one label rising;   label k's begin at order(begin(k))
//
//   Index const kept = compact(gpu, x.size(), AtLeast{x, floor}, at);         // keeps: a named functor where a GPU is to run it
//
// All views are the backend's memory; at has room for all that are kept. What stands here suits every backend, but puts groups in order on
// the host; on a GPU both are Thrust's (backend/cuda/select.cuh). The result is one, whoever finds it.
#pragma once
#include <vector>

#include <afire/core/backend.hpp>

namespace afire {

inline constexpr Index kept_chunks = 256;    // of positions, each counted by one worker

template <class F>
struct CountKept {                         // how many of a chunk are kept
  F keeps;                                 // keeps(i)
  Index n;
  View<Index, 1> count;                    // (kept_chunks), written

  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index chunk) const {
    Index const first = n * chunk / kept_chunks, last = n * (chunk + 1) / kept_chunks;
    Index const kept = lane.sum_over(last - first, [&](Index k) { return Index{keeps(first + k)}; });
    lane.once([&] { count(chunk) = kept; });
  }
};

template <class F>
struct PlaceKept {                         // those of a chunk, from where the chunks before it end
  F keeps;                                 // keeps(i)
  Index n;
  View<const Index, 1> begin;              // (kept_chunks)
  View<Index, 1> at;                       // written

  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index chunk) const {
    lane.once([&] {
      Index to = begin(chunk);
      for (Index i = n * chunk / kept_chunks; i < n * (chunk + 1) / kept_chunks; ++i)
        if (keeps(i)) at(to++) = i;
    });
  }
};

template <class B, class F>
Index compact(any_tag, B& be, Index n, F keeps, View<Index, 1> at) {
  auto const begin = allocate<Index>(be, kept_chunks);
  for_each_row(be, kept_chunks, CountKept<F>{keeps, n, begin.view()});
  Index host[kept_chunks], all = 0;
  download(be, begin.view(), host);
  for (Index& count : host) {
    Index const before = all;
    all += count, count = before;
  }
  upload(be, host, begin.view());
  for_each_row(be, kept_chunks, PlaceKept<F>{keeps, n, begin.view(), at});
  return all;
}

template <class B, class F>
Index compact(B& be, Index n, F keeps, View<Index, 1> at) { return compact(typename B::tag{}, be, n, keeps, at); }

template <class B>
void group(any_tag, B& be, View<const Index, 1> label, View<Index, 1> order, View<Index, 1> begin) {
  std::vector<Index> of(static_cast<std::size_t>(label.size())), by(of.size()), from(static_cast<std::size_t>(begin.size()));
  download(be, label, of.data());
  for (Index const k : of) ++from[static_cast<std::size_t>(k) + 1];
  for (std::size_t k = 1; k < from.size(); ++k) from[k] += from[k - 1];
  upload(be, from.data(), begin);
  for (std::size_t n = 0; n < of.size(); ++n) by[static_cast<std::size_t>(from[static_cast<std::size_t>(of[n])]++)] = static_cast<Index>(n);
  upload(be, by.data(), order);
}

template <class B>
void group(B& be, std::type_identity_t<View<const Index, 1>> label,          // (N), each of 0 ... K-1
           View<Index, 1> order,                                             // (N), written
           View<Index, 1> begin) {                                           // (K + 1), written
  group(typename B::tag{}, be, label, order, begin);
}

}  // namespace afire
