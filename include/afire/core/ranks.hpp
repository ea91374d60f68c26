// afire/core/ranks.hpp -- several ranks train one model, each on its share of every batch: which one this is, and sums over all of them
//
//   gradient = sum of the ranks' gradients, likewise losses, counts of tokens and prototypes: each rank then takes the same step
//
//   Ranked cpu{Reference{}, OneMachine::threads(2)[0]};   // a backend, and what connects it with the other ranks; every other is Alone
//   auto&& ranks = ranks_of(be);
//   ranks.rank()                                          // {number, count}; alone: {0, 1}
//   ranks.sum(numbers)                                    // of the host, std::span<double>; returns when they are sums
//   ranks.sum(be, view)                                   // memory of the backend: begins when what be was asked for so far is done
//   ranks.await(be)                                       // what be is asked for from here on sees those sums
//   ranks.complete(be)                                    // returns when they are there
//   ranks.stop(sentence)                                  // this rank fails: the others throw the sentence at their next sum
//
// All ranks ask for the same sums in the same order and get the same bits. A communicator (dist/one_machine.hpp, dist/nccl.cuh) is a
// copyable value with these functions. Each of them also throws where another rank has failed or ended.
//
//   expect_gradients(be, flat);                           // those of the micro-batch that comes now will be final
//   gradients_done(be, first);                            // so those from *first to the end of flat: what is enough for a piece is summed
//   sum_gradients(be, flat);                              // and the rest
#pragma once
#include <span>
#include <string_view>
#include <utility>

#include <afire/core/backend.hpp>
#include <afire/core/rank.hpp>

namespace afire {

// The only rank: every sum is there already.
struct Alone {
  static constexpr Rank rank() { return {}; }
  void sum(std::span<double>) const {}
  template <class B, class S>
  void sum(B&, View<S, 1>) const {}
  template <class B>
  void await(B&) const {}
  template <class B>
  void complete(B&) const {}
  void stop(std::string_view) const {}
};

// The tag of a backend with ranks is its own tag, and this.
template <class Tag>
struct ranked_tag : Tag {};

template <class B, class Communicator>
struct Ranked : B {                        // a backend that is one of several ranks
  using tag = ranked_tag<typename B::tag>;
  Communicator ranks;
  Index piece_bytes = Index{25} << 20;     // of gradients that are summed while others are still computed
  void* unsummed = nullptr;                // the end of the gradients that are not summed yet; null: they are not final
};
template <class B, class Communicator>
Ranked(B, Communicator) -> Ranked<B, Communicator>;

template <class B>
Alone ranks_of(any_tag, B&) { return {}; }
template <class Tag, class B>
auto& ranks_of(ranked_tag<Tag>, B& be) { return be.ranks; }

// The communicator of a backend: Alone, where it has none.
template <class B>
decltype(auto) ranks_of(B& be) { return ranks_of(typename B::tag{}, be); }

// Whether there are no other ranks whatever the values.
template <class B>
inline constexpr bool is_alone = std::is_same_v<decltype(ranks_of(std::declval<B&>())), Alone>;

// Whether any rank says so.
template <class Ranks>
bool any_of_ranks(Ranks&& ranks, bool here) {
  double votes[] = {here ? 1.0 : 0.0};
  ranks.sum(votes);
  return votes[0] > 0;
}

template <class B, class S>
void expect_gradients(B& be, View<S, 1> flat) {
  if constexpr (!is_alone<B>) be.unsummed = flat.end();
}

template <class B, class S>
void gradients_done(B& be, S* first) {
  if constexpr (!is_alone<B>) {
    S* const end = static_cast<S*>(be.unsummed);
    if (!end || (end - first) * static_cast<Index>(sizeof(S)) < be.piece_bytes) return;
    be.ranks.sum(be, View<S, 1>(first, end - first));
    be.unsummed = first;
  }
}

template <class B, class S>
void sum_gradients(B& be, View<S, 1> flat) {
  if constexpr (!is_alone<B>) {
    S* const end = be.unsummed ? static_cast<S*>(be.unsummed) : flat.end();
    be.unsummed = nullptr;
    if (end != flat.data) be.ranks.sum(be, View<S, 1>(flat.data, end - flat.data));
  }
}

}  // namespace afire
