// afire/op/patchify.hpp -- between images and rows of patches
//
//   row j of an image is the patch at (j / grid, j % grid), its element (py P + px) C + c is pixel (py, px), channel c (MAE's order)
//
//   patchify(be, image, patch, rows);            // (B, C, S, S) -> (B, L, P P C)
//   unpatchify(be, rows, patch, image);          // its inverse
//   pixel_shuffle(be, maps, p, image);           // (B, C p p, H, W) -> (B, C, H p, W p), channel first: SimMIM's; back: pixel_unshuffle
//   grey_from_rows(be, rows, patch, mean, deviation, grey);       // a decoder's rows, other tokens in front, as grey films 0 ... 255
#pragma once
#include <afire/core/backend.hpp>

namespace afire {

template <class T>
struct MovePatch {                         // one patch, one worker
  View<T, 4> image;                        // (B, C, S, S)
  View<T, 3> rows;                         // (B, L, P P C)
  Index P;
  bool to_rows;
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index n) const {
    Index const L = rows.extent[1], C = image.extent[1], grid = image.extent[3] / P, b = n / L, j = n % L;
    lane.each(rows.cols(), [&](Index i) {
      Index const c = i % C, y = j / grid * P + i / C / P, x = j % grid * P + i / C % P;
      if (to_rows) rows(b, j, i) = image(b, c, y, x);
      else image(b, c, y, x) = rows(b, j, i);
    });
  }
};

template <class B, class T>
void patchify(B& be, View<T, 4> image,                                  // (B, C, S, S)
              Index patch,
              View<T, 3> rows) {                                        // (B, L, P P C), written
  for_each_row(be, rows.extent[0] * rows.extent[1], MovePatch<T>{image, rows, patch, true});
}

template <class B, class T>
void unpatchify(B& be, View<T, 3> rows,                                 // (B, L, P P C)
                Index patch,
                View<T, 4> image) {                                     // (B, C, S, S), written
  for_each_row(be, rows.extent[0] * rows.extent[1], MovePatch<T>{image, rows, patch, false});
}

template <class T>
struct ShufflePixels {                     // image(b, c, i p + y, j p + x) = maps(b, (c p + y) p + x, i, j); one row of pixels, one worker
  View<T, 4> maps;                         // (B, C p p, H, W)
  View<T, 4> image;                        // (B, C, H p, W p)
  Index p;
  bool to_image;
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index n) const {
    Index const C = image.extent[1], rows = image.extent[2], row = n % rows, c = n / rows % C, b = n / (rows * C);
    lane.each(image.extent[3], [&](Index col) {
      Index const channel = (c * p + row % p) * p + col % p;
      if (to_image) image(b, c, row, col) = maps(b, channel, row / p, col / p);
      else maps(b, channel, row / p, col / p) = image(b, c, row, col);
    });
  }
};

// Each other's inverse, and each other's backward.
template <class B, class T>
void pixel_shuffle(B& be, View<T, 4> maps,                              // (B, C p p, H, W)
                   Index p,
                   View<T, 4> image) {                                  // (B, C, H p, W p), written
  for_each_row(be, image.extent[0] * image.extent[1] * image.extent[2], ShufflePixels<T>{maps, image, p, true});
}
template <class B, class T>
void pixel_unshuffle(B& be, View<T, 4> image,                           // (B, C, H p, W p)
                     Index p,
                     View<T, 4> maps) {                                 // (B, C p p, H, W), written
  for_each_row(be, image.extent[0] * image.extent[1] * image.extent[2], ShufflePixels<T>{maps, image, p, false});
}

template <class T>
struct GreyRow {                           // one row of pixels, one worker
  View<const T, 3> rows;                   // (B, 1 + L, P P C)
  View<float, 3> grey;                     // (B, S, S)
  Index P, channels;
  double mean[3], deviation[3];
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index n) const {
    Index const S = grey.extent[2], grid = S / P, b = n / S, y = n % S, front = rows.extent[1] - grid * grid;
    lane.each(S, [&](Index x) {
      Index const j = y / P * grid + x / P, pixel = (y % P * P + x % P) * channels;
      double sum = 0;
      for (Index c = 0; c < channels; ++c) sum += wide(rows(b, front + j, pixel + c)) * deviation[c] + mean[c];
      grey(b, y, x) = static_cast<float>(255 * sum / static_cast<double>(channels));
    });
  }
};

// The channels, put back to 0 ... 1 by their mean and deviation, averaged; values may leave 0 ... 255.
template <class B, class T>
void grey_from_rows(B& be, View<const T, 3> rows,                                        // (B, 1 + L, P P C)
                    Index patch, Index channels, double const (&mean)[3], double const (&deviation)[3],
                    View<float, 3> grey) {                                               // (B, S, S), written
  GreyRow<T> row{rows, grey, patch, channels, {mean[0], mean[1], mean[2]}, {deviation[0], deviation[1], deviation[2]}};
  for_each_row(be, grey.extent[0] * grey.extent[1], row);
}

}  // namespace afire
