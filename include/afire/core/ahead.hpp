// afire/core/ahead.hpp -- copies to a backend's memory that are under way while it computes
//
//   Pinned const pinned = pin(be, film, bytes);           // memory of the host that will be copied often; until it is freed
//   upload_ahead(be, host, view);                         // begins when what has been asked for so far is done, and returns at once
//   ...                                                   // verbs that don't touch view; the host's memory stays as it is
//   await_uploads(be);                                    // verbs from here on see what was copied
//
// Where nothing can be under way it is a plain upload.
#pragma once
#include <afire/core/backend.hpp>

namespace afire {

using Pinned = Buffer<std::byte>;          // gives the memory back to the system's pages when it ends; owns none

template <class B>
void upload_ahead_bytes(any_tag, B& be, void const* host, void* to, Index bytes) { upload_bytes(typename B::tag{}, be, host, to, bytes); }
template <class B>
void await_uploads(any_tag, B&) {}
template <class B>
Pinned pin_bytes(any_tag, B&, void*, Index) { return {}; }

template <class B, class T>
void upload_ahead(B& be, T const* host, View<T, 1> to) {
  upload_ahead_bytes(typename B::tag{}, be, host, to.data, to.size() * static_cast<Index>(sizeof(T)));
}
template <class B>
void await_uploads(B& be) { await_uploads(typename B::tag{}, be); }
template <class B>
Pinned pin(B& be, void* host, Index bytes) { return pin_bytes(typename B::tag{}, be, host, bytes); }

}  // namespace afire
