// afire/ssl/staging.hpp -- films and maps of the host in the memory of the backend, where that is another
//
//   Staging staging;
//   auto const here = staging.films(be, pixels);          // the same pixels, for functors that run on the backend; staging.map(be, map)
//   auto const here = staging.micro(be, micros, i);       // seen, clean and map of micro-batch i; copied once until staging.forget()
//   staging.expect(be, next);                             // what micro() will be asked for next: it is copied while the backend computes
//
// A backend that reads the host's memory gets back what it gave: nothing is copied. Memory is taken when a size is first met and kept;
// there are two rooms, one that is computed with and one that is copied to. Micro-batches of one step expect each other.
// Pixels of one's own say how they move:    template <class Move> MyPixels moved(MyPixels const& p, Move move) { return {move(p.film)}; }
#pragma once
#include <span>

#include <afire/core/ahead.hpp>
#include <afire/nn/embed.hpp>
#include <afire/ssl/objective.hpp>

namespace afire {

// The same pixels with each of their views of the host's memory replaced by move(view).
template <class Move>
GreyPixels moved(GreyPixels const& p, Move move) { return {p.there ? p.film : move(p.film), p.normalisation, p.there}; }
template <class S, class Move>
ImagePixels<S> moved(ImagePixels<S> const& p, Move move) { return {move(p.image)}; }

class Staging {
 public:
  template <class B, class Pixels>
  Pixels films(B& be, Pixels const& host) {
    held_ = nothing;
    if constexpr (shares_host_memory<B>()) return host;
    else return moved(host, [&](auto const& view) { return copied(be, view, room().clean); });
  }
  template <class B>
  View<const unsigned char, 2> map(B& be, View<const unsigned char, 2> host) {           // (V B, L)
    held_ = nothing;
    if constexpr (shares_host_memory<B>()) return host;
    else return copied(be, host, room().map);
  }
  template <class B, class Pixels>
  Micro<Pixels> micro(B& be, std::span<Micro<Pixels>> micros, Index i) {
    Micro<Pixels> m = micros[static_cast<std::size_t>(i)];
    if constexpr (!shares_host_memory<B>()) {
      bool const fresh = held_ != i, expected = fresh && expected_ == Sources(m);
      if (expected) now_ = 1 - now_, await_uploads(be);
      if (fresh) expected_ = {};           // another one has been asked for: its memory may change
      m = in_room(m, room(), [&](auto const& view, auto& memory) {
        return fresh && !expected ? copied(be, view, memory) : there(view, memory);
      });
      held_ = i;
      if (fresh && i + 1 < std::ssize(micros)) expect(be, micros[static_cast<std::size_t>(i + 1)]);
    }
    return m;
  }
  template <class B, class Pixels>
  void expect(B& be, Micro<Pixels> const& next) {
    if constexpr (!shares_host_memory<B>()) {            // after micro(): the other room is free once what has been asked for is done
      in_room(next, rooms_[1 - now_], [&](auto const& view, auto& memory) {
        auto const here = there(view, reserved(be, view, memory));
        using S = std::remove_const_t<std::remove_pointer_t<decltype(view.data)>>;
        upload_ahead(be, view.data, View<S, 1>(const_cast<S*>(here.data), view.size()));
        return here;
      });
      expected_ = Sources(next);
    }
  }
  // Instead of expect(), at the same place: steps that are recorded (core/repeated.hpp) are cut where copies are.
  template <class B>
  void expect_none(B& be) {
    if constexpr (!shares_host_memory<B>()) await_uploads(be);
  }
  // The host's films have changed: the next micro-batch is copied whatever its number.
  void forget() { held_ = nothing; }

 private:
  static constexpr Index nothing = -1;
  struct Room {
    Buffer<std::byte> seen, clean, map;
  };
  struct Sources {                         // where a micro-batch lies on the host
    void const *seen = nullptr, *clean = nullptr, *map = nullptr;
    Sources() = default;
    template <class Pixels>
    explicit Sources(Micro<Pixels> const& m) : map(m.lesion.data) {
      moved(m.seen, [&](auto const& view) { return seen = view.data, view; });
      moved(m.clean, [&](auto const& view) { return clean = view.data, view; });
    }
    bool operator==(Sources const&) const = default;
  };

  Room& room() { return rooms_[now_]; }

  // A micro-batch whose views are place(view, memory), memory of the room.
  template <class Pixels, class Place>
  static Micro<Pixels> in_room(Micro<Pixels> m, Room& room, Place place) {
    m.seen = moved(m.seen, [&](auto const& view) { return place(view, room.seen); });
    m.clean = moved(m.clean, [&](auto const& view) { return place(view, room.clean); });
    m.lesion = place(m.lesion, room.map);
    return m;
  }
  template <class B, class S, int Rank>
  static Buffer<std::byte>& reserved(B& be, View<const S, Rank> host, Buffer<std::byte>& memory) {
    Index const bytes = host.size() * static_cast<Index>(sizeof(S));
    if (memory.size() < bytes) memory = allocate<std::byte>(be, bytes);
    return memory;
  }
  template <class S, int Rank>
  static View<const S, Rank> there(View<const S, Rank> host, Buffer<std::byte>& memory) {
    host.data = reinterpret_cast<S const*>(memory.data());
    return host;
  }
  template <class B, class S, int Rank>
  static View<const S, Rank> copied(B& be, View<const S, Rank> host, Buffer<std::byte>& memory) {
    View<const S, Rank> const here = there(host, reserved(be, host, memory));
    upload(be, host.data, View<S, 1>(const_cast<S*>(here.data), host.size()));
    return here;
  }

  Room rooms_[2];
  int now_ = 0;                            // the room that is computed with
  Index held_ = nothing;                   // the micro-batch whose films lie there
  Sources expected_;                       // what lies in the other one, or is on its way there
};

}  // namespace afire
