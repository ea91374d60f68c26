// afire/data/phantom_bones.hpp -- the phantom's skeleton: spine, ribs as tilted rings in space, collar bones, shoulder blades, arms
//
//   A rib leaves the spine, runs backwards and outwards, turns at the side and comes forward lower down: the ring
//   x = a sin t, z = -b cos t, y falling with t. Where it runs along the ray its path through bone is longest: the bright edge of a chest.
//
//   draw_bones(anatomy, pen, tissue);                     // adds to tissue.bone, labels regions and ribs
#pragma once
#include <array>

#include <afire/data/phantom_body.hpp>

namespace afire::phantom {

// Vertebrae with their discs, pedicles and processes.
inline void draw_spine(Anatomy const& a, Pose const& pose, Pen& pen, Tissue& to) {
  float const top = -16, bottom = a.height + 24;
  int number = 0;
  for (float y = top; y < bottom; ++number) {
    float const height = 1.75f + 0.028f * (y - top), width = 1.15f + 0.022f * (y - top), x = a.spine(y), half = 0.5f * height;
    // A body is a box with rounded corners: lines side by side; pedicles and the process behind it are denser.
    pen.stroke({x - width, y}, {x + width, y}, half - 0.08f, half - 0.08f, 0.75f);
    pen.lift([&](Index i, Pen::Mark m) { to.bone[static_cast<std::size_t>(i)] += 0.62f * m.shell(0.2f, 0.35f); });
    for (int s = 0; s < 2; ++s) {
      Point const pedicle{x + sign_of(s) * 0.72f * width, y - 0.12f * height};
      pen.stroke(pedicle, pedicle + Point{0, 0.3f}, 0.36f, 0.34f, 0.9f);
    }
    pen.stroke({x, y + 0.35f * height}, {x, y + 0.75f * height}, 0.28f, 0.2f, 1.1f);
    pen.lift([&](Index i, Pen::Mark m) { to.bone[static_cast<std::size_t>(i)] += 0.8f * m.chord(); });
    y += height + 0.22f;
  }
  for (Index r = 0; r < pose.side; ++r)
    for (Index c = 0; c < pose.side; ++c) {
      Index const i = r * pose.side + c;
      Point const p = pose.body(r, c);
      if (std::fabs(p.x - a.spine(p.y)) > 1.3f + 0.02f * (p.y - top)) continue;
      Region const shown = to.shown(i);
      if (shown == Region::soft_tissue || shown == Region::mediastinum || shown == Region::abdomen) to.show(i, Region::spine);
    }
}

// Eleven pairs, each from the spine round the trunk to its front end.
inline void draw_ribs(Anatomy const& a, Pen& pen, Tissue& to) {
  constexpr int count = 11, steps = 40;
  for (int k = 0; k < count; ++k) {
    float const y = -0.9f + a.rib_gap * static_cast<float>(k) + 0.04f * a.rib_gap * static_cast<float>(k * (k - 9)) / 4;
    float const n = static_cast<float>(k + 1), young = std::exp(-0.42f * n);
    float const depth = 0.5f * a.depth * 20 * (1 - 0.75f * young), drop = a.rib_drop * (0.42f + 0.1f * std::min(n, 6.f));
    float const half = std::max(a.level(y + 0.45f * drop).lung_outer, 3.5f) + 0.35f;
    float const last = k < 7 ? 2.62f - 0.012f * n : 2.62f - 0.34f * (n - 7), first = std::asin(1.9f / half);
    for (int s = 0; s < 2; ++s) {
      std::array<Point, steps + 1> path;
      std::array<float, steps + 1> z;
      // Nearly straight behind, steeper in front.
      auto const fall = [&](float t) { return 0.3f * (1 - std::cos(t)) + 0.26f * (t < 1.5708f ? std::sin(t) : 2 - std::sin(t)); };
      for (int j = 0; j <= steps; ++j) {
        float const t = first + (last - first) * static_cast<float>(j) / steps, sine = std::sin(t), cosine = std::cos(t);
        path[static_cast<std::size_t>(j)] = {a.spine(y) + sign_of(s) * half * std::pow(sine, 0.86f), y + drop * fall(t)};
        z[static_cast<std::size_t>(j)] = -depth * cosine;
      }
      auto const part = [&](int begin, int end, std::uint8_t bit) {
        for (int j = begin; j < end; ++j) {
          auto const i = static_cast<std::size_t>(j);
          Point const d = path[i + 1] - path[i];
          float const across = std::sqrt(d.x * d.x + d.y * d.y), along = z[i + 1] - z[i];
          float const obliquity = std::min(std::sqrt(across * across + along * along) / across, 1.35f);
          // In front they are flatter and turn into cartilage.
          float const fading = static_cast<float>(j - steps / 2) / (steps / 2), radius = bit == 1 ? a.rib_radius : 1.08f * a.rib_radius;
          float const flat = bit == 1 ? 0.75f : 0.62f - 0.4f * fading;
          pen.stroke(path[i], path[i + 1], radius, radius, flat * obliquity);
        }
        pen.lift([&](Index i, Pen::Mark m) {
          auto const at = static_cast<std::size_t>(i);
          if (to.soft[at] <= 0) return;
          to.bone[at] += m.shell(0.13f, 0.42f);
          to.rib[at] = static_cast<std::uint8_t>(to.rib[at] | bit);
        });
      };
      part(0, steps / 2, 1);
      part(steps / 2, steps, 2);
    }
  }
}

inline void draw_shoulders(Anatomy const& a, Pen& pen, Tissue& to) {
  auto const lift = [&](Region region, float wall, float filling, bool over_lung) {
    pen.lift([&](Index i, Pen::Mark m) {
      auto const at = static_cast<std::size_t>(i);
      if (to.soft[at] <= 0) return;
      to.bone[at] += m.shell(wall, filling);
      if (over_lung || to.shown(i) == Region::soft_tissue) to.show(i, region);
    });
  };
  for (int s = 0; s < 2; ++s) {
    float const sign = sign_of(s), joint = a.shoulder_width - 3.2f, out = a.scapula[s];
    // Blade: a thin plate between its borders, drawn as lines from its spine to its tip.
    Point const glenoid{sign * (joint - 2.0f), 0.8f}, tip{sign * (8.2f + out), 14.5f}, corner{sign * (6.3f + out), 1.2f};
    for (int j = 0; j <= 12; ++j) {
      float const t = static_cast<float>(j) / 12;
      Point const upper = (1 - t) * corner + t * (glenoid + Point{0, 1.2f});
      pen.stroke(upper, tip, 0.75f, 0.5f, 0.13f);
    }
    lift(Region::scapula, 0.1f, 1, false);
    pen.stroke(glenoid, tip, 0.5f, 0.4f, 0.75f);                                                      // lateral border
    pen.stroke(glenoid + Point{0, -0.8f}, glenoid + Point{0, 1.4f}, 0.75f, 0.7f, 0.7f);               // socket
    lift(Region::scapula, 0.2f, 0.4f, false);
    pen.stroke(corner + Point{0, 0.6f}, {sign * (joint + 0.2f), -2.2f}, 0.35f, 0.6f, 0.7f);           // its spine, to the acromion
    lift(Region::scapula, 0.15f, 0.4f, false);
    pen.stroke({sign * (joint - 2.6f), -0.6f}, {sign * (joint - 3.6f), -1.6f}, 0.55f, 0.5f, 0.8f);      // coracoid
    lift(Region::scapula, 0.15f, 0.5f, false);

    Point const head{sign * joint, 0.4f};
    float const away = std::sin(a.arm_angle[s]), down = std::cos(a.arm_angle[s]);
    Point const neck = head + Point{sign * (0.7f + 2.5f * away), 2.5f * down}, elbow = head + Point{sign * (0.7f + 30 * away), 30 * down};
    pen.stroke(head, head + Point{sign * 0.5f, 0.8f}, 2.25f, 2.1f, 0.5f);
    pen.stroke(head + Point{sign * 0.5f, 0.8f}, neck + Point{0, 1.5f}, 1.9f, 1.2f, 0.6f);
    pen.stroke(neck + Point{0, 1.5f}, elbow, 1.2f, 1.05f, 0.75f);
    lift(Region::humerus, 0.25f, 0.5f, false);

    // An S from the breastbone to the acromion.
    std::array<Point, 13> bar;
    for (std::size_t j = 0; j < bar.size(); ++j) {
      float const t = static_cast<float>(j) / 12, bend = std::sin(6.28f * t);
      bar[j] = {sign * (2.1f + t * (joint - 2.6f)), a.clavicle_y[s] - a.clavicle_tilt * std::pow(t, 0.8f) - 0.55f * bend + a.fat * 0.2f};
    }
    for (std::size_t j = 1; j < bar.size(); ++j) {
      float const t = static_cast<float>(j) / 12, thick = 0.62f + 0.35f * (1 - t) * (1 - t) * (1 - t) + 0.12f * t;
      pen.stroke(bar[j - 1], bar[j], thick, thick, 0.95f);
    }
    lift(Region::clavicle, 0.2f, 0.4f, true);
  }
}

inline void draw_bones(Anatomy const& a, Pose const& pose, Pen& pen, Tissue& to) {
  draw_spine(a, pose, pen, to);
  draw_ribs(a, pen, to);
  draw_shoulders(a, pen, to);
}

}  // namespace afire::phantom
