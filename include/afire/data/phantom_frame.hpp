// afire/data/phantom_frame.hpp -- what lies over a film's picture: a marker of the side, an L or an R of lead, and the collimator's edges
//
//   frame(look, pose, pen, tissue, film);
#pragma once
#include <afire/data/phantom_film.hpp>

namespace afire::phantom {

inline void draw_marker(Exposure const& look, Pose const& pose, Pen& pen, View<std::uint8_t, 2> film, Tissue& to) {
  float const side = static_cast<float>(pose.side), height = look.marker_size * side, width = 0.55f * height;
  float const x = (look.left_marker ? look.marker_x : 1 - look.marker_x) * side, y = look.marker_y * side;
  auto const place = [&](float u, float v) {       // from film pixels to where the pen wants them
    float const c = std::cos(look.marker_turn), s = std::sin(look.marker_turn), half = 0.5f * side - 0.5f;
    Point const d{(x + c * u - s * v - half) * pose.cm, (y + s * u + c * v - half) * pose.cm};
    return pose.centre + Point{pose.cosine * d.x - pose.sine * d.y, pose.sine * d.x + pose.cosine * d.y};
  };
  auto const put = [&](float grey) {
    pen.lift([&](Index i, Pen::Mark m) {
      float const cover = std::min(1.f, 1.6f * m.inside2 / m.radius2) * m.weight;
      film.data[i] = static_cast<std::uint8_t>(static_cast<float>(film.data[i]) * (1 - cover) + grey * cover);
      to.show(i, Region::marker);
    });
  };
  float const line = 0.13f * height * pose.cm;
  if (look.plate) {
    pen.stroke(place(0.5f * width, -0.5f * height), place(0.5f * width, 1.5f * height), 0.8f * height * pose.cm, 0.8f * height * pose.cm);
    put(248);
  }
  float const ink = look.plate ? 40.f : 245.f;
  if (look.left_marker) {
    pen.stroke(place(0, 0), place(0, height), line, line), pen.stroke(place(0, height), place(width, height), line, line);
  } else {
    pen.stroke(place(0, 0), place(0, height), line, line), pen.stroke(place(0, 0), place(0.8f * width, 0.05f * height), line, line);
    pen.stroke(place(0.8f * width, 0.05f * height), place(0.8f * width, 0.45f * height), line, line);
    pen.stroke(place(0.8f * width, 0.45f * height), place(0, 0.5f * height), line, line);
    pen.stroke(place(0.2f * width, 0.5f * height), place(width, height), line, line);
  }
  put(ink);
}

// What lies over the picture: the marker, and the collimator's edges.
inline void frame(Exposure const& look, Pose const& pose, Pen& pen, Tissue& to, View<std::uint8_t, 2> film) {   // (S, S) drawn into
  Index const side = pose.side;
  draw_marker(look, pose, pen, film, to);

  float const unit = static_cast<float>(side) / 224;
  for (Index r = 0; r < side; ++r)
    for (Index c = 0; c < side; ++c) {
      float const y = static_cast<float>(r) + 0.5f, x = static_cast<float>(c) + 0.5f, s = static_cast<float>(side);
      float const lean_x = look.border_tilt * x, lean_y = look.border_tilt * y;
      bool const outside = (look.border[0] > 0 && y < static_cast<float>(look.border[0]) * unit + lean_x) ||
                           (look.border[1] > 0 && s - y < static_cast<float>(look.border[1]) * unit - lean_x) ||
                           (look.border[2] > 0 && x < static_cast<float>(look.border[2]) * unit - lean_y) ||
                           (look.border[3] > 0 && s - x < static_cast<float>(look.border[3]) * unit + lean_y);
      if (outside) film(r, c) = static_cast<std::uint8_t>(look.border_grey), to.show(r * side + c, Region::outside);
    }
}

}  // namespace afire::phantom
