// expect: afire: this Backend has no memory. Write  template <class B> Memory allocate_bytes(my_tag, B& be, Index bytes);
#include <afire/core/concepts.hpp>

struct my_tag : afire::any_tag {};
struct Mine {
  using tag = my_tag;
};
template <class B, class F>
void for_each(my_tag, B&, afire::Index, F);
template <class B, class F>
void for_each_row(my_tag, B&, afire::Index, F);
template <class B, class T, class U>
void gemm(my_tag, B&, afire::Matrices<const T>, afire::Matrices<const T>, afire::Matrices<U>, afire::GemmOf<T>);
#ifndef AFIRE_WRONG
template <class B>
afire::Memory allocate_bytes(my_tag, B&, afire::Index);
#endif
template <class B>
void upload_bytes(my_tag, B&, void const*, void*, afire::Index);
template <class B>
void download_bytes(my_tag, B&, void const*, void*, afire::Index);

static_assert(afire::explain_backend<Mine>());
