// afire/data/phantom_findings.hpp -- disease in a phantom, as a change of thicknesses and densities, with a mask of what it changed
//
//   nodule         a ball of soft tissue in place of lung
//   opacity        a region of lung that fills with fluid: denser, patchy, its vessels lost
//   effusion       fluid that rises from the diaphragm to a line hollowed towards the middle
//   pneumothorax   air without vessels outside the line of a lung that has come off the ribs
//   cardiomegaly   a heart wider than half the chest; its mask is the heart
//
//   Findings wanted{};  wanted[Finding::nodule] = true;
//   draw_findings(wanted, anatomy, pose, noise, draws, tissue, masks);      // masks: (F, S, S), 1 where a finding shows
#pragma once
#include <afire/data/phantom_body.hpp>

namespace afire {

enum class Finding : std::uint8_t { nodule, opacity, effusion, pneumothorax, cardiomegaly };
// Their number (findings) and names (finding_names), in the order of Finding.
inline constexpr int findings = 5;
inline constexpr char const* finding_names[findings] = {"nodule", "opacity", "effusion", "pneumothorax", "cardiomegaly"};

struct Findings {
  bool present[findings] = {};

  bool& operator[](Finding f) { return present[static_cast<int>(f)]; }
  bool operator[](Finding f) const { return present[static_cast<int>(f)]; }
  bool any() const { return std::any_of(present, present + findings, [](bool p) { return p; }); }
  friend bool operator==(Findings const&, Findings const&) = default;
};

namespace phantom {

// The mask of one finding, (S, S).
using Mask = View<std::uint8_t, 2>;

// Uniform in lo ... hi.
inline float between(Draws& d, double lo, double hi) { return static_cast<float>(d.uniform(lo, hi)); }

// A point of a lung at least `margin` away from its edges, the heart and the diaphragm.
inline Point place_in_lung(Anatomy const& a, Draws& d, float margin) {
  Heart const heart(a);
  for (int tries = 0; tries < 200; ++tries) {
    Point const p{between(d, -a.chest, a.chest), between(d, 2, a.height)};
    Level const level = a.level(p.y);
    float const x = p.x - level.centre, away = std::fabs(x), vessels = x < 0 ? level.vessels_right : level.vessels_left;
    float const inner = std::max(level.lung_inner, vessels) + margin;
    bool const beside = heart.inside(p) > (1 + margin / 5) * (1 + margin / 5) && away > inner && away < level.lung_outer - 0.6f - margin;
    if (beside && p.y < a.dome(p.x) - margin) return p;
  }
  return {-0.6f * a.chest, 0.45f * a.height};
}

// f(row, column, row-major place, the point of the body in cm).
template <class F>
void each_pixel(Pose const& pose, F f) {
  for (Index r = 0; r < pose.side; ++r)
    for (Index c = 0; c < pose.side; ++c) f(r, c, static_cast<std::size_t>(r * pose.side + c), pose.body(r, c));
}

// A lobed ball of 0.7 to 1.7 cm radius in a lung; its mask is where it lies.
inline void draw_nodule(Anatomy const& a, Pose const& pose, Noise const& noise, Draws& d, Tissue& to, Mask mask) {
  float const radius = between(d, 0.7, 1.7), solid = between(d, 0.85, 1.1), lobes = between(d, 0, 0.12);
  Point const centre = place_in_lung(a, d, 0.5f * radius);
  each_pixel(pose, [&](Index r, Index c, std::size_t i, Point p) {
    Point const v = p - centre;
    if (std::fabs(v.x) > 2 * radius || std::fabs(v.y) > 2 * radius || to.lung[i] <= 0) return;
    float const q = (v.x * v.x + v.y * v.y) / (radius * radius) * (1 + lobes * noise.fractal(p, 1.1f, 2));
    if (q >= 1) return;
    float const chord = std::min(to.lung[i], 2 * solid * radius * std::sqrt(1 - q));
    to.lung[i] -= chord, to.soft[i] += chord;
    if (chord > 0.15f * radius) mask(r, c) = 1;
  });
}

// A patch of denser lung with ragged edges.
inline void draw_opacity(Anatomy const& a, Pose const& pose, Noise const& noise, Draws& d, Tissue& to, Mask mask) {
  float const across = between(d, 2.2, 4.5), along = between(d, 2.2, 5), turn = between(d, 0, 3.14), filled = between(d, 0.9, 2);
  Point const centre = place_in_lung(a, d, 1), shift{between(d, 0, 60), between(d, 0, 60)};
  float const cosine = std::cos(turn), sine = std::sin(turn);
  each_pixel(pose, [&](Index r, Index c, std::size_t i, Point p) {
    Point const v = p - centre;
    float const x = (cosine * v.x + sine * v.y) / across, y = (cosine * v.y - sine * v.x) / along, q = x * x + y * y;
    // Pneumonia stays on its side of the mediastinum.
    if (q >= 1.4f || to.lung[i] <= 1 || (p.x < 0) != (centre.x < 0) || p.y > a.dome(p.x)) return;
    float const patchy = ramp(1.15f - q + 0.42f * noise.fractal(p + shift, 2.2f, 4, 0.6f), 0, 1);
    to.density[i] += filled * patchy;
    to.vessels[i] *= 1 - 0.8f * patchy;
    if (filled * patchy > 0.2f) mask(r, c) = 1;
  });
}

// Fluid above a diaphragm, higher at the chest wall.
inline void draw_effusion(Anatomy const& a, Pose const& pose, Draws& d, Tissue& to, Mask mask) {
  int const s = d.between(0, 1);
  float const high = between(d, 1.2, 7.5), hollow = between(d, 1, 3), surface = a.dome_y[s] - high;
  each_pixel(pose, [&](Index r, Index c, std::size_t i, Point p) {
    if (a.side_of(p.x) != s || to.lung[i] <= 0) return;
    float const u = std::fabs(p.x) / a.chest, line = surface + hollow * (1 - 1.6f * u * u * u * u);
    float const full = ramp(p.y, line - 1.2f, line + 2.2f), fluid = full * to.lung[i];
    to.lung[i] -= fluid, to.soft[i] += fluid;
    to.vessels[i] *= 1 - full;
    if (fluid > 0.6f && p.y < a.dome(p.x)) mask(r, c) = 1;
  });
}

inline void draw_pneumothorax(Anatomy const& a, Pose const& pose, Draws& d, Tissue& to, Mask mask) {
  int const s = d.between(0, 1);
  float const gap = between(d, 0.8, 3.2), sunk = 1.3f * gap;
  // Where the edge of the lung has gone to: lower, and away from the ribs, most so at the top.
  Table const edges(pose, pose.centre.y, [&](float y) {
    return y < sunk ? -1.f : a.level(y - sunk).lung_outer - 0.7f * gap * (1 - 0.8f * ramp(y, 0.4f * a.height, a.height + 2));
  });
  each_pixel(pose, [&](Index r, Index c, std::size_t i, Point p) {
    if (a.side_of(p.x) != s || to.lung[i] <= 0) return;
    float const beyond = std::fabs(p.x - a.spine(p.y)) - edges(p.y);
    if (beyond > 0) {
      to.density[i] = 0, to.vessels[i] = 0;
      if (to.lung[i] > 0.4f && p.y < a.dome(p.x)) mask(r, c) = 1;
    } else {
      to.density[i] *= 1 + 0.07f * gap;
    }
    to.soft[i] += 0.45f * std::max(0.f, 1 - std::fabs(beyond) / std::max(0.12f, pose.cm));      // the pleura, seen on edge
  });
}

// Before the body is drawn: what changes its measures.
inline void enlarge_heart(Anatomy& a, Draws& d) { a.heart_scale = std::max(a.heart_scale, 1.f) * between(d, 1.2, 1.4); }

inline void draw_findings(Findings const& wanted, Anatomy const& a, Pose const& pose, Noise const& noise, Draws& d, Tissue& to,
                          View<std::uint8_t, 3> masks) {
  auto const mask = [&](Finding f) { return masks.row(static_cast<Index>(f)); };
  if (wanted[Finding::opacity]) draw_opacity(a, pose, noise, d, to, mask(Finding::opacity));
  if (wanted[Finding::nodule]) draw_nodule(a, pose, noise, d, to, mask(Finding::nodule));
  if (wanted[Finding::pneumothorax]) draw_pneumothorax(a, pose, d, to, mask(Finding::pneumothorax));
  if (wanted[Finding::effusion]) draw_effusion(a, pose, d, to, mask(Finding::effusion));
  if (wanted[Finding::cardiomegaly])
    for (std::size_t i = 0; i < to.area(); ++i)
      mask(Finding::cardiomegaly).data[i] = to.region[i] == static_cast<std::uint8_t>(Region::heart);
}

}  // namespace phantom
}  // namespace afire
