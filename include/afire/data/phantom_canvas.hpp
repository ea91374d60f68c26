// afire/data/phantom_canvas.hpp -- what the phantom is drawn with: a pose, a pen for tubes, and smooth noise; all lengths are centimetres
//
//   Body coordinates: x = 0 in the midline, growing towards the image's right (the patient's left); y = 0 at the tips of the lungs,
//   growing downwards. A ray runs along z, so a thickness is what a part contributes in its direction.
//
//   Pen pen(pose);   pen.stroke({0, 3}, {8, 3}, 0.6f, 0.5f);               // a tube from one point to the other, of radius 0.6 to 0.5 cm
//   pen.lift([&](Index i, Pen::Mark m) { thickness[i] += m.chord(); });    // every pixel it touched, once; then the pen is clean
#pragma once
#include <algorithm>
#include <cmath>
#include <vector>

#include <afire/core/rng.hpp>

namespace afire::phantom {

struct Point { float x = 0, y = 0; };

// operator+, operator-, operator*: vectors in the plane of the film, in cm.
inline Point operator+(Point a, Point b) { return {a.x + b.x, a.y + b.y}; }
inline Point operator-(Point a, Point b) { return {a.x - b.x, a.y - b.y}; }
inline Point operator*(float s, Point a) { return {s * a.x, s * a.y}; }

// 0 below lo, 1 above hi, smooth between.
inline float ramp(float x, float lo, float hi) {
  float const t = std::clamp((x - lo) / (hi - lo), 0.f, 1.f);
  return t * t * (3 - 2 * t);
}

// The chord of a ball of radius 1 at a squared distance of q from its centre, over its diameter.
inline float round_edge(float q) { return q < 1 ? std::sqrt(1 - q) : 0.f; }

// Where the body lies on a film of side x side pixels.
struct Pose {
  Index side = 224;
  float cm = 0.2f;                        // a pixel's side
  float cosine = 1, sine = 0;
  Point centre;                           // the body's point in the middle of the film

  Point body(Index row, Index col) const {
    float const half = 0.5f * static_cast<float>(side);
    float const u = (static_cast<float>(col) + 0.5f - half) * cm, v = (static_cast<float>(row) + 0.5f - half) * cm;
    return {centre.x + cosine * u - sine * v, centre.y + sine * u + cosine * v};
  }
  // In pixels; the middle of pixel (0, 0) is {0, 0}.
  Point film(Point p) const {
    Point const d = p - centre;
    float const half = 0.5f * static_cast<float>(side) - 0.5f;
    return {(cosine * d.x + sine * d.y) / cm + half, (cosine * d.y - sine * d.x) / cm + half};
  }
};

class Pen {
 public:
  struct Mark {
    float inside2 = 0;                    // squared radius less squared distance from the axis, where largest
    float radius2 = 0;
    float weight = 0;

    float chord() const { return 2 * weight * std::sqrt(inside2); }
    // A shell of bone around something softer, of which `filling` counts.
    float shell(float wall, float filling) const {
      float const inner = std::sqrt(radius2) - wall, core2 = inner * inner - (radius2 - inside2);
      float const core = inner > 0 && core2 > 0 ? std::sqrt(core2) : 0.f;
      return 2 * weight * (std::sqrt(inside2) - (1 - filling) * core);
    }
  };

  explicit Pen(Pose const& pose) : pose_(pose), marks_(static_cast<std::size_t>(pose.side * pose.side)) { clean(); }

  // Thinner than a pixel's half a tube is drawn wider and weaker, so that it neither breaks nor vanishes.
  void stroke(Point from, Point to, float radius_from, float radius_to, float weight = 1) {
    Point const a = pose_.film(from), b = pose_.film(to), ab = b - a;
    float const thinnest = 0.65f * pose_.cm, wide_a = std::max(radius_from, thinnest), wide_b = std::max(radius_to, thinnest);
    float const reach = std::max(wide_a, wide_b) / pose_.cm, length2 = ab.x * ab.x + ab.y * ab.y;
    Index const top = bound(std::min(a.y, b.y) - reach), bottom = bound(std::max(a.y, b.y) + reach + 1);
    Index const left = bound(std::min(a.x, b.x) - reach), right = bound(std::max(a.x, b.x) + reach + 1);
    if (top >= bottom || left >= right) return;
    top_ = std::min(top_, top), bottom_ = std::max(bottom_, bottom), left_ = std::min(left_, left), right_ = std::max(right_, right);
    float const over = length2 > 0 ? 1 / length2 : 0.f, cm2 = pose_.cm * pose_.cm;
    float const mean = 0.5f * (radius_from + radius_to), mean_wide = std::max(mean, thinnest);
    float const thinned = weight * (mean / mean_wide) * (mean / mean_wide);
    // In a row only what is near the whole line, not all of the box that its ends span.
    bool const flat = std::fabs(ab.y) < 0.5f;
    float const lean = flat ? 0.f : ab.x / ab.y, beside = flat ? 1e9f : reach * std::sqrt(length2) / std::fabs(ab.y);
    for (Index r = top; r < bottom; ++r) {
      float const middle = a.x + lean * (static_cast<float>(r) - a.y);
      Index const first = std::max(left, bound(middle - beside)), last = std::min(right, bound(middle + beside + 1));
      for (Index c = first; c < last; ++c) {
        Point const p{static_cast<float>(c) - a.x, static_cast<float>(r) - a.y};
        float const t = std::clamp((p.x * ab.x + p.y * ab.y) * over, 0.f, 1.f);
        Point const d = p - t * ab;
        float const radius = wide_a + t * (wide_b - wide_a), inside2 = radius * radius - (d.x * d.x + d.y * d.y) * cm2;
        Mark& m = marks_[static_cast<std::size_t>(r * pose_.side + c)];
        if (inside2 > m.inside2) m = {inside2, radius * radius, thinned};
      }
    }
  }

  template <class F>
  void lift(F f) {
    for (Index r = top_; r < bottom_; ++r)
      for (Index c = left_; c < right_; ++c) {
        Mark& m = marks_[static_cast<std::size_t>(r * pose_.side + c)];
        if (m.inside2 > 0) f(r * pose_.side + c, m), m = {};
      }
    clean();
  }

 private:
  Index bound(float x) const { return static_cast<Index>(std::clamp(std::ceil(x), 0.f, static_cast<float>(pose_.side))); }
  void clean() { top_ = left_ = pose_.side, bottom_ = right_ = 0; }

  Pose pose_;
  std::vector<Mark> marks_;
  Index top_ = 0, bottom_ = 0, left_ = 0, right_ = 0;
};

// Numbers of mean 0 and variance about 1/2 on a lattice of 64 x 64 that repeats, smoothly joined.
class Noise {
 public:
  explicit Noise(Draws& draws) : value_(size * size) {
    for (float& v : value_) v = 3.4f * (draws.uniform() - 0.5f);
  }

  float operator()(float x, float y) const {
    int const fx = below(x), fy = below(y);
    float const u = x - static_cast<float>(fx), v = y - static_cast<float>(fy), su = u * u * (3 - 2 * u), sv = v * v * (3 - 2 * v);
    unsigned const ix = static_cast<unsigned>(fx) % size, iy = static_cast<unsigned>(fy) % size;
    float const* const a = &value_[iy * size];
    float const* const b = &value_[(iy + 1) % size * size];
    unsigned const jx = (ix + 1) % size;
    float const above = a[ix] + su * (a[jx] - a[ix]), below = b[ix] + su * (b[jx] - b[ix]);
    return above + sv * (below - above);
  }

  // `octaves` sums of it, each half as large as the one before times 2 * persistence; the coarsest has a lattice of `coarsest` cm.
  float fractal(Point p, float coarsest, int octaves, float persistence = 0.5f) const {
    float sum = 0, weight = 1, frequency = 1 / coarsest;
    for (int o = 0; o < octaves; ++o) {
      sum += weight * (*this)(p.x * frequency + 17.3f * static_cast<float>(o), p.y * frequency + 41.7f * static_cast<float>(o));
      weight *= persistence, frequency *= 2.03f;
    }
    return sum;
  }

 private:
  static constexpr unsigned size = 64;
  // std::floor is a function call where the compiler may not assume SSE 4.
  static int below(float x) {
    int const whole = static_cast<int>(x);
    return whole - (x < static_cast<float>(whole));
  }
  std::vector<float> value_;
};

}  // namespace afire::phantom
