// Ranks on one machine: sums with the same bits everywhere, and no rank that waits for one that has failed, ended or never came.
#include <afire/backend/reference.hpp>
#include <afire/dist/one_machine.hpp>
#include <doctest/doctest.h>

#include "tests/support/random.hpp"
#include "tests/support/ranks.hpp"

using namespace afire;
using namespace afire_test;

namespace {

std::vector<std::string> const three_well{"(no error)", "(no error)", "(no error)"};

// What a rank brings: numbers whose sum depends on the order in which they are added.
template <class S>
std::vector<S> part(Index rank, Index n) {
  std::vector<S> x(static_cast<std::size_t>(n));
  Random const random(3, Purpose::test, static_cast<std::uint64_t>(rank));
  for (std::size_t i = 0; i < x.size(); ++i)
    x[i] = static_cast<S>(std::ldexp(random.uniform(i) - 0.5, static_cast<int>(random.uniform(i + x.size()) * 40)));
  return x;
}

template <class S>
std::vector<S> added(Index ranks, Index n) {
  auto sum = part<S>(0, n);
  for (Index r = 1; r < ranks; ++r) {
    auto const other = part<S>(r, n);
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += other[i];
  }
  return sum;
}

struct AddOne {                            // x(i) += 1
  float* x;
  void operator()(Index i) const { x[i] += 1; }
};

template <class S>
View<S, 1> view(std::vector<S>& x) { return View<S, 1>(x.data(), x.size()); }

}  // namespace

TEST_CASE("a sum over ranks is added in their order, and each has the same bits") {
  for (Index const count : {1, 2, 3, 5})
    for (Index const n : {0, 1, 1000, 50000}) {          // the last ones in several pieces
      auto const want = added<float>(count, n);
      auto const wide = added<double>(count, n);
      auto const said = in_threads(count, [&](OneMachine ranks) {
        Reference be;
        auto x = part<float>(ranks.rank().number, n);
        auto y = part<double>(ranks.rank().number, n);
        ranks.sum(be, view(x)), ranks.sum(std::span(y)), ranks.await(be), ranks.complete(be);
        expects(x == want && y == wide, "rank ", ranks.rank().number, " has other bits");
      });
      for (auto const& words : said) CHECK(words == "(no error)");
    }
}

TEST_CASE("a verb finds the ranks of its backend, and every other backend is alone") {
  Reference one;
  static_assert(is_alone<Reference>);
  CHECK(ranks_of(one).rank().count == 1);
  CHECK(in_threads(3, [&](OneMachine ranks) {
          Ranked be{Reference{.threads = 1}, ranks};
          static_assert(!is_alone<decltype(be)>);
          std::vector<float> x(7, 1.0f);
          for_each(be, 7, AddOne{x.data()});           // Reference's code
          ranks_of(be).sum(be, view(x));
          expects(x == std::vector<float>(7, 6.0f), "the sum is ", x[0]);
          expects(any_of_ranks(ranks_of(be), ranks.rank().number == 2) && !any_of_ranks(ranks_of(be), false), "a vote went wrong");
        }) == three_well);
}

TEST_CASE("bytes of the first rank come to all") {
  CHECK(in_threads(3, [&](OneMachine ranks) {
          char word[5] = "none";
          if (ranks.rank().first()) std::copy_n("name", 5, word);
          ranks.share(word, sizeof word);
          expects(std::string_view(word) == "name", "rank ", ranks.rank().number, " was given ", word);
        }) == three_well);
}

TEST_CASE("a rank that fails stops the others, which say why") {
  for (Index const who : {0, 1, 2}) {
    auto const said = in_threads(3, [&](OneMachine ranks) {
      std::vector<double> x(20000, 1.0);                 // more than sockets hold
      for (Index step = 0; step < 4; ++step) {
        expects(step < 2 || ranks.rank().number != who, "film 7 is broken");
        ranks.sum(std::span(x));
      }
    });
    for (Index r = 0; r < 3; ++r)
      CHECK(said[static_cast<std::size_t>(r)] ==
            (r == who ? "film 7 is broken" : text("rank ", r, " of 3 stops, because rank ", who, " has stopped: film 7 is broken")));
  }
}

TEST_CASE("a rank that looks round without waiting sees who has failed") {
  auto ranks = OneMachine::threads(3);
  for (auto& r : ranks) r.expect_all();
  ranks[1].stop("a lens is missing");
  CHECK(message([&] { ranks[0].expect_all(); }) == "rank 0 of 3 stops, because rank 1 has stopped: a lens is missing");
  CHECK(message([&] { ranks[2].expect_all(); }) == "rank 2 of 3 stops, because rank 1 has stopped: a lens is missing");
  ranks = OneMachine::threads(2);
  ranks[0] = {};
  CHECK(message([&] { ranks[1].expect_all(); }) == "rank 1 of 2 stops, because rank 0 has ended");
}

TEST_CASE("ranks that share different things are told so") {
  auto const said = in_threads(2, [](OneMachine ranks) {
    std::vector<double> x(ranks.rank().first() ? 3 : 4);
    ranks.sum(std::span(x));
  });
  CHECK(said[0].find("rank 0 of 2 stops, because rank 1 has stopped: it shares 32 bytes, rank 0 24") == 0);
  CHECK(said[1].find("rank 1 of 2 stops, because rank 1 has stopped: it shares 32 bytes") == 0);
}

TEST_CASE("processes meet by a name, and none waits for one that was killed") {
  Processes four(4, [](Rank rank) {
    OneMachine ranks = OneMachine::join(rank, meeting_of_parent(), 20);
    for (Index step = 0;; ++step) {
      double x[] = {1};
      ranks.sum(x);
      expects(x[0] == 4, "the sum is ", x[0]);
      if (step == 3 && rank.number == 2) ::raise(SIGKILL);
    }
  });
  auto const said = four.said();
  for (Index const r : {0, 1, 3}) CHECK(said[static_cast<std::size_t>(r)] == text("rank ", r, " of 4 stops, because rank 2 has ended"));
  CHECK(said[2] == "signal 9");
}

TEST_CASE("who does not come, comes twice, or counts otherwise is named") {
  Processes few(2, [](Rank rank) { OneMachine::join({2 * rank.number, 4}, meeting_of_parent(), 1); });
  auto said = few.said();
  CHECK(said[0] == "ranks: ranks 1, 3 of 4 did not come within 1 s");
  CHECK(said[1] == "ranks: rank 0 of 4 ended before all were there");

  Processes twice(3, [](Rank rank) { OneMachine::join({rank.first() ? 0 : 1, 3}, meeting_of_parent(), 20); });
  CHECK(twice.said()[0] == "ranks: two processes say that they are rank 1");
  Processes counts(2, [](Rank rank) { OneMachine::join({rank.number, 2 + rank.number}, meeting_of_parent(), 20); });
  CHECK(counts.said()[0] == "ranks: rank 1 says that there are 3 ranks, rank 0 says 2");
  CHECK(message([] { OneMachine::join({1, 2}, "nobody", 0.1); }) == "ranks: rank 0 of 2 did not come within 0.1 s");
  CHECK(message([] { OneMachine::join({2, 2}, "nobody", 0.1); }) == "ranks: there is no rank 2 of 2");

  Processes first(1, [](Rank) {
    auto const begin = [] { return message([] { OneMachine::join({0, 2}, meeting_of_parent(), 3); }); };
    while (begin().find("is there already") != std::string::npos) continue;
  });
  std::string second;
  for (int attempt = 0; attempt < 100 && second.find("is there already") == second.npos; ++attempt)      // until the first has begun
    second = message([] { OneMachine::join({0, 2}, meeting(), 0.02); });
  CHECK(second == text("ranks: a run with the name ", meeting(), " is there already; end it, or start this one as another job"));
  first.said();
}
