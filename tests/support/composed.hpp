// tests/support/composed.hpp -- the type of a trainer in which one part is another; nothing but its class is compiled
//
//   static_assert(sizeof(WithMasking<Mine>) > 0);
#pragma once
#include <afire/backend/reference.hpp>
#include <afire/ssl/masking.hpp>
#include <afire/ssl/restoration.hpp>
#include <afire/ssl/token_contrast.hpp>
#include <afire/train/trainer.hpp>

namespace afire_test {

using namespace afire;

using Film = Restoration<Everywhere>;

template <class B>
using WithBackend = Trainer<B, float, SharedHead, TransformerDecoder, Clean, Film, AdamW>;
template <class H, class O = TokenContrast<>>
using WithHead = Trainer<Reference, float, H, TransformerDecoder, Clean, O, AdamW>;
template <class D>
using WithDecoder = Trainer<Reference, float, SharedHead, D, Clean, Film, AdamW>;
template <class M>
using WithMasking = Trainer<Reference, float, SharedHead, TransformerDecoder, M, Film, AdamW>;
template <class O>
using WithObjective = Trainer<Reference, float, SharedHead, TransformerDecoder, Clean, O, AdamW>;
template <class R>
using WithRule = Trainer<Reference, float, SharedHead, TransformerDecoder, Clean, Film, R>;
template <class K, class O = Film>
using WithTeacher = Trainer<Reference, float, SharedHead, TransformerDecoder, Clean, O, AdamW, K>;

}  // namespace afire_test
