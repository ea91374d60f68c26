// afire/data/phantom_body.hpp -- the soft parts of a phantom as thicknesses along the rays, and which organ each pixel shows
//
//   What replaces lung takes its thickness from it: behind a thin heart border lung remains, behind the middle of it hardly any.
//
//   Tissue tissue(side);
//   draw_body(anatomy, pose, noise, pen, tissue);        // trunk, arms, lungs, heart, great vessels, windpipe, diaphragm, breasts
#pragma once
#include <cstdint>

#include <afire/core/tensor.hpp>
#include <afire/data/phantom_anatomy.hpp>

namespace afire::phantom {

// What a pixel shows first of all. Ribs lie over other organs and have a map of their own.
enum class Region : std::uint8_t {
  air, soft_tissue, right_lung, left_lung, heart, mediastinum, trachea, spine, abdomen, clavicle, scapula, humerus, marker,
  outside                                 // of the collimator
};
// Their number (regions) and names (region_names), in the order of Region.
inline constexpr int regions = 14;
inline constexpr char const* region_names[regions] = {
    "air", "soft tissue", "right lung", "left lung", "heart", "mediastinum", "trachea", "spine", "abdomen", "clavicle", "scapula",
    "humerus", "marker", "outside the collimator"};

// Thicknesses in cm along the ray through each pixel.
struct Tissue {
  Index side;
  std::vector<float> soft, lung, vessels, bone;        // (S, S) each; vessels: blood in place of lung
  std::vector<float> density;                          // (S, S) of the lung, over the average
  std::vector<std::uint8_t> region;                    // (S, S)
  std::vector<std::uint8_t> rib;                       // (S, S): bit 0 behind, bit 1 in front

  explicit Tissue(Index s)
      : side(s), soft(area()), lung(area()), vessels(area()), bone(area()), density(area(), 1.f), region(area()), rib(area()) {}
  std::size_t area() const { return static_cast<std::size_t>(side * side); }
  void show(Index i, Region r) { region[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(r); }
  Region shown(Index i) const { return static_cast<Region>(region[static_cast<std::size_t>(i)]); }
  bool shows_lung(Index i) const { return shown(i) == Region::right_lung || shown(i) == Region::left_lung; }
};

struct Heart {
  struct Oval { Point centre; float cosine, sine, along, across; };
  Oval part[3];                           // ventricles, right atrium, and the base with the roots of the great vessels
  float depth, top;                       // above the top lie the great vessels

  explicit Heart(Anatomy const& a) {
    float const scale = a.heart_scale * a.chest / 13;
    Point const centre{a.heart_x + 2.2f * (a.heart_scale - 1), a.heart_y - 2.2f * (a.heart_scale - 1)};
    depth = 9 * scale, top = centre.y - 5.5f * scale;
    part[0] = {centre, std::cos(a.heart_tilt), std::sin(a.heart_tilt), 7.0f * scale, 4.5f * scale};
    part[1] = {{centre.x - 2.5f * scale, centre.y - 0.4f}, 1, 0, 2.7f * scale, 4.9f * scale};
    part[2] = {{0.55f * centre.x - 0.2f, centre.y - 5.2f * scale}, 1, 0, 2.5f * scale, 5.6f * scale};
  }
  // Above 1: beside the heart.
  float inside(Point p) const {
    float joined = 4;
    for (Oval const& o : part) {
      Point const d = p - o.centre;
      float const u = (o.cosine * d.x + o.sine * d.y) / o.along, v = (o.cosine * d.y - o.sine * d.x) / o.across, q = u * u + v * v;
      float const h = std::max(0.f, 0.55f - std::fabs(joined - q)) / 0.55f;              // a smooth minimum: no notch where they meet
      joined = std::min(joined, q) - 0.14f * h * h;
    }
    return std::max(joined, 0.f);
  }
};

// Functions of x or y alone, tabulated twice a pixel.
template <class F>
class Table {
 public:
  using Value = decltype(std::declval<F>()(0.f));
  Table(Pose const& pose, float middle, F f) : step_(0.5f * pose.cm), first_(middle - 0.75f * static_cast<float>(pose.side) * pose.cm) {
    value_.reserve(static_cast<std::size_t>(3 * pose.side));
    for (Index i = 0; i < 3 * pose.side; ++i) value_.push_back(f(first_ + step_ * static_cast<float>(i)));
  }
  Value const& operator()(float x) const { return value_[static_cast<std::size_t>((x - first_) / step_ + 0.5f)]; }

 private:
  float step_, first_;
  std::vector<Value> value_;
};

// Soft tissue of shoulders and upper arms.
inline void draw_arms(Anatomy const& a, Pen& pen, Tissue& to) {
  for (int s = 0; s < 2; ++s) {
    float const joint = a.shoulder_width - 3, away = std::sin(a.arm_angle[s]), down = std::cos(a.arm_angle[s]);
    Point const shoulder{sign_of(s) * joint, 0.6f}, elbow{sign_of(s) * (joint + 30 * away), 0.6f + 30 * down};
    pen.stroke(shoulder, elbow, a.arm_radius + 0.6f, a.arm_radius - 0.7f);
  }
  pen.lift([&](Index i, Pen::Mark m) { to.soft[static_cast<std::size_t>(i)] = m.chord(); });
}

// Air in trachea and main bronchi, taken out of the soft tissue.
inline void draw_airways(Anatomy const& a, Pen& pen, Tissue& to) {
  Point const carina{a.trachea_shift + a.spine(8.6f), 8.6f};
  pen.stroke({a.spine(-14), -14}, {a.spine(0), 0}, 0.9f, 0.9f);
  pen.stroke({a.spine(0), 0}, carina, 0.9f, 0.85f);
  pen.lift([&](Index i, Pen::Mark m) {
    auto const at = static_cast<std::size_t>(i);
    if (to.soft[at] <= 0) return;
    to.soft[at] = std::max(0.f, to.soft[at] - 0.8f * m.chord());
    to.show(i, Region::trachea);
  });
  pen.stroke(carina, carina + Point{-2.6f, 2.3f}, 0.65f, 0.55f);
  pen.stroke(carina, carina + Point{3.4f, 2.5f}, 0.55f, 0.5f);
  pen.lift([&](Index i, Pen::Mark m) {
    auto const at = static_cast<std::size_t>(i);
    to.soft[at] = std::max(0.f, to.soft[at] - 0.7f * m.chord());
  });
}

inline void draw_body(Anatomy const& a, Pose const& pose, Noise const& noise, Pen& pen, Tissue& to) {
  Heart const heart(a);
  Table const levels(pose, pose.centre.y, [&](float y) { return a.level(y); });
  Table const shoulders(pose, pose.centre.x, [&](float x) { return a.shoulder(x); });
  Table const domes(pose, pose.centre.x, [&](float x) { return a.dome(x); });
  draw_arms(a, pen, to);

  for (Index r = 0; r < pose.side; ++r)
    for (Index c = 0; c < pose.side; ++c) {
      Index const i = r * pose.side + c;
      auto const at = static_cast<std::size_t>(i);
      Point const p = pose.body(r, c);
      Level const& level = levels(p.y);
      float const arm = to.soft[at], q = (p.x / level.half_width) * (p.x / level.half_width), under = (p.y - shoulders(p.x)) / 10;
      if (q >= 1 || under <= 0) {
        to.show(i, arm > 0 ? Region::soft_tissue : Region::air);
        continue;
      }
      float const trunk = level.depth * std::sqrt(1 - q * (0.4f + 0.6f * q)) * (under < 1 ? std::sqrt(under * (2 - under)) : 1.f);
      float const soft = std::max(trunk, arm) + 0.5f * ramp(p.y, 6, 14) * std::min(trunk, arm);
      to.show(i, Region::soft_tissue);

      float const x = p.x - level.centre, away = std::fabs(x), dome = domes(p.x), below = p.y - dome;
      float lung = 0;
      if (away > level.lung_inner && away < level.lung_outer) {
        float const v = 2 * (away - level.lung_inner) / (level.lung_outer - level.lung_inner) - 1, v2 = v * v;
        lung = level.lung_depth * std::sqrt(1 - v2 * (v > 0 ? 0.6f + 0.4f * v2 : 0.3f * v2));
      } else if (away <= level.lung_inner) {
        lung = 0.83f * level.lung_depth * (1 - ramp(level.lung_inner, 1, 1.8f));
      }
      lung = std::clamp(lung, 0.f, std::max(0.f, trunk - 3));
      bool const chest = lung > 0.4f && below < 0;
      if (chest) to.show(i, p.x < 0 ? Region::right_lung : Region::left_lung);
      if (below > 0) {
        lung *= 0.45f * std::max(0.f, 1 - std::sqrt(below / 4.5f)) * ramp(away, 1.5f, 6);   // the dome is broad along the ray
        if (p.y > a.dome_y[a.side_of(p.x)] && q < 0.9f) to.show(i, Region::abdomen);
      }

      float const hq = p.y > heart.top - 7 && away < a.chest ? heart.inside(p) : 4.f;
      float const strip = x / (x < 0 ? level.vessels_right : level.vessels_left), s2 = strip * strip;
      float solid = 0;
      if (hq < 1) solid = heart.depth * std::sqrt(1 - hq * hq);
      if (s2 < 1) solid = std::max(solid, level.lung_depth * std::sqrt(1 - s2) * std::sqrt(std::sqrt(1 - s2)) * 0.7f);
      if (below < 0 && p.y > -1) {
        if (hq < 1 && p.y > heart.top) to.show(i, Region::heart);
        else if (s2 < 1 || hq < 1) to.show(i, Region::mediastinum);
      }
      lung = std::max(0.f, lung - solid);
      to.lung[at] = lung;
      // The lung is part of the trunk's thickness. Muscle and fat are never even.
      to.soft[at] = std::max(0.2f, (soft - lung) * (1 + 0.028f * noise.fractal(p, 5, 2, 0.6f)));
    }
  draw_airways(a, pen, to);
}

// Breasts, and air in the stomach and the bowel.
inline void draw_shadows(Anatomy const& a, Pose const& pose, Draws& draws, Tissue& to) {
  struct Ball { Point centre; float width, above, below, depth; bool air; };
  std::vector<Ball> balls;
  if (a.breast > 0.15f)
    for (int s = 0; s < 2; ++s)
      balls.push_back({{sign_of(s) * a.breast_x, a.breast_y}, 5.5f + 1.5f * a.breast, 9, 4 + 2 * a.breast, 4.5f * a.breast, false});
  if (a.bubble > 0) {
    Point const stomach{a.bubble_x, a.dome(a.bubble_x) + 0.9f + 0.8f * a.bubble};
    balls.push_back({stomach, 1.6f * a.bubble, a.bubble, 0.7f * a.bubble, 2.4f * a.bubble, true});
  }
  for (int n = draws.between(0, 6); n > 0; --n) {
    float const size = static_cast<float>(draws.uniform(0.5, 1.6)), x = static_cast<float>(draws.uniform(-11, 11));
    float const y = a.height + 5 + static_cast<float>(draws.uniform(0, 9)) + (x < 0 ? 4.f : 0.f);
    balls.push_back({{x, y}, size * static_cast<float>(draws.uniform(0.8, 1.8)), size, size, 1.6f * size, true});
  }
  for (Ball const& b : balls) {
    Point const at = pose.film(b.centre);
    float const reach = std::max({b.width, b.above, b.below}) / pose.cm + 1;
    auto const bound = [&](float x) { return static_cast<Index>(std::clamp(x, 0.f, static_cast<float>(pose.side))); };
    for (Index r = bound(at.y - reach); r < bound(at.y + reach); ++r)
      for (Index c = bound(at.x - reach); c < bound(at.x + reach); ++c) {
        auto const i = static_cast<std::size_t>(r * pose.side + c);
        Point const d = pose.body(r, c) - b.centre;
        float const u = d.x / b.width, v = d.y / (d.y < 0 ? b.above : b.below), q = u * u + v * v;
        if (q >= 1 || to.soft[i] <= 0) continue;
        if (b.air) to.soft[i] = std::max(0.5f * to.soft[i], to.soft[i] - b.depth * std::sqrt(1 - q));
        else to.soft[i] += b.depth * (v < 0 ? 1 - q : std::sqrt(1 - q));               // a breast begins gently and ends in an edge
      }
  }
}

// Electrodes on the skin and their wires, which films taken in bed often show and which are no finding.
inline void draw_leads(Anatomy const& a, Draws& draws, Pen& pen, Tissue& to) {
  if (!a.portable || draws.uniform() > 0.4f) return;
  for (int n = draws.between(2, 4); n > 0; --n) {
    float const side = sign_of(draws.between(0, 1));
    auto const between = [&](double lo, double hi) { return static_cast<float>(draws.uniform(lo, hi)); };
    Point at{side * between(3, 12), between(1, a.height + 3)};
    pen.stroke(at, at, 0.55f, 0.55f, 0.5f), pen.stroke(at, at + Point{0.05f, 0}, 0.25f, 0.25f, 2);
    float angle = side > 0 ? between(-0.9, 0.9) : 3.14f + between(-0.9, 0.9), bend = between(-0.12, 0.12);
    for (int j = 0; j < 18; ++j, angle += bend) {
      Point const next = at + Point{std::cos(angle), std::sin(angle)};
      pen.stroke(at, next, 0.07f, 0.07f, 14);
      at = next;
    }
  }
  pen.lift([&](Index i, Pen::Mark m) { to.bone[static_cast<std::size_t>(i)] += 0.7f * std::min(m.chord(), 2.f); });
}

}  // namespace afire::phantom
