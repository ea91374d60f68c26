// expect: afire: the Module of this RestorationHead cannot go backward. Give it  template <class B> void backward(B& be,
#include "../support/composed.hpp"
using namespace afire;

template <class T>
struct Network : Decoder<T> {
  using Decoder<T>::Decoder;
#ifdef AFIRE_WRONG
  void backward() const {}
#endif
};
struct Mine : TransformerDecoder {
  template <class T>
  using Module = Network<T>;
};

static_assert(sizeof(afire_test::WithDecoder<Mine>) > 0);
