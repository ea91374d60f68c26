// The lanes of a GPU, run on the CPU: every verb gives what the reference gives, whatever the order in which workers take turns.
#include <afire/backend/column_tile.hpp>
#include <afire/testing/compare.hpp>
#include <doctest/doctest.h>

#include "tests/support/emulated_team.hpp"
#include "tests/support/every_verb.hpp"
#include "tests/support/message.hpp"

using namespace afire;
using namespace afire_test;

namespace {

template <class Team>
struct Sums {                              // of a row, its largest, and both again by whoever asks after all have written
  View<const double, 2> x;                 // (N, C)
  View<double, 2> y;                       // (N, C), written
  View<double, 1> sum, most, again;        // (N), written
  template <class Lane>
  void operator()(Lane lane, Index n) const {
    double const total = lane.sum_over(x.cols(), [&](Index c) { return x(n, c); });
    double const top = lane.max_over(x.cols(), [&](Index c) { return x(n, c); });
    lane.each(x.cols(), [&](Index c) { y(n, c) = x(n, c) - total; });
    double const turned = lane.sum_over(x.cols(), [&](Index c) { return y(n, x.cols() - 1 - c); });      // what others wrote
    lane.once([&] { sum(n) = total, most(n) = top, again(n) = turned; });
  }
};

struct Uneven {                            // some workers leave
  template <class Lane>
  void operator()(Lane lane, Index) const {
    if (lane.team.index() % 2) return;
    lane.sum_over(Index{8}, [](Index) { return 1.0; });
  }
};

}  // namespace

TEST_CASE_TEMPLATE("a team adds, finds the largest and sees what its members wrote", Team, EmulatedWarp, EmulatedBlock) {
  for (Index const C : {1, 7, 31, 32, 33, 255, 256, 257, 1000}) {
    auto const x = random_tensor<double, 2>(static_cast<std::uint64_t>(C), 3, C);
    Tensor<double, 2> y(3, C), y2(3, C);
    Tensor<double, 1> sum(3), most(3), again(3), sum2(3), most2(3), again2(3);
    for_each_row_of_teams<Team>(3, Sums<Team>{x, y, sum, most, again});
    for_each_row_of_teams<Team>(3, Sums<Team>{x, y2, sum2, most2, again2}, true);
    for (Index n = 0; n < 3; ++n) {
      double total = 0, top = -1e300;
      for (Index c = 0; c < C; ++c) total += x(n, c), top = std::max(top, x(n, c));
      CHECK(sum(n) == doctest::Approx(total).epsilon(1e-12));
      CHECK(most(n) == top);
      CHECK(again(n) == doctest::Approx(total - static_cast<double>(C) * total).epsilon(1e-10));
      CHECK((sum(n) == sum2(n) && most(n) == most2(n) && again(n) == again2(n)));
    }
  }
}

TEST_CASE("workers that leave a row before the others are caught") {
  CHECK(message([] { for_each_row_of_teams<EmulatedWarp>(1, Uneven{}); }).find("ended while others wait") != std::string::npos);
}

TEST_CASE_TEMPLATE("every verb on a GPU's lanes gives what the reference gives", Team, EmulatedWarp, EmulatedBlock) {
  Reference reference{.threads = 1};
  auto const want = every_verb<double>(reference);
  for (bool const backwards : {false, true}) {
    Emulated<Team> be{.backwards = backwards};
    auto const got = every_verb<double>(be);
    REQUIRE(got.size() == want.size());
    for (std::size_t i = 0; i < want.size(); ++i) {
      auto const flat = [](Given const& g) { return View<const double, 1>(g.values.data(), g.values.size()); };
      auto const d = difference(want[i].verb, flat(got[i]), flat(want[i]));
      CHECK_MESSAGE(d.worst < 1e-12, report(d));
    }
  }
}

TEST_CASE("tiles of columns add up to the columns, whatever their number and that of the rows") {
  for (Index const N : {1, 63, 64, 700, 1300})
    for (Index const C : {1, 31, 32, 33, 75}) {
      auto const x = random_tensor<double, 2>(7, N, C);
      Tensor<double, 2> partial(column_chunks, C);
      using Tile = ColumnTile<ElementOf<double>, double>;
      for_each_row_of_teams<EmulatedWarp>(Tile::tiles(C) * column_chunks, Tile{{x}, N, partial});
      for (Index c = 0; c < C; ++c) {
        double sum = 0, want = 0;
        for (Index k = 0; k < column_chunks; ++k) sum += partial(k, c);
        for (Index n = 0; n < N; ++n) want += x(n, c);
        CHECK(sum == doctest::Approx(want).epsilon(1e-12));
      }
    }
}
