// afire/nn/sight.hpp -- what an encoder sees of a film from which some patches were taken
//
//   MaskTokens:   x(b, j) = token + table(j)      where map(b, j) = 1: one learned token stands there         (BEiT, iBOT, SimMIM)
//   KeptPatches:  x(b, i) = whole(b, seat(b, i))  the patches with map = 0 alone, in their order                       (MAE)
//
//   kept.list(be, map);                                   // once a batch; every film must keep as many patches as there are seats
//   encoder.forward(be, pixels, kept, saved);             // between embedding and blocks; tokens in front of the patches stay
//   kept.scatter(be, tokens, whole);                      // back to every place, zero where nothing was kept: what a decoder reads
//
// Spoilt pixels (synthetic lesions) need neither: they are in the film.
#pragma once
#include <afire/core/backend.hpp>
#include <afire/core/param.hpp>
#include <afire/op/column_sum.hpp>

namespace afire {

template <class T>
struct ReplaceByToken {                    // one token, one worker; x in place
  View<T, 3> x;                            // (B, prefix + L, C)
  View<const unsigned char, 2> map;        // (B, L)
  View<const Accum<T>, 1> token;           // (C)
  View<const Accum<T>, 2> table;           // (.. + L, C): its last L rows are the patches'
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index n) const {
    Index const L = map.cols(), b = n / L, j = n % L, at = x.extent[1] - L + j, place = table.rows() - L + j;
    if (map(b, j)) lane.each(x.cols(), [&](Index c) { x(b, at, c) = T(token(c) + table(place, c)); });
  }
};

// Forward wrote the same token to every place of the map. So it receives the sum of those rows, and what stood there before none.
template <class T>
struct MaskedColumn {                      // rows of masked places, for a column sum
  View<const T, 3> dx;                     // (B, prefix + L, C)
  View<const unsigned char, 2> map;        // (B, L)
  AFIRE_HD Accum<T> operator()(Index n, Index c) const {
    Index const L = map.cols(), b = n / L, j = n % L;
    return map(b, j) ? wide(dx(b, dx.extent[1] - L + j, c)) : Accum<T>(0);
  }
};
template <class T>
struct ClearMasked {                       // one token, one worker
  View<T, 3> dx;                           // (B, prefix + L, C)
  View<const unsigned char, 2> map;        // (B, L)
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index n) const {
    Index const L = map.cols(), b = n / L, j = n % L, at = dx.extent[1] - L + j;
    if (map(b, j)) lane.each(dx.cols(), [&](Index c) { dx(b, at, c) = T(0.0f); });
  }
};

template <class T>
struct MaskTokens {
  View<const unsigned char, 2> map;        // (B, L)
  View<const Accum<T>, 1> token;           // (C)
  View<Accum<T>, 1> d_token;               // (C), added to
  View<Accum<T>, 2> partial;               // (column_chunks, C) scratch

  template <class B>
  void forward(B& be, std::type_identity_t<View<const Accum<T>, 2>> table,     // (.. + L, C)
               View<T, 3> x) const {                                           // (B, prefix + L, C), in place
    for_each_row(be, map.size(), ReplaceByToken<T>{x, map, token, table});
  }
  template <class B>
  void backward(B& be, View<T, 3> dx) const {                                  // (B, prefix + L, C), in place
    add_column_sums(be, map.size(), MaskedColumn<T>{dx, map}, d_token, partial);
    for_each_row(be, map.size(), ClearMasked<T>{dx, map});
  }
};

struct ListKept {                          // seats and slots of one film, one worker
  View<const unsigned char, 2> map;        // (B, L)
  View<int, 2> seat;                       // (B, kept)
  View<int, 2> slot;                       // (B, L)
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index b) const {
    lane.once([&] {
      int n = 0;
      for (Index j = 0; j < map.cols(); ++j) {
        bool const stays = !map(b, j) && n < seat.cols();
        slot(b, j) = stays ? n : -1;
        if (stays) seat(b, n++) = static_cast<int>(j);
      }
    });
  }
};

template <class T>
struct GatherKept {                        // x(b, i) = whole(b, place of i); one token, one worker
  View<const T, 3> whole;                  // (B, prefix + L, C)
  View<T, 3> x;                            // (B, prefix + kept, C)
  View<const int, 2> seat;                 // (B, kept)
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index n) const {
    Index const N = x.extent[1], b = n / N, i = n % N, prefix = N - seat.cols();
    Index const from = i < prefix ? i : prefix + seat(b, i - prefix);
    lane.each(x.cols(), [&](Index c) { x(b, i, c) = whole(b, from, c); });
  }
};

template <class T>
struct ScatterKept {                       // the reverse: whole = 0 where nothing was kept; one token, one worker
  View<const T, 3> x;                      // (B, prefix + kept, C)
  View<T, 3> whole;                        // (B, prefix + L, C)
  View<const int, 2> slot;                 // (B, L)
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index n) const {
    Index const N = whole.extent[1], b = n / N, i = n % N, prefix = N - slot.cols();
    Index const s = i < prefix ? i : slot(b, i - prefix) < 0 ? -1 : prefix + slot(b, i - prefix);
    lane.each(whole.cols(), [&](Index c) { whole(b, i, c) = s < 0 ? T(0.0f) : x(b, s, c); });
  }
};

// Gathering and scattering are each other's backward.
template <class T>
struct KeptPatches {
  View<int, 2> seat;                       // (B, kept): place of each kept patch
  View<int, 2> slot;                       // (B, L): which of the kept ones a place is; -1: none

  template <class B>
  void list(B& be, View<const unsigned char, 2> map) const {                   // (B, L)
    for_each_row(be, map.rows(), ListKept{map, seat, slot});
  }
  template <class B>
  void gather(B& be, std::type_identity_t<View<const T, 3>> whole,             // (B, prefix + L, C)
              View<T, 3> x) const {                                            // (B, prefix + kept, C), written
    for_each_row(be, x.extent[0] * x.extent[1], GatherKept<T>{whole, x, seat});
  }
  template <class B>
  void scatter(B& be, std::type_identity_t<View<const T, 3>> x,                // (B, prefix + kept, C)
               View<T, 3> whole) const {                                       // (B, prefix + L, C), written
    for_each_row(be, whole.extent[0] * whole.extent[1], ScatterKept<T>{x, whole, slot});
  }
};

}  // namespace afire
