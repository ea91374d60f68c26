// expect: afire: this Module cannot go forward. Give it  template <class B> void forward(B& be, std::type_identity_t<View<const T, 2>> x
#include "../support/module.hpp"

struct Mine : afire_test::Doubling {
#ifdef AFIRE_WRONG
  void forward(afire::Reference&, afire::View<const float, 2>, afire::View<float, 2>) const {}
#endif
};

static_assert(afire::explain_module<Mine, float, afire::Reference>());
