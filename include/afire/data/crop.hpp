// afire/data/crop.hpp -- a random part of a film, turned a little, at the size that is wanted; where it came from is known
//
//   area ~ U(smallest, largest) of the film, width / height ~ exp U(-log aspect, log aspect), anywhere   (torchvision RandomResizedCrop);
//   the film is turned by U(-turn, turn) degrees about its middle first
//
//   RandomCrop random_crop{.smallest = 0.4};
//   Crop const crop = random_crop.draw(draws, H, W);    take_crop(film, crop, out, room);        // out: any size
//   FilmPoint p = film_point(crop, H, W, u, v);         // where the point (u, v) of the crop, 0 ... 1 across and down, lies in the film
//
// Resizing is that of data/resize.hpp: byte for byte Pillow's bilinear filter, which averages where it shrinks. A mirrored chest has its
// heart on the other side, so no film is flipped unless `flip_share` says so.
#pragma once
#include <algorithm>
#include <cmath>

#include <afire/core/rng.hpp>
#include <afire/data/resize.hpp>

namespace afire {

struct Crop {
  Index top = 0, left = 0, height = 0, width = 0;        // in pixels of the turned film
  double turn = 0;                                       // degrees, counter-clockwise
  bool flipped = false;                                  // left and right, last of all
  friend bool operator==(Crop const&, Crop const&) = default;
};

struct FilmPoint {
  double x, y;                                           // column, row; the middle of the first pixel is (0.5, 0.5)
};

// Where (u, v) of a crop lies in its film: u from left to right, v from top to bottom, 0 ... 1.
inline FilmPoint film_point(Crop const& crop, Index rows, Index cols, double u, double v) {
  double const x = static_cast<double>(crop.left) + (crop.flipped ? 1 - u : u) * static_cast<double>(crop.width);
  double const y = static_cast<double>(crop.top) + v * static_cast<double>(crop.height);
  double const cx = static_cast<double>(cols) / 2, cy = static_cast<double>(rows) / 2;
  double const angle = crop.turn * 0.017453292519943295, c = std::cos(angle), s = std::sin(angle);
  return {cx + c * (x - cx) - s * (y - cy), cy + s * (x - cx) + c * (y - cy)};
}

struct RandomCrop {
  double smallest = 0.2, largest = 1;                    // share of the film's area
  double aspect = 4.0 / 3;                               // of the crop: 1 / aspect ... aspect
  double turn = 0;                                       // degrees, at most, either way
  double flip_share = 0;                                 // of the films that are mirrored

  void validate() const {
    expects(0 < smallest && smallest <= largest && largest <= 1 && 1 <= aspect && aspect < 1e6, "crop: areas of ", smallest, " to ",
            largest, " with aspects up to ", aspect, "; 0 < smallest <= largest <= 1 and aspect >= 1 are needed");
    expects(0 <= turn && turn <= 180, "crop: a turn of ", turn, " degrees; it must lie in 0 ... 180");
    expects_share("crop: flip_share", flip_share);
  }
  Crop draw(Draws& draws, Index rows, Index cols) const {
    validate();
    Crop crop;
    if (turn > 0) crop.turn = draws.uniform(-turn, turn);
    if (flip_share > 0) crop.flipped = draws.uniform() < flip_share;
    double const all = static_cast<double>(rows * cols);
    for (int attempt = 0; attempt < 10; ++attempt) {
      double const area = all * draws.uniform(smallest, largest), shape = std::exp(draws.uniform(-std::log(aspect), std::log(aspect)));
      crop.width = std::lrint(std::sqrt(area * shape)), crop.height = std::lrint(std::sqrt(area / shape));
      if (crop.width < 1 || crop.width > cols || crop.height < 1 || crop.height > rows) continue;
      crop.top = draws.between(0, static_cast<int>(rows - crop.height)), crop.left = draws.between(0, static_cast<int>(cols - crop.width));
      return crop;
    }
    double const film = static_cast<double>(cols) / static_cast<double>(rows), shape = std::clamp(film, 1 / aspect, aspect);
    crop.width = film <= shape ? cols : std::lrint(static_cast<double>(rows) * shape);     // the largest part in the middle that may be
    crop.height = film >= shape ? rows : std::lrint(static_cast<double>(cols) / shape);
    crop.top = (rows - crop.height) / 2, crop.left = (cols - crop.width) / 2;
    return crop;
  }
};

struct CropRoom {                                        // memory kept from film to film
  Resizer<std::uint8_t> resize;
  Film turned, part;
};

// The film turned by `degrees` counter-clockwise about its middle, bilinear in whole numbers; what comes from outside is black.
inline void turn_film(View<const std::uint8_t, 2> film,  // (H, W)
                      double degrees,
                      View<std::uint8_t, 2> out) {       // (H, W), written
  Index const H = film.rows(), W = film.cols();
  double const angle = degrees * 0.017453292519943295;
  // Positions in units of 2^-16 of a pixel. The middle of pixel (x, y) comes from  middle + R (x + 1/2 - middle) - 1/2.
  auto const fixed = [](double v) { return static_cast<std::int64_t>(std::llrint(v * 65536)); };
  std::int64_t const c = fixed(std::cos(angle)), s = fixed(std::sin(angle));
  for (Index y = 0; y < H; ++y) {
    std::int64_t const dx = 1 - W, dy = 2 * y + 1 - H;                                     // twice the way from the middle
    std::int64_t x_at = (c * dx - s * dy + (W - 1) * 65536) / 2, y_at = (s * dx + c * dy + (H - 1) * 65536) / 2;
    for (Index x = 0; x < W; ++x, x_at += c, y_at += s) {
      Index const column = x_at >> 16, row = y_at >> 16;
      auto const fx = static_cast<std::int32_t>(x_at >> 8 & 255), fy = static_cast<std::int32_t>(y_at >> 8 & 255);
      auto const blend = [&](std::int32_t a, std::int32_t b, std::int32_t e, std::int32_t f) {
        return static_cast<std::uint8_t>(((a * (256 - fx) + b * fx) * (256 - fy) + (e * (256 - fx) + f * fx) * fy + 32768) >> 16);
      };
      if (0 <= column && column + 1 < W && 0 <= row && row + 1 < H) {
        std::uint8_t const* const p = film.data + row * W + column;
        out(y, x) = blend(p[0], p[1], p[W], p[W + 1]);
      } else {
        auto const pixel = [&](Index r, Index q) -> std::int32_t { return 0 <= r && r < H && 0 <= q && q < W ? film(r, q) : 0; };
        out(y, x) = blend(pixel(row, column), pixel(row, column + 1), pixel(row + 1, column), pixel(row + 1, column + 1));
      }
    }
  }
}

inline void take_crop(View<const std::uint8_t, 2> film,  // (H, W)
                      Crop const& crop,
                      View<std::uint8_t, 2> out,         // (h, w), written
                      CropRoom& room) {
  bool const fits = crop.top >= 0 && crop.left >= 0 && crop.height > 0 && crop.width > 0 && crop.top + crop.height <= film.rows() &&
                    crop.left + crop.width <= film.cols();
  expects(fits, "crop: ", crop.height, " x ", crop.width, " at row ", crop.top, ", column ", crop.left, " is not inside a film ",
          shape_text(film));
  auto const sized = [](Film& image, Index h, Index w) {
    image.height = h, image.width = w, image.pixels.resize(static_cast<std::size_t>(h * w));
    return image.plane();
  };
  if (crop.turn != 0) {
    auto const turned = sized(room.turned, film.rows(), film.cols());
    turn_film(film, crop.turn, turned);
    film = turned;
  }
  auto const part = sized(room.part, crop.height, crop.width);
  for (Index y = 0; y < crop.height; ++y)
    std::copy_n(film.data + (crop.top + y) * film.cols() + crop.left, crop.width, part.data + y * crop.width);
  room.resize(part, out);
  if (crop.flipped)
    for (Index y = 0; y < out.rows(); ++y) std::reverse(out.data + y * out.cols(), out.data + (y + 1) * out.cols());
}

}  // namespace afire
