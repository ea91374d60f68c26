#pragma once
#include <afire/ssl/restoration.hpp>
#include <afire/ssl/token_contrast.hpp>

#include "laws.hpp"

// What a composition is made of can be read off its type.
template <class O>
inline constexpr bool restores_lesions = false;
template <>
inline constexpr bool restores_lesions<afire::Restoration<afire::Lesions>> = true;
template <class O>
inline constexpr bool restores_lesions<afire::Scaled<O>> = restores_lesions<O>;
template <class A, class O>
inline constexpr bool restores_lesions<afire::Sum<A, O>> = restores_lesions<A> || restores_lesions<O>;

template <class O>
inline constexpr bool uses_softmax = false;
template <>
inline constexpr bool uses_softmax<afire::TokenContrast<afire::Softmax>> = true;
template <class O>
inline constexpr bool uses_softmax<afire::Scaled<O>> = uses_softmax<O>;
template <class A, class O>
inline constexpr bool uses_softmax<afire::Sum<A, O>> = uses_softmax<A> || uses_softmax<O>;

template <class O>
int law(O const&) {
  Laws laws;
  laws.hold(O::needs.film, "the film should still be restored: nothing here needs a decoder");
  laws.hold(restores_lesions<O>, "the restoration should look at lesions only");
  laws.hold(O::needs.teacher, "the contrast is gone: nothing here needs a teacher");
  laws.hold(uses_softmax<O>, "the contrast's assignment should be Softmax");
  return laws.end();
}
