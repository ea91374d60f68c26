// expect: afire: this Backend has no loops. Write  template <class B, class F> void for_each(my_tag, B& be, Index n, F f);
#include <afire/backend/reference.hpp>
#include <afire/core/concepts.hpp>

#ifdef AFIRE_WRONG
struct my_tag : afire::any_tag {};
#else
struct my_tag : afire::reference_tag {};
#endif
struct Mine {
  using tag = my_tag;
  int threads = 1;
};

static_assert(afire::explain_backend<Mine>());
