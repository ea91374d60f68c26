// Attention head by head against the plain code of all backends, on the same products and in double: forward and backward, with more
// threads than heads, and with places for fewer heads than there are.
// needs: onednn openmp
#include <afire/backend/onednn.hpp>
#include <afire/testing/compare.hpp>
#include <doctest/doctest.h>

#include "tests/support/backends.hpp"
#include "tests/support/every_verb.hpp"

using namespace afire;
using namespace afire_test;

namespace {

struct plain_attention_tag : onednn_tag {};
struct PlainAttention : OneDnn {
  using tag = plain_attention_tag;
};
template <class B, class T>
void attention(plain_attention_tag, B& be, View<const T, 4> packed, View<T, 3> o, View<Accum<T>, 2> log_sum, AttentionWork<T> const& w) {
  afire::attention(any_tag{}, be, packed, o, log_sum, w);
}
template <class B, class T>
void attention_backward(plain_attention_tag, B& be, View<const T, 4> packed, View<const T, 3> o, View<const Accum<T>, 2> log_sum,
                        View<const T, 3> d_o, View<T, 2> d_qkv, AttentionWork<T> const& w) {
  afire::attention_backward(any_tag{}, be, packed, o, log_sum, d_o, d_qkv, w);
}

template <class T, class U>
void same(AttentionBothWays<T> const& got, AttentionBothWays<U> const& want, double allowed) {
  auto const near = [&](char const* name, auto a, auto b) {
    auto const d = difference(name, a.flat(), b.flat());
    CHECK_MESSAGE(d.worst <= allowed, report(d));
  };
  near("o", got.o.view(), want.o.view());
  near("log_sum", got.log_sum.view(), want.log_sum.view());
  near("d_qkv", got.d_qkv.view(), want.d_qkv.view());
}

template <class T>
void by_head_and_plain(Index batch, Index H, Index L, Index D) {
  INFO(batch, " films, ", H, " heads, ", L, " tokens, ", D, " columns");
  Reference reference;
  PlainAttention plain;
  AttentionBothWays<double> const exact(reference, batch, H, L, D);
  AttentionBothWays<T> const together(plain, batch, H, L, D);
  for (int const threads : {1, 2, 5}) {
    OneDnn be{.threads = threads};
    AttentionBothWays<T> const by_head(be, batch, H, L, D);
    same(by_head, exact, tolerance<T>);
    same(by_head, together, std::is_same_v<T, bf16> ? 1.0 / 256 : 1e-6);
  }
}

}  // namespace

TEST_CASE_TEMPLATE("attention head by head is attention", T, float, bf16) {
  by_head_and_plain<T>(1, 1, 1, 8);
  by_head_and_plain<T>(1, 3, 37, 20);
  by_head_and_plain<T>(2, 3, 197, 64);
  by_head_and_plain<T>(9, 4, 50, 32);
}
