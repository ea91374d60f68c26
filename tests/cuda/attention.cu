// needs a GPU to run: attention by tensor cores against the reference in double, for both head sizes, and twice with the same bits.
#include "tests/support/on_device.hpp"

#include <afire/backend/reference.hpp>
#include <afire/testing/compare.hpp>

#include "tests/support/every_verb.hpp"

using namespace afire;
using namespace afire_test;

template <class T, class B>
std::vector<Given> attention_on(B& be, Index L, Index D) {
  AttentionBothWays<T> const heads(be, 2, 3, L, D);
  return {given("o", heads.o.view()), given("log_sum", heads.log_sum.view()), given("d_qkv", heads.d_qkv.view())};
}

TEST_CASE("attention by tensor cores agrees with the reference in double, and with itself") {
  Cuda gpu;
  Reference reference;
  for (Index D : {Index{32}, Index{64}})
    for (Index L : {Index{1}, Index{33}, Index{50}, Index{64}, Index{197}}) {
      CAPTURE(D);
      CAPTURE(L);
      auto const want = attention_on<double>(reference, L, D), got = attention_on<bf16>(gpu, L, D);
      auto const again = attention_on<bf16>(gpu, L, D);
      for (std::size_t i = 0; i < want.size(); ++i) {
        auto const flat = [](Given const& g) { return View<const double, 1>(g.values.data(), g.values.size()); };
        auto const d = difference(got[i].verb, flat(got[i]), flat(want[i]));
        CHECK_MESSAGE(d.worst <= 1e-2, report(d));
        CHECK_MESSAGE(got[i].values == again[i].values, got[i].verb);
      }
    }
}
