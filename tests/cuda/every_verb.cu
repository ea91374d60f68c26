// needs a GPU to run: every verb on the device in double, float and bf16 against the reference on the CPU, and twice with the same bits.
#include "tests/support/on_device.hpp"

#include <afire/backend/reference.hpp>
#include <afire/testing/compare.hpp>

#include "tests/support/every_verb.hpp"

using namespace afire;
using namespace afire_test;

TEST_CASE_TEMPLATE("every verb on the GPU agrees with the reference in double, and with itself", T, double, float, bf16) {
  Cuda gpu;
  Reference reference;
  double const tolerance = std::is_same_v<T, double> ? 1e-12 : std::is_same_v<T, float> ? 1e-5 : 1e-2;
  auto const want = every_verb<double>(reference), got = every_verb<T>(gpu), again = every_verb<T>(gpu);
  REQUIRE(want.size() == got.size());
  for (std::size_t i = 0; i < want.size(); ++i) {
    auto const flat = [](Given const& g) { return View<const double, 1>(g.values.data(), g.values.size()); };
    auto const d = difference(got[i].verb, flat(got[i]), flat(want[i]));
    CHECK_MESSAGE(d.worst <= tolerance, report(d));
    CHECK_MESSAGE(got[i].values == again[i].values, got[i].verb);
  }
}
