// expect: afire: the Module of this RestorationHead does not name its parameters. Give it  void visit(Names<T> const& names);
#include "../support/composed.hpp"
using namespace afire;

template <class T>
struct Network : Decoder<T> {
  using Decoder<T>::Decoder;
#ifdef AFIRE_WRONG
  void visit() {}
#endif
};
struct Mine : TransformerDecoder {
  template <class T>
  using Module = Network<T>;
};

static_assert(sizeof(afire_test::WithDecoder<Mine>) > 0);
