// afire/ssl/staging.hpp -- films and maps of the host in the memory of the backend, where that is another
//
//   Staging staging;
//   auto const here = staging.films(be, pixels);          // the same pixels, for functors that run on the backend; staging.map(be, map)
//   auto const here = staging.micro(be, micros, i);       // seen, clean and map of micro-batch i; copied once until staging.forget()
//
// A backend that reads the host's memory gets back what it gave: nothing is copied. Memory is taken when a size is first met and kept.
// Pixels of one's own say how they move:    template <class Move> MyPixels moved(MyPixels const& p, Move move) { return {move(p.film)}; }
#pragma once
#include <span>

#include <afire/nn/embed.hpp>
#include <afire/ssl/objective.hpp>

namespace afire {

// The same pixels with each of their views replaced by move(view).
template <class Move>
GreyPixels moved(GreyPixels const& p, Move move) { return {move(p.film), p.normalisation}; }
template <class S, class Move>
ImagePixels<S> moved(ImagePixels<S> const& p, Move move) { return {move(p.image)}; }

class Staging {
 public:
  template <class B, class Pixels>
  Pixels films(B& be, Pixels const& host) {
    held_ = nothing;
    return copied(be, host, clean_);
  }
  template <class B>
  View<const unsigned char, 2> map(B& be, View<const unsigned char, 2> host) {           // (V B, L)
    held_ = nothing;
    if constexpr (shares_host_memory<B>()) return host;
    else return view_of(be, host, map_, true);
  }
  template <class B, class Pixels>
  Micro<Pixels> micro(B& be, std::span<Micro<Pixels>> micros, Index i) {
    Micro<Pixels> m = micros[static_cast<std::size_t>(i)];
    if constexpr (!shares_host_memory<B>()) {
      bool const fresh = held_ != i;
      m.seen = copied(be, m.seen, seen_, fresh), m.clean = copied(be, m.clean, clean_, fresh);
      m.lesion = view_of(be, m.lesion, map_, fresh);
      held_ = i;
    }
    return m;
  }
  // The host's films have changed: the next micro-batch is copied whatever its number.
  void forget() { held_ = nothing; }

 private:
  static constexpr Index nothing = -1;

  template <class B, class Pixels>
  static Pixels copied(B& be, Pixels const& host, Buffer<std::byte>& room, bool fresh = true) {
    if constexpr (shares_host_memory<B>()) return host;
    else return moved(host, [&](auto const& view) { return view_of(be, view, room, fresh); });
  }

  template <class B, class S, int Rank>
  static View<const S, Rank> view_of(B& be, View<const S, Rank> host, Buffer<std::byte>& room, bool fresh) {
    Index const bytes = host.size() * static_cast<Index>(sizeof(S));
    if (room.size() < bytes) room = allocate<std::byte>(be, bytes);
    View<const S, Rank> here = host;
    here.data = reinterpret_cast<S const*>(room.data());
    if (fresh) upload(be, host.data, View<S, 1>(reinterpret_cast<S*>(room.data()), host.size()));
    return here;
  }

  Buffer<std::byte> seen_, clean_, map_;
  Index held_ = nothing;                   // the micro-batch whose films lie here
};

}  // namespace afire
