// expect: afire: the Module of this RestorationHead does not plan a film. Give it  Saved plan(Arena& arena, Index images) const;
#include "../support/composed.hpp"
using namespace afire;

template <class T>
struct Network : Decoder<T> {
  using Decoder<T>::Decoder;
#ifdef AFIRE_WRONG
  void plan(Arena&, Index) const {}
#endif
};
struct Mine : TransformerDecoder {
  template <class T>
  using Module = Network<T>;
};

static_assert(sizeof(afire_test::WithDecoder<Mine>) > 0);
