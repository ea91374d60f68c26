// afire/data/phantom_anatomy.hpp -- the measures of one phantom's body, in centimetres, and the outlines that follow from them
//
//   Anatomy body(draws);                   // a person: sex, habitus, chest, heart, shoulders
//   Level at = body.level(y);              // widths and depths of the body and the lungs at a height
//   body.dome(x), body.shoulder(x)         // height of the diaphragm and of the shoulders above a point
//
// Side 0 is the patient's right, which a frontal film shows on its left (x < 0); side 1 the patient's left, with the heart.
#pragma once
#include <afire/data/phantom_canvas.hpp>

namespace afire::phantom {

// Of x: -1 on side 0, the patient's right, which is the left of the film; else 1.
inline float sign_of(int side) { return side == 0 ? -1.f : 1.f; }

struct Level {
  float half_width = 0, depth = 0;        // the trunk, as a superellipse seen from above
  float lung_inner = 0, lung_outer = 0;   // distances from the midline of a lung's edges; equal above the lungs
  float lung_depth = 0;
  float centre = 0;                       // x of the spine, which is never quite straight
  float vessels_right = 0, vessels_left = 0;   // half widths of the mediastinum on either side
  float arm_inner = 0, arm_outer = 0;
};

struct Anatomy {
  bool female, portable;                  // portable: lying or sitting, taken from the front: a flatter chest and a wider heart
  float fat;                              // 0 thin ... 1 obese
  float chest, height;                    // half width and height of the lungs
  float depth;                            // of the chest, over the average
  float wall;                             // soft tissue beside the ribs
  float shoulder_width, shoulder_y, trunk;
  float arm_angle[2], arm_radius;
  float dome_y[2], dome_bulge[2], cleft[2];
  float heart_scale, heart_x, heart_y, heart_tilt;
  float aorta, pedicle;
  float scoliosis, scoliosis_phase, trachea_shift;
  float rib_gap, rib_drop, rib_radius;
  float clavicle_y[2], clavicle_tilt;
  float scapula[2];                       // how far the blades are turned out of the lungs
  float breast, breast_x, breast_y;
  float bubble, bubble_x;                 // the stomach's air
  float bone;                             // mineral, over the average

  explicit Anatomy(Draws& d) {
    auto const vary = [&](double mean, double sd) { return static_cast<float>(mean + sd * std::clamp(d.normal(), -2.2, 2.2)); };
    auto const between = [&](double lo, double hi) { return static_cast<float>(d.uniform(lo, hi)); };
    female = d.uniform() < 0.45f, portable = d.uniform() < 0.5f;
    fat = std::clamp(vary(0.4, 0.28), 0.f, 1.2f);
    chest = vary(female ? 11.6 : 12.4, 0.7);
    height = vary(portable ? 18 : 21, 1.8) * (female ? 0.95f : 1.f);
    depth = vary(0.92, 0.07) + 0.22f * fat;
    wall = 2.8f + 4.6f * fat + between(0, 1.2);
    trunk = chest + wall;
    shoulder_width = std::max(vary(female ? 19 : 20.5, 0.9) + 1.5f * fat, trunk + 1);
    shoulder_y = vary(portable ? -8.4 : -7.4, 1.0);
    for (float& a : arm_angle) a = between(0.02, portable ? 0.28 : 0.4);
    arm_radius = vary(4.8, 0.4) + 2 * fat;
    float const low = vary(0.9, 0.7);                  // the liver holds the right side up
    dome_y[0] = height, dome_y[1] = height + low;
    for (float& b : dome_bulge) b = vary(1.7, 0.5);
    for (float& c : cleft) c = vary(2.8, 0.7);
    heart_scale = vary(portable ? 1.06 : 0.99, 0.06);
    heart_x = vary(1.9, 0.5), heart_y = height - vary(3.6, 0.5), heart_tilt = vary(0.62, 0.12);
    aorta = vary(1.5, 0.28), pedicle = vary(portable ? 2.9 : 2.5, 0.3);
    scoliosis = vary(0, 0.45), scoliosis_phase = between(0, 6.28), trachea_shift = vary(-0.25, 0.25);
    rib_gap = height / (portable ? 8.7f : 9.3f) * vary(1, 0.03);
    rib_drop = vary(portable ? 9 : 10.5, 1.2), rib_radius = vary(0.56, 0.05);
    float const collar = vary(portable ? 0.6 : 2.0, 1.0);
    for (float& c : clavicle_y) c = collar + vary(0, 0.3);
    clavicle_tilt = vary(portable ? 3.4 : 4.6, 1.2);
    for (float& s : scapula) s = portable ? between(-1, 1.5) : between(0.5, 4);
    breast = female ? between(0, 1) * (0.6f + 0.6f * fat) : 0.f;
    breast_x = vary(8, 0.7), breast_y = height - vary(3.2, 1.6);
    bubble = d.uniform() < 0.5f ? between(0.8, 2.6) : 0.f, bubble_x = vary(6.5, 1.3);
    bone = vary(1, 0.16);
  }

  float spine(float y) const { return scoliosis * std::sin(0.16f * y + scoliosis_phase); }

  Level level(float y) const {
    Level at;
    at.centre = spine(y);
    at.depth = depth * (15.5f + 4.5f * ramp(y, -3, 11) + 4.5f * ramp(y, 9, 26));
    float const below = ramp(y, height - 3, height + 8);
    at.half_width = shoulder_width + (trunk - shoulder_width) * ramp(y, 6, 16) + (1.6f * fat - 0.3f) * below;

    float const up = std::clamp(1 - y / (0.85f * height), 0.f, 1.f);
    float const cage = chest * std::pow(1 - std::pow(up, 2.5f), 0.55f) - 0.25f * ramp(y, height, height + 6);
    float const cap_y = std::clamp(1 - y / 3.3f, 0.f, 1.f), cap = y > 0 ? std::sqrt(1 - cap_y * cap_y) : 0.f, middle = 0.29f * chest;
    at.lung_outer = middle + (std::max(cage, middle) - middle) * (0.35f + 0.65f * cap) * cap;
    at.lung_inner = middle + (0.9f - middle) * cap;
    float const inside = std::max(0.f, std::min(at.depth, depth * 20.5f) - 2 * (1.9f + 1.1f * fat));       // the ribs
    at.lung_depth = inside * cap * (0.7f + 0.3f * ramp(y, 0, 3.5f)) * (1 - 0.14f * ramp(y, 8, height + 2));

    // The right side: superior vena cava; the left: aortic arch, pulmonary trunk.
    auto const bump = [](float t) { return t * t < 1 ? (1 - t * t) * (1 - t * t) : 0.f; };
    at.vessels_right = pedicle * (0.85f + 0.2f * ramp(y, 3, 10) - 0.25f * ramp(y, 12, 18)) + 0.5f * ramp(-y, -2, 3);
    at.vessels_left = pedicle * (0.72f + 0.2f * ramp(y, 9, 14)) + 1.15f * aorta * bump((y - 6.1f) / 2.6f) + 0.75f * bump((y - 9.6f) / 2.4f);
    return at;
  }

  // The tops of the shoulders and the sides of the neck; the body begins below.
  float shoulder(float x) const {
    float const away = std::fabs(x), rounding = std::max(0.f, away - (shoulder_width - 4.5f)) / 4.5f;
    return shoulder_y + 0.27f * away - 3 * std::exp((5.4f + 1.2f * fat - away) / 1.4f) + 4.5f * rounding * rounding;
  }

  int side_of(float x) const { return x < 0 ? 0 : 1; }

  // The diaphragm's highest line over x; beside the ribs it falls into the costophrenic cleft.
  float dome(float x) const {
    int const s = side_of(x);
    float const u = (std::fabs(x) - 0.48f * chest) / (0.5f * chest), u2 = u * u, lateral = u > 0 ? cleft[s] * u2 * u2 * u2 : 0.2f * u2 * u2;
    return dome_y[s] + dome_bulge[s] * u2 * (u > 0 ? 1.f : 0.4f) + lateral;
  }
};

}  // namespace afire::phantom
