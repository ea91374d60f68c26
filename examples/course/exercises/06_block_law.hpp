#pragma once
#include <afire/core/tensor.hpp>
#include <afire/ssl/masking.hpp>

#include "laws.hpp"

template <class Masking>
int law(Masking masking) {
  using namespace afire;
  Index const S = 32, P = 8, across = S / P;
  Tensor<std::uint8_t, 2> clean(S, S), seen(S, S), mask(S, S);
  Tensor<std::uint8_t, 1> map(across * across);
  for (Index i = 0; i < S * S; ++i) clean.data()[i] = static_cast<std::uint8_t>(i % 100);
  bool square = true, outside = true, moves = false;
  Index spoilt = 4, first = -1;
  typename Masking::Room room;
  for (std::uint64_t film = 0; film < 20; ++film) {
    masking(Random(1, Purpose::masking, 0, film), clean.view(), seen.view(), mask.view(), room);
    lesion_patches(mask.view(), P, map.view(), masking.patch_share);
    Index top = across, bottom = -1, left = across, right = -1, count = 0;
    for (Index j = 0; j < map.size(); ++j)
      if (map(j)) {
        top = j / across < top ? j / across : top, bottom = j / across > bottom ? j / across : bottom;
        left = j % across < left ? j % across : left, right = j % across > right ? j % across : right;
        ++count;
      }
    if (count != 4) spoilt = count;
    square = square && bottom - top == 1 && right - left == 1;
    for (Index i = 0; i < S * S; ++i) outside = outside && (mask.data()[i] || seen.data()[i] == clean.data()[i]);
    if (first < 0) first = top * across + left;
    moves = moves || top * across + left != first;
  }
  Laws laws;
  laws.hold(spoilt == 4, "4 patches are hidden in every film, not ", spoilt);
  laws.hold(square, "the hidden patches are a square of 2 x 2");
  laws.hold(outside, "what the mask says is untouched looks as in the clean film");
  laws.hold(moves, "another film, another place: draw it from the random numbers that are handed in");
  return laws.end();
}
