// afire/core/ahead.hpp -- copies to a backend's memory that are under way while it computes
//
//   upload_ahead(be, host, view);                         // begins when what has been asked for so far is done, and returns at once
//   ...                                                   // verbs that don't touch view; the host's memory stays as it is
//   await_uploads(be);                                    // verbs from here on see what was copied
//   pin(be, host, bytes);   unpin(be, host);              // in between, copies ahead are fetched out of this memory by the backend itself
//
// Where nothing can be under way it is a plain upload. Memory that cannot be pinned is copied all the same, by the host first.
#pragma once
#include <afire/core/backend.hpp>

namespace afire {

// What upload_ahead and await_uploads call with the backend's tag: upload_ahead_bytes(tag, be, host, to, bytes), await_uploads(tag, be).
template <class B>
void upload_ahead_bytes(any_tag, B& be, void const* host, void* to, Index bytes) { upload_bytes(typename B::tag{}, be, host, to, bytes); }
template <class B>
void await_uploads(any_tag, B&) {}
// What pin and unpin call: pin_bytes(tag, be, host, bytes), unpin_bytes(tag, be, host).
template <class B>
void pin_bytes(any_tag, B&, void const*, Index) {}
template <class B>
void unpin_bytes(any_tag, B&, void const*) {}

template <class B, class T>
void upload_ahead(B& be, T const* host, View<T, 1> to) {
  upload_ahead_bytes(typename B::tag{}, be, host, to.data, to.size() * static_cast<Index>(sizeof(T)));
}
template <class B>
void await_uploads(B& be) { await_uploads(typename B::tag{}, be); }

template <class B>
void pin(B& be, void const* host, Index bytes) { pin_bytes(typename B::tag{}, be, host, bytes); }
template <class B>
void unpin(B& be, void const* host) { unpin_bytes(typename B::tag{}, be, host); }

}  // namespace afire
