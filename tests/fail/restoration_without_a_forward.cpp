// expect: afire: the Module of this RestorationHead does not restore. Give it  template <class B> void forward(B& be,
#include "../support/composed.hpp"
using namespace afire;

template <class T>
struct Network : Decoder<T> {
  using Decoder<T>::Decoder;
#ifdef AFIRE_WRONG
  void forward() const {}
#endif
};
struct Mine : TransformerDecoder {
  template <class T>
  using Module = Network<T>;
};

static_assert(sizeof(afire_test::WithDecoder<Mine>) > 0);
