// expect: afire: forward of the Module of this RestorationHead must be const
#include "../support/composed.hpp"
using namespace afire;

template <class T>
struct Network : Decoder<T> {
  using Decoder<T>::Decoder;
  using Saved = typename Decoder<T>::Saved;
#ifdef AFIRE_WRONG
  void forward(Reference&, View<const T, 3>, View<const unsigned char, 2>, Saved&) {}
#endif
};
struct Mine : TransformerDecoder {
  template <class T>
  using Module = Network<T>;
};

static_assert(sizeof(afire_test::WithDecoder<Mine>) > 0);
