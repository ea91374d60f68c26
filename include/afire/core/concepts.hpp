// afire/core/concepts.hpp -- what a backend is, and the sentence that says what one lacks
//
//   tag                                   nested, derived from any_tag or from a backend's tag
//   for_each, for_each_row, gemm          by that tag (core/backend.hpp); reduce likewise
//   allocate_bytes, upload_bytes, download_bytes
//
//   static_assert(explain_backend<Mine>());             // beside a backend of one's own; Method asks the same
//
// A concept is the contract. explain_*() goes through it part by part, and the first part that is missing is the error's sentence.
#pragma once
#include <concepts>

#include <afire/core/backend.hpp>

namespace afire {

namespace probe {                          // what a question is asked with; nothing of it runs
struct Element {
  void operator()(Index) const {}
};
struct Row {
  template <class Lane>
  void operator()(Lane, Index) const {}
};
}  // namespace probe

template <class B>
concept HasTag = requires { typename B::tag; };

template <class B>
concept HasLoops = requires(B& be, typename B::tag tag, probe::Element element, probe::Row row) {
  for_each(tag, be, Index{}, element);
  for_each_row(tag, be, Index{}, row);
};

template <class B>
concept HasProducts = requires(B& be, typename B::tag tag, Matrices<const float> a, Matrices<float> c, GemmOf<float> how) {
  gemm(tag, be, a, a, c, how);
};

template <class B>
concept HasMemory = requires(B& be, typename B::tag tag, void* to, void const* from) {
  allocate_bytes(tag, be, Index{});
  upload_bytes(tag, be, from, to, Index{});
  download_bytes(tag, be, from, to, Index{});
};

template <class B>
concept OwnsMemory = HasMemory<B> && requires(B& be, typename B::tag tag) {
  { allocate_bytes(tag, be, Index{}) } -> std::same_as<Memory>;
};

template <class B>
concept Backend = HasTag<B> && std::is_base_of_v<any_tag, typename B::tag> && HasLoops<B> && HasProducts<B> && OwnsMemory<B>;

template <class B>
consteval bool explain_backend() {
  if constexpr (!HasTag<B>)
    static_assert(HasTag<B>,
                  "afire: this Backend has no tag. Give it  using tag = my_tag;  with  struct my_tag : reference_tag {};");
  else if constexpr (!std::is_base_of_v<any_tag, typename B::tag>)
    static_assert(Backend<B>,
                  "afire: this Backend's tag must derive from any_tag, or from the tag of a backend whose verbs it takes over:  struct "
                  "my_tag : reference_tag {};");
  else if constexpr (!HasLoops<B>)
    static_assert(Backend<B>,
                  "afire: this Backend has no loops. Write  template <class B, class F> void for_each(my_tag, B& be, Index n, F f);  and "
                  "for_each_row likewise, or derive its tag from reference_tag");
  else if constexpr (!HasProducts<B>)
    static_assert(Backend<B>,
                  "afire: this Backend has no gemm. Write  template <class B, class T, class U> void gemm(my_tag, B& be, Matrices<const "
                  "T> a, Matrices<const T> b, Matrices<U> c, GemmOf<T> how);  or derive its tag from reference_tag");
  else if constexpr (!HasMemory<B>)
    static_assert(HasMemory<B>,
                  "afire: this Backend has no memory. Write  template <class B> Memory allocate_bytes(my_tag, B& be, Index bytes);  "
                  "upload_bytes and download_bytes, or derive its tag from reference_tag");
  else
    static_assert(OwnsMemory<B>,
                  "afire: allocate_bytes of this Backend must return a Memory, which says how the bytes are given back");
  return true;
}

}  // namespace afire
