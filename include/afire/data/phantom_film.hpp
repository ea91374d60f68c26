// afire/data/phantom_film.hpp -- from thicknesses to an 8-bit film: attenuation, scatter, grain, automatic exposure, marker, collimator
//
//   intensity = exp(-(sum of mu * thickness)) + scatter,      signal = -log(intensity) with the noise of a finite number of photons
//   grey = straight line through (signal of the lungs, their wanted grey) and (signal of what is dense, its wanted grey), bent at both ends
//
//   Exposure look(draws, portable);   Pose pose = look.pose(side, body.height);
//   Signals typical = typical_signals(look, tissue);   expose(look, pose, typical, random, tissue, film);
#pragma once
#include <afire/data/phantom_body.hpp>

namespace afire::phantom {

struct Exposure {
  float field, turn, shift_x, shift_y;    // cm of body that the film covers, and how it lies
  float lung_grey, dense_grey, bend;      // where the display puts them, and how the line between is bent
  float floor;                            // the grey of air
  float scatter, bone, grain, blur;
  float top_fog, tilt;                    // uneven exposure: heel of the anode, tilted cassette
  int border[4];                          // pixels at side 224: top, bottom, left, right
  float border_tilt, border_grey;
  float marker_x, marker_y, marker_turn, marker_size;
  bool left_marker, plate;

  Exposure(Draws& d, bool portable) {
    auto const vary = [&](double mean, double sd) { return static_cast<float>(mean + sd * std::clamp(d.normal(), -2.2, 2.2)); };
    auto const between = [&](double lo, double hi) { return static_cast<float>(d.uniform(lo, hi)); };
    field = vary(38.7, 3.8), turn = vary(0, 0.04), shift_x = vary(0, 1.4), shift_y = vary(3.3, 2.4);
    lung_grey = vary(portable ? 128 : 117, 28), dense_grey = std::max(vary(197, 15), lung_grey + 40), bend = between(0.1, 0.9);
    floor = d.uniform() < 0.5f ? between(0, 35) : 0.f;
    scatter = portable ? between(0.016, 0.04) : between(0.009, 0.026);
    bone = between(0.22, 0.42), grain = between(0.0006, 0.0022), blur = between(0.02, 0.08);
    top_fog = vary(0, 0.1), tilt = vary(0, 0.05);
    for (int& b : border) b = d.uniform() < 0.3f ? d.between(1, 11) : 0;
    border_tilt = vary(0, 0.012), border_grey = d.uniform() < 0.9f ? between(0, 12) : 250.f;
    left_marker = d.uniform() < 0.75f, plate = d.uniform() < 0.25f;
    marker_x = between(0.86, 0.95), marker_y = between(0.03, 0.17), marker_turn = vary(0, 0.12), marker_size = between(0.018, 0.032);
  }

  Pose pose(Index side, float lung_height) const {
    return {side, field / static_cast<float>(side), std::cos(turn), std::sin(turn), {shift_x, 0.5f * lung_height + shift_y}};
  }
};

struct Signals { float lungs = 0, dense = 0; };   // means

inline float light_through(Exposure const& look, Tissue const& t, std::size_t i) {
  constexpr float water = 0.195f, lung = 0.066f;      // 1/cm at the energies of a chest film
  float const vessel = t.vessels[i];
  return std::exp(-(water * (t.soft[i] + vessel) + lung * t.density[i] * (t.lung[i] - vessel) + look.bone * t.bone[i]));
}

// What an automatic exposure would look at: every third pixel is plenty.
inline Signals typical_signals(Exposure const& look, Tissue const& t) {
  float sum[2] = {}, count[2] = {1e-6f, 1e-6f};
  for (Index r = 0; r < t.side; r += 3)
    for (Index c = 0; c < t.side; c += 3) {
      Index const i = r * t.side + c;
      Region const shown = t.shown(i);
      bool const dense = shown == Region::heart || shown == Region::mediastinum || shown == Region::abdomen || shown == Region::spine;
      if (!dense && !t.shows_lung(i)) continue;
      sum[dense] -= std::log(light_through(look, t, static_cast<std::size_t>(i)) + look.scatter), ++count[dense];
    }
  return {sum[0] / count[0], sum[1] / count[1]};
}

// from + a part of what the two neighbours in one direction have more: `step` apart, `count` in a line.
inline void smooth(std::vector<float> const& from, std::vector<float>& into, float part, Index side, Index step, Index line) {
  for (Index l = 0; l < side; ++l)
    for (Index k = 0; k < side; ++k) {
      auto const i = static_cast<std::size_t>(l * line + k * step), next = static_cast<std::size_t>(step);
      float const here = from[i], before = k > 0 ? from[i - next] : here, after = k + 1 < side ? from[i + next] : here;
      into[i] = here + part * (before - 2 * here + after);
    }
}

inline void expose(Exposure const& look, Pose const& pose, Signals typical, Random random, Tissue const& t,
                   View<std::uint8_t, 2> film) {   // (S, S) written
  Index const side = pose.side;
  std::vector<float> light(t.area()), blurred(t.area());
  for (std::size_t i = 0; i < t.area(); ++i) light[i] = light_through(look, t, i);
  // Focal spot and detector.
  float const spread = look.blur / pose.cm, part = std::min(0.3f, 0.5f * spread * spread + 0.075f);
  smooth(light, blurred, part, side, 1, side);
  smooth(blurred, light, part, side, side, 1);

  float const grain = look.grain * 0.19f / pose.cm, step = 1 / static_cast<float>(side);
  float const over = 1 / std::max(0.2f, typical.dense - typical.lungs);
  float const contrast = (look.dense_grey - look.lung_grey) * look.bend / (1 - std::exp(-look.bend));
  // However flat the film, air is nearly black.
  float const air = typical.lungs * over, darker = std::max(0.f, look.lung_grey - contrast * air) / (air * air);
  constexpr std::uint32_t grain_blocks = 1u << 28;        // far from the numbers that the body is drawn with
  Random::Block noise{};
  for (Index r = 0; r < side; ++r)
    for (Index c = 0; c < side; ++c) {
      Index const i = r * side + c;
      if (i % 4 == 0) noise = random.block(grain_blocks + static_cast<std::uint32_t>(i / 4));
      std::uint32_t const word = noise.word[i % 4];
      // Two 16-bit halves: a triangle of mean 0, scaled to variance 1.
      float const normal = 2.449f * (static_cast<float>(word & 0xffffu) + static_cast<float>(word >> 16) - 65535.f) / 65536.f;
      float const bright = light[static_cast<std::size_t>(i)] + look.scatter;
      float const v = static_cast<float>(r) * step - 0.5f, u = static_cast<float>(c) * step - 0.5f;
      float const signal = -std::log(bright) + grain * normal / std::sqrt(bright + 0.004f) + look.top_fog * v + look.tilt * u;
      float const x = (signal - typical.lungs) * over;
      float grey = look.lung_grey + (x < 0 ? contrast * x - darker * x * x : contrast * (1 - std::exp(-look.bend * x)) / look.bend);
      // Film does not clip, it saturates.
      if (grey < 40) grey = 40 * std::exp((grey - 40) / 40);
      else if (grey > 222) grey = 255 - 33 * std::exp((222 - grey) / 33);
      film.data[i] = static_cast<std::uint8_t>(look.floor + grey * (1 - look.floor / 255) + 0.5f);
    }
}

}  // namespace afire::phantom
