// afire/ssl/patch_shapes.hpp -- which patches of a film are hidden: anywhere, in squares, in blocks
//
//   A shape is called as  shape(draws, map, room):  map (rows, cols) of patches gets 1 where one is hidden, else 0.
//   shape.hidden(patches) says how many those are where that is fixed, so that an encoder may leave them out.
//
//   RandomPatches{.ratio = 0.75}                        MAE: the patches with the largest of L random numbers
//   CoarsePatches{.ratio = 0.6, .side = 2}              SimMIM: squares of side x side patches (32 pixels), ceil(ratio squares) of them
//   BlockPatches{.ratio = 0.4}                          BEiT: rectangles of random area and aspect until the ratio is reached, never more
//   ibot_blocks                                         half of the films none, the others blocks up to a ratio of 0.1 ... 0.5
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <vector>

#include <afire/core/rng.hpp>
#include <afire/core/view.hpp>

namespace afire {

struct PatchRoom {                         // memory kept from film to film
  std::vector<float> noise;
  std::vector<int> order;
};

// MAE's rule: the `keep` smallest numbers stay (the first of equals), all others are hidden; order: the indices by size.
template <class S>
void hide_largest(View<const S, 1> noise,                 // (L)
                  Index keep,
                  View<std::uint8_t, 1> map,              // (L), written
                  std::vector<int>& order) {
  order.resize(static_cast<std::size_t>(noise.size()));
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return noise(a) < noise(b); });
  for (Index i = 0; i < noise.size(); ++i) map(order[static_cast<std::size_t>(i)]) = i >= keep;
}

// Hides `count` of map's cells, each set as likely as any other.
inline void hide_some(Draws& draws, Index count, View<std::uint8_t, 1> map, PatchRoom& room) {
  room.noise.resize(static_cast<std::size_t>(map.size()));
  for (float& x : room.noise) x = draws.uniform();
  hide_largest(View<const float, 1>(room.noise.data(), map.size()), map.size() - count, map, room.order);
}

struct RandomPatches {
  double ratio = 0.75;

  void validate() const { expects_share("random patches: the ratio", ratio); }
  Index hidden(Index patches) const {
    validate();
    return patches - static_cast<Index>(static_cast<double>(patches) * (1 - ratio));
  }
  void operator()(Draws& draws, View<std::uint8_t, 2> map, PatchRoom& room) const {
    hide_some(draws, hidden(map.size()), map.flat(), room);
  }
};

struct CoarsePatches {
  double ratio = 0.6;
  Index side = 2;                          // of a square, in patches: 32 pixels of 16 each

  void validate() const {
    expects_share("coarse patches: the ratio", ratio);
    expects(side > 0, "coarse patches: squares of ", side, " patches; at least 1 is needed");
  }
  // Throws unless squares fill a grid of so many patches.
  void expect_grid(Index rows, Index cols) const {
    validate();
    expects(rows % side == 0 && cols % side == 0, "coarse patches: ", rows, " x ", cols, " patches cannot be cut into squares of ", side);
  }
  Index hidden(Index patches) const {
    validate();
    return squares(patches / (side * side)) * side * side;
  }
  void operator()(Draws& draws, View<std::uint8_t, 2> map, PatchRoom& room) const {
    expect_grid(map.rows(), map.cols());
    Index const rows = map.rows() / side, cols = map.cols() / side;
    View<std::uint8_t, 1> const first(map.data, rows * cols);            // drawn into the front of the map, then spread from behind
    hide_some(draws, squares(first.size()), first, room);
    for (Index i = map.size() - 1; i >= 0; --i) map.data[i] = first(i / map.cols() / side * cols + i % map.cols() / side);
  }

 private:
  Index squares(Index all) const { return static_cast<Index>(std::ceil(ratio * static_cast<double>(all))); }
};

struct BlockPatches {
  double ratio = 0.4;                      // of the patches, at most; BEiT: 75 of 196
  double spread = 0;                       // the ratio of a film is drawn from ratio - spread ... ratio + spread
  double share = 1;                        // of the films that are masked at all
  double smallest = 16;                    // patches of a block, at least (as drawn, before rounding)
  double aspect = 0.3;                     // of a block: aspect ... 1 / aspect
  int attempts = 10;                       // at a block, before the film is left as it is
  bool fill_up = false;                    // single patches make up what blocks left short, so that the number is fixed

  void validate() const {
    expects_share("block patches: the largest ratio", ratio + spread), expects_share("block patches: the smallest ratio", ratio - spread);
    expects_share("block patches: the share of films", share);
    expects(0 < aspect && aspect <= 1 && 1 <= smallest && smallest < 1e9, "block patches: an aspect of ", aspect,
            " and blocks of at least ", smallest, " patches; 0 < aspect <= 1 and smallest >= 1 are needed");
    expects(attempts >= 1, "block patches: ", attempts, " attempts at a block; at least 1 is needed");
  }
  Index hidden(Index patches) const {
    validate();
    expects(fill_up && spread == 0 && share == 1,
            "block patches: blocks may hide fewer patches than asked for; where the number must be fixed use .fill_up = true, "
            "with .spread = 0 and .share = 1");
    return static_cast<Index>(ratio * static_cast<double>(patches));
  }

  void operator()(Draws& draws, View<std::uint8_t, 2> map, PatchRoom& room) const {
    validate();
    std::fill(map.begin(), map.end(), std::uint8_t{0});
    if (share < 1 && !(draws.uniform() < share)) return;
    double const wanted = (spread > 0 ? draws.uniform(ratio - spread, ratio + spread) : ratio) * static_cast<double>(map.size());
    Index const most = static_cast<Index>(wanted);
    Index count = 0;
    for (Index added = 1; added > 0 && count < most; count += added) added = block(draws, wanted - static_cast<double>(count), map);
    if (fill_up && count < most) fill(draws, most - count, map, room);
  }

 private:
  // Patches that a new block adds; 0: none was found.
  Index block(Draws& draws, double left, View<std::uint8_t, 2> map) const {
    for (int attempt = 0; attempt < attempts; ++attempt) {
      double const area = draws.uniform(smallest, left);        // with little left: of left ... smallest
      double const shape = std::exp(draws.uniform(std::log(aspect), -std::log(aspect)));
      Index const h = std::lrint(std::sqrt(area * shape)), w = std::lrint(std::sqrt(area / shape));
      if (h >= map.rows() || w >= map.cols()) continue;
      Index const top = draws.between(0, static_cast<int>(map.rows() - h)), beside = draws.between(0, static_cast<int>(map.cols() - w));
      Index added = 0;
      for (Index y = top; y < top + h; ++y)
        for (Index x = beside; x < beside + w; ++x) added += !map(y, x);
      if (added == 0 || static_cast<double>(added) > left) continue;
      for (Index y = top; y < top + h; ++y)
        for (Index x = beside; x < beside + w; ++x) map(y, x) = 1;
      return added;
    }
    return 0;
  }

  static void fill(Draws& draws, Index count, View<std::uint8_t, 2> map, PatchRoom& room) {
    room.noise.resize(static_cast<std::size_t>(map.size()));
    for (Index i = 0; i < map.size(); ++i) room.noise[static_cast<std::size_t>(i)] = map.data[i] ? 2 : draws.uniform();
    Index hidden_already = 0;
    for (std::uint8_t const m : map) hidden_already += m;
    hide_largest(View<const float, 1>(room.noise.data(), map.size()), map.size() - hidden_already - count, map.flat(), room.order);
  }
};

inline constexpr BlockPatches ibot_blocks{.ratio = 0.3, .spread = 0.2, .share = 0.5};

}  // namespace afire
