// Every verb of every backend, in float, bf16 and double, against the reference in double.
#include <afire/testing/compare.hpp>
#include <doctest/doctest.h>

#include "tests/support/backends.hpp"
#include "tests/support/every_verb.hpp"

using namespace afire;
using namespace afire_test;

TEST_CASE_TEMPLATE_DEFINE("every verb agrees with the reference in double", Target, verbs) {
  using T = typename Target::Type;
  typename Target::Backend be;
  Reference reference;
  auto const want = every_verb<double>(reference), got = every_verb<T>(be);
  REQUIRE(want.size() == got.size());
  Difference worst;
  for (std::size_t i = 0; i < want.size(); ++i) {
    auto const flat = [](Given const& g) { return View<const double, 1>(g.values.data(), g.values.size()); };
    auto const d = difference(got[i].verb, flat(got[i]), flat(want[i]));
    worst = worse(worst, d);
    CHECK_MESSAGE(d.worst <= tolerance<T>, report(d));
  }
  MESSAGE(backend_name(be), " in ", std::string(type_name<T>()), ": worst ", worst.name, " ", worst.worst);
}
TEST_CASE_TEMPLATE_APPLY(verbs, OtherTargets);
