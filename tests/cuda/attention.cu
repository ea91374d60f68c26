// needs a GPU to run: attention by tensor cores against the reference in double, for both head sizes, and twice with the same bits.
#include "tests/support/on_device.hpp"

#include <afire/backend/reference.hpp>
#include <afire/testing/compare.hpp>

#include "tests/support/every_verb.hpp"

using namespace afire;
using namespace afire_test;

// o, log_sum and d_qkv on one backend in one type, from the same inputs.
template <class T, class B>
std::vector<Given> attention_both_ways(B& be, Index batch, Index L, Index H, Index D) {
  using S = Accum<T>;
  auto const qkv = exact_tensor<T, 2>(11, batch * L, 3 * H * D);
  auto const d_o = exact_tensor<T, 3>(12, batch, L, H * D);
  Tensor<T, 4> packed(3, batch * H, L, D);
  Tensor<T, 3> o(batch, L, H * D);
  Tensor<S, 2> log_sum(batch * H, L);
  Tensor<T, 2> d_qkv(batch * L, 3 * H * D);
  auto const work = planned([&](Arena& a) { return plan_attention<T>(a, batch, H, L, D); });
  pack_heads(be, qkv, packed.view(), H);
  attention(be, packed, o.view(), log_sum.view(), work.saved);
  attention_backward(be, packed, o, log_sum, d_o, d_qkv.view(), work.saved);
  std::vector<Given> all;
  auto const give = [&](std::string verb, auto view) {
    Given g{std::move(verb), {}};
    for (auto const& v : view.flat()) g.values.push_back(static_cast<double>(wide(v)));
    all.push_back(std::move(g));
  };
  give("o", o.view()), give("log_sum", log_sum.view()), give("d_qkv", d_qkv.view());
  return all;
}

TEST_CASE("attention by tensor cores agrees with the reference in double, and with itself") {
  Cuda gpu;
  Reference reference;
  for (Index D : {Index{32}, Index{64}})
    for (Index L : {Index{1}, Index{33}, Index{50}, Index{64}, Index{197}}) {
      CAPTURE(D);
      CAPTURE(L);
      auto const want = attention_both_ways<double>(reference, 2, L, 3, D), got = attention_both_ways<bf16>(gpu, 2, L, 3, D);
      auto const again = attention_both_ways<bf16>(gpu, 2, L, 3, D);
      for (std::size_t i = 0; i < want.size(); ++i) {
        auto const flat = [](Given const& g) { return View<const double, 1>(g.values.data(), g.values.size()); };
        auto const d = difference(got[i].verb, flat(got[i]), flat(want[i]));
        CHECK_MESSAGE(d.worst <= 1e-2, report(d));
        CHECK_MESSAGE(got[i].values == again[i].values, got[i].verb);
      }
    }
}
