// expect: afire: this Module cannot go backward. Give it  template <class B> void backward(B& be, std::type_identity_t<View<const T, 2>> x
#include "../support/module.hpp"

struct Mine : afire_test::Doubling {
#ifdef AFIRE_WRONG
  void backward(afire::Reference&, afire::View<const float, 2>, afire::View<const float, 2>) const {}
#endif
};

static_assert(afire::explain_module<Mine, float, afire::Reference>());
