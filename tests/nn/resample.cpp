// Resampling of position tables and patch kernels: laws that need no other implementation.
#include <afire/core/rng.hpp>
#include <afire/nn/resample.hpp>
#include <doctest/doctest.h>

#include "tests/support/message.hpp"

using namespace afire;

namespace {

std::vector<double> noise(Index size) {
  Random const random(7, Purpose::test);
  std::vector<double> x(static_cast<std::size_t>(size));
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = random.normal(i);
  return x;
}

}  // namespace

TEST_CASE("a table for its own grid is the same table, a constant stays constant, and the class row is kept") {
  auto const table = noise(1 * 4 + 25 * 4);
  auto const same = resample_positions(table, 1, {5, 5}, {5, 5});
  for (std::size_t i = 0; i < table.size(); ++i) CHECK(std::fabs(same[i] - table[i]) < 1e-14);
  auto const other = resample_positions(table, 1, {5, 5}, {3, 9});
  CHECK(other.size() == 4 + 27 * 4);
  for (std::size_t i = 0; i < 4; ++i) CHECK(other[i] == table[i]);
  for (Resampling how : {Resampling{true, true}, Resampling{true, false}, Resampling{false, true}, Resampling{false, false}})
    for (double v : resample_positions(std::vector<double>(49, 3.0), 0, {7, 7}, {4, 11}, how)) CHECK(std::fabs(v - 3) < 1e-14);
}

TEST_CASE("a larger kernel answers an enlarged patch as the smaller one answers the patch") {
  Index const from = 4, to = 6;
  auto const kernel = noise(from * from), larger = resample_patches(kernel, from, to);
  auto const patch = noise(2 * from * from);                                        // its first 16 numbers
  auto const A = resize_matrix(from, to);
  std::vector<double> enlarged(static_cast<std::size_t>(to * to));
  resample_image(A, A, patch.data(), enlarged.data(), 1);
  double small = 0, large = 0;
  for (std::size_t i = 0; i < kernel.size(); ++i) small += kernel[i] * patch[i];
  for (std::size_t i = 0; i < larger.size(); ++i) large += larger[i] * enlarged[i];
  CHECK(std::fabs(small - large) < 1e-12);
}

TEST_CASE("every pair of patch sizes has its pseudo-inverse") {
  for (Index from = 1; from <= 20; ++from)
    for (Index to = 1; to <= 20; ++to) {
      auto const M = resize_matrix(from, to), P = pseudo_inverse(M);                // M P M = M
      double worst = 0;
      for (Index r = 0; r < to; ++r)
        for (Index c = 0; c < from; ++c) {
          double sum = 0;
          for (Index i = 0; i < from; ++i)
            for (Index j = 0; j < to; ++j) sum += M(r, i) * P(i, j) * M(j, c);
          worst = std::max(worst, std::fabs(sum - M(r, c)));
        }
      CHECK_MESSAGE(worst < 1e-11, from, " to ", to);
    }
}

TEST_CASE("sizes that do not fit are named") {
  auto const table = [](std::size_t size) {
    return afire_test::message([&] { (void)resample_positions(std::vector<double>(size), 1, {3, 3}, {2, 2}); });
  };
  CHECK(table(10) == "(no error)");
  CHECK(table(11).find("11 numbers are not 10 rows") != std::string::npos);
  auto const kernels = afire_test::message([] { (void)resample_patches(std::vector<double>(10), 3, 2); });
  CHECK(kernels.find("10 numbers are not kernels of 3 x 3") != std::string::npos);
}
