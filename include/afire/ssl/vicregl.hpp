// afire/ssl/vicregl.hpp -- VICReg of whole views and of the cells that belong together (Bardes et al., "VICRegL", 2022)
//
//   loss = alpha VICReg(g0, g1) + (1 - alpha) sum over {features, places} of the mean of V(a -> b, n) over both directions and both n
//   V(a -> b, n): each cell of a meets its nearest cell of b, by features or by place in the film; of a film the n pairs with the smallest
//   distances stay, slot r of all films is one VICReg over the batch, and V is the mean over slots
//
//   g: (B, C) embeddings of the views, m: (B, S, D) of their cells, place: (B, S, 2) in the film (data/crop.hpp: film_point)
//
//   VicRegL loss;   auto room = loss.plan<S>(arena, B, C, cells, D);   loss(be, views, weight, gradients, room);
//
// Slots are in the order of cells, as in the authors' code, or of distance, as in lightly. The authors' loop keeps the last pair of views
// only, and by default thins out the matches of places alone; here all pairs count, and both kinds of matches are thinned out.
#pragma once
#include <afire/ssl/vicreg.hpp>

namespace afire {

// Which match of a film is slot r: the r-th by its cell in a, or the r-th nearest.
enum class SlotOrder { by_cell, by_distance };

template <class S>
struct NearestCell {                       // one cell of a, one worker
  View<const S, 3> a, b;                   // (B, S, F)
  View<Index, 2> nearest;                  // (B, S), written: the first of the nearest cells of b
  View<S, 2> distance;                     // (B, S), written: squared
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index n) const {
    Index const cells = a.extent[1], film = n / cells, i = n % cells;
    Index best = 0;
    S least = 0;
    for (Index j = 0; j < cells; ++j) {
      S const apart = lane.sum_over(a.cols(), [&](Index c) { return math::square(a(film, i, c) - b(film, j, c)); });
      if (j == 0 || apart < least) best = j, least = apart;
    }
    lane.once([&] { nearest(film, i) = best, distance(film, i) = least; });
  }
};

template <class S>
struct ChooseCells {                       // one film, one worker: the cells with the smallest distances
  View<const S, 2> distance;               // (B, S)
  View<Index, 2> chosen;                   // (B, n), written
  bool by_cell;
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index b) const {
    lane.once([&] {
      Index const cells = distance.cols(), n = chosen.cols();
      Index last = -1;
      auto const behind = [&](Index i, Index j) {                       // cell i comes after cell j by (distance, index)
        return j < 0 || distance(b, i) > distance(b, j) || (distance(b, i) == distance(b, j) && i > j);
      };
      for (Index r = 0; r < n; ++r) {
        Index next = -1;
        for (Index i = 0; i < cells; ++i)
          if (behind(i, last) && (next < 0 || behind(next, i))) next = i;
        chosen(b, r) = last = next;
      }
      if (by_cell)                                                      // all that are not behind the last one, in their own order
        for (Index i = 0, r = 0; i < cells; ++i)
          if (!behind(i, last)) chosen(b, r++) = i;
    });
  }
};

template <class S>
struct TakeSlots {                         // one film, one worker: x(r, b) = cells(b, at(b, r)), through `nearest` where given
  View<const S, 3> cells;                  // (B, S, D)
  View<const Index, 2> chosen, nearest;    // (B, n), (B, S) or empty
  View<S, 3> x;                            // (n, B, D), written
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index b) const {
    for (Index r = 0; r < x.rows(); ++r) {
      Index const i = chosen(b, r), at = nearest ? nearest(b, i) : i;
      lane.each(x.cols(), [&](Index c) { x(r, b, c) = cells(b, at, c); });
    }
  }
};

template <class S>
struct ReturnSlots {                       // one film, one worker: the gradients back, a cell may have served several times
  View<const S, 3> dx;                     // (n, B, D)
  View<const Index, 2> chosen, nearest;    // (B, n), (B, S) or empty
  View<S, 3> d_cells;                      // (B, S, D), added to
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index b) const {
    for (Index r = 0; r < dx.rows(); ++r) {
      Index const i = chosen(b, r), at = nearest ? nearest(b, i) : i;
      lane.each(dx.cols(), [&](Index c) { d_cells(b, at, c) += dx(r, b, c); });
    }
  }
};

// Two views of each film, or the gradients of both.
template <class S>
struct LocalViews {
  View<S, 2> global[2];                    // (B, C)
  View<S, 3> cells[2];                     // (B, S, D)
  View<const S, 3> place[2];               // (B, S, 2); no gradient
};

struct VicRegL {
  double alpha = 0.75;                     // 0.9 with a ResNet
  VicReg global = {.covariance = 0.5}, local = {.covariance = 0.5};            // the mean of two views' covariances
  Index many = 20, few = 4;                // pairs that stay; all cells where there are fewer
  SlotOrder order = SlotOrder::by_cell;

  template <class S>
  struct Room {
    VicReg::Room<S> global, local;
    View<Index, 2> nearest, chosen;        // (B, S), (B, n)
    View<S, 2> distance;                   // (B, S)
    View<S, 3> x, y, dx, dy;               // (n, B, D)
  };

  template <class S>
  Room<S> plan(Arena& arena, Index batch, Index width, Index cells, Index local_width) const {
    Index const most = many > few ? many : few, n = most < cells ? most : cells;
    auto const slots = [&] { return arena.scratch<S>(n, batch, local_width); };
    return {global.plan<S>(arena, batch, width), local.plan<S>(arena, batch, local_width), arena.scratch<Index>(batch, cells),
            arena.scratch<Index>(batch, n), arena.scratch<S>(batch, cells), slots(), slots(), slots(), slots()};
  }

  template <class B, class S>
  double operator()(B& be, LocalViews<const S> const& v, double weight, LocalViews<S> const& d, Room<S> const& room) const {
    double const local_weight = (1 - alpha) * weight / 4;
    double sum = 0;
    for (int pass = 0; pass < 4; ++pass) {
      int const a = pass / 2;
      Index const n = pass % 2 == 0 ? many : few;
      sum += matched(be, v.cells[a], v.cells[1 - a], v.cells[a], v.cells[1 - a], n, local_weight, d.cells[a], d.cells[1 - a], room);
      sum += matched(be, v.place[a], v.place[1 - a], v.cells[a], v.cells[1 - a], n, local_weight, d.cells[a], d.cells[1 - a], room);
    }
    return alpha * global(be, v.global[0], v.global[1], alpha * weight, d.global[0], d.global[1], room.global) + (1 - alpha) * sum / 4;
  }

 private:
  // V(a -> b, n), matched by what `from` and `to` say of the cells.
  template <class B, class S>
  double matched(B& be, View<const S, 3> from, View<const S, 3> to, View<const S, 3> a, View<const S, 3> b, Index n, double weight,
                 View<S, 3> da, View<S, 3> db, Room<S> const& room) const {
    Index const films = a.extent[0], cells = a.extent[1], kept = n < cells ? n : cells;
    View<Index, 2> const chosen(room.chosen.data, films, kept);
    auto const x = room.x.slice(0, kept), y = room.y.slice(0, kept), dx = room.dx.slice(0, kept), dy = room.dy.slice(0, kept);
    for_each_row(be, films * cells, NearestCell<S>{from, to, room.nearest, room.distance});
    for_each_row(be, films, ChooseCells<S>{room.distance, chosen, order == SlotOrder::by_cell});
    for_each_row(be, films, TakeSlots<S>{a, chosen, {}, x});
    for_each_row(be, films, TakeSlots<S>{b, chosen, room.nearest, y});
    fill(be, dx.flat(), 0), fill(be, dy.flat(), 0);
    double const share = 1 / static_cast<double>(kept);
    double sum = 0;
    for (Index r = 0; r < kept; ++r)
      sum += local(be, x.row(r), y.row(r), weight * share, dx.row(r), dy.row(r), room.local);
    for_each_row(be, films, ReturnSlots<S>{dx, chosen, {}, da});
    for_each_row(be, films, ReturnSlots<S>{dy, chosen, room.nearest, db});
    return sum * share;
  }
};

}  // namespace afire
