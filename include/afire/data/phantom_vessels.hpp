// afire/data/phantom_vessels.hpp -- the texture of the lungs: two trees of vessels that branch from the hila, and uneven density
//
//   A vessel of radius r forks after a length of a few r into two of about 0.75 r (together a little more blood than it has);
//   it ends where it leaves its lung or becomes too thin to see.
//
//   draw_lungs(anatomy, pose, noise, draws, pen, tissue);      // writes tissue.vessels and tissue.density
#pragma once
#include <afire/data/phantom_body.hpp>

namespace afire::phantom {

struct VesselTree {
  Anatomy const& body;
  Draws& draws;
  Pen& pen;
  int side;

  void grow(Point at, float angle, float radius, int depth) const {
    auto const between = [&](double lo, double hi) { return static_cast<float>(draws.uniform(lo, hi)); };
    float const length = between(0.7, 1.3) * (0.75f + 4.2f * radius);
    Point const middle = at + 0.5f * length * Point{std::cos(angle), std::sin(angle)};
    angle += between(-0.22, 0.22);
    Point const end = middle + 0.5f * length * Point{std::cos(angle), std::sin(angle)};
    if (end.x * sign_of(side) > body.chest || end.x * sign_of(side) < 1 || end.y < 0 || end.y > body.dome(end.x) + 3) return;
    float const thin = 0.9f * radius;
    if (radius > 0.1f) {
      pen.stroke(at, middle, radius, 0.95f * radius, 3.3f);
      pen.stroke(middle, end, 0.95f * radius, thin, 3.3f);
    } else {
      pen.stroke(at, end, radius, thin, 3.3f);
    }
    if (depth == 0 || radius < 0.04f) return;
    float const share = between(0.35, 0.65), spread = between(0.45, 1.05), turn = draws.uniform() < 0.5f ? -1.f : 1.f;
    grow(end, angle + turn * spread * share, thin * std::pow(1 - share, 0.4f), depth - 1);
    grow(end, angle - turn * spread * (1 - share), thin * std::pow(share, 0.4f), depth - 1);
  }
};

inline void draw_lungs(Anatomy const& a, Pose const& pose, Noise const& noise, Draws& draws, Pen& pen, Tissue& to) {
  constexpr float up = -1.5708f;
  for (int s = 0; s < 2; ++s) {
    VesselTree const tree{a, draws, pen, s};
    float const sign = sign_of(s);
    Point const hilum{sign * (s == 0 ? 3.5f : 4.0f) + a.spine(10), s == 0 ? 11.2f : 10.3f};
    auto const between = [&](double lo, double hi) { return static_cast<float>(draws.uniform(lo, hi)); };
    // From straight up, over the side, to straight down: the lower lobes are larger and have more blood.
    float const thick = between(0.3, 0.42);
    for (int arteries_and_veins = 0; arteries_and_veins < 3; ++arteries_and_veins)
      for (int j = 0; j < 6; ++j) {
        float const low = static_cast<float>(j), angle = up + sign * (0.25f + 0.5f * low + between(-0.2, 0.2));
        float const radius = thick * (0.66f + 0.07f * low);
        Point const root = hilum + Point{sign * between(-0.6, 0.6), between(-1.2, 1.6)};
        tree.grow(root, angle, radius * between(0.75, 1.05), 6);
      }
    pen.lift([&](Index i, Pen::Mark m) { to.vessels[static_cast<std::size_t>(i)] = m.chord(); });
    // The main artery, descending on the right, arching over the bronchus on the left.
    pen.stroke(hilum + Point{-sign * 0.9f, -0.8f}, hilum + Point{sign * 0.2f, 0.6f}, 0.95f, 0.8f, 0.9f);
    pen.stroke(hilum + Point{sign * 0.2f, 0.6f}, hilum + Point{sign * 0.45f, 3.4f}, 0.8f, 0.55f, 0.9f);
    pen.lift([&](Index i, Pen::Mark m) { to.vessels[static_cast<std::size_t>(i)] += m.chord(); });
  }
  float const rough = static_cast<float>(draws.uniform(0.04, 0.09)), based = static_cast<float>(draws.uniform(0, 0.25));
  for (Index r = 0; r < pose.side; ++r)
    for (Index c = 0; c < pose.side; ++c) {
      auto const i = static_cast<std::size_t>(r * pose.side + c);
      if (to.lung[i] <= 0) {
        to.vessels[i] = 0;
        continue;
      }
      Point const p = pose.body(r, c);
      to.density[i] = (1 + rough * noise.fractal(p + Point{90, 30}, 1.5f, 4, 0.8f)) * (0.85f + based * p.y / a.height);
      to.vessels[i] = std::min(to.vessels[i], to.lung[i]) * std::min(1.f, 0.014f * to.lung[i] * to.lung[i]);
    }
}

}  // namespace afire::phantom
