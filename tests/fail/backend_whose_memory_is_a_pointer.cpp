// expect: afire: allocate_bytes of this Backend must return a Memory
#include <afire/backend/reference.hpp>
#include <afire/core/concepts.hpp>

struct my_tag : afire::reference_tag {};
struct Mine : afire::Reference {
  using tag = my_tag;
};
#ifdef AFIRE_WRONG
template <class B>
void* allocate_bytes(my_tag, B&, afire::Index);
#else
template <class B>
afire::Memory allocate_bytes(my_tag, B&, afire::Index);
#endif

static_assert(afire::explain_backend<Mine>());
