// afire/eval/anomaly.hpp -- does a map of scores point at the lesion? Per-region overlap, overlap at a threshold, pointing game
//
//   AUPRO    area under PRO over FPR up to a limit, divided by the limit      (Bergmann et al., 2021)
//              PRO = mean over the connected regions of all films of the share of the region that is found, each region counting the same
//              FPR = share of all normal pixels that is found
//   overlap  IoU and Dice of (score >= t) with the mask;  IoBB = intersection / what is found, for boxes
//   pointing game: does the map's maximum (the first of equals) lie in the mask, or within a tolerance of it?
//
//   ProCurve c = pro_curve(films);   aupro(c, 0.3);          // std::vector<ScoredFilm>: views of (H, W) scores and masks
//   MaskOverlap o = overlap(film, 0.5);  o.iou();  o.dice();      Peak p = peak(film);   p.distance_to_mask <= 15
//
// Pixel AUROC, average precision and the best Dice are those of eval/binary.hpp on all pixels (pixel_thresholds).
#pragma once
#include <afire/eval/binary.hpp>
#include <afire/eval/components.hpp>

namespace afire {

struct ScoredFilm {
  View<const float, 2> score;                              // (H, W)
  View<const std::uint8_t, 2> mask;                        // (H, W), not 0: lesion; nothing set: a normal film
};

namespace anomaly_parts {

// Throws where scores and mask differ in shape.
inline void check(ScoredFilm const& f) {
  expects(same_shape(f.score, f.mask), "anomaly: scores of shape ", shape_text(f.score), ", a mask of shape ", shape_text(f.mask));
}

}  // namespace anomaly_parts

inline Thresholds pixel_thresholds(std::vector<ScoredFilm> const& films) {
  std::vector<double> label, score;
  for (auto const& f : films) {
    anomaly_parts::check(f);
    for (std::uint8_t m : f.mask) label.push_back(m != 0);
    score.insert(score.end(), f.score.begin(), f.score.end());
  }
  return thresholds(label, score);
}

struct ProCurve {
  std::vector<double> fpr, pro;                            // rising, from (0, 0) to (1, 1): a point for each distinct score
  Index regions = 0;
};

inline ProCurve pro_curve(std::vector<ScoredFilm> const& films, Connectivity connectivity = Connectivity::eight) {
  struct ScoredPixel {
    float score;
    Index region;                                          // -1: normal
  };
  std::vector<ScoredPixel> pixels;
  std::vector<double> size;
  for (auto const& f : films) {
    anomaly_parts::check(f);
    auto const parts = components(f.mask, connectivity);
    auto const before = static_cast<Index>(size.size());
    size.resize(size.size() + static_cast<std::size_t>(parts.count));
    for (Index i = 0; i < f.mask.size(); ++i) {
      Index const region = parts.label.data()[i] > 0 ? before + parts.label.data()[i] - 1 : -1;
      expects(!std::isnan(f.score.data[i]), "anomaly: a score is NaN");
      pixels.push_back({f.score.data[i], region});
      if (region >= 0) ++size[static_cast<std::size_t>(region)];
    }
  }
  ProCurve c{{0}, {0}, static_cast<Index>(size.size())};
  auto const normal = std::count_if(pixels.begin(), pixels.end(), [](ScoredPixel p) { return p.region < 0; });
  expects(c.regions > 0 && normal > 0, "pro curve: ", c.regions, " regions and ", normal, " normal pixels; it takes one of each at least");
  std::sort(pixels.begin(), pixels.end(), [](ScoredPixel a, ScoredPixel b) { return a.score > b.score; });
  std::vector<double> found(size.size());
  Index false_positives = 0;
  for (std::size_t i = 0; i < pixels.size();) {
    for (float const t = pixels[i].score; i < pixels.size() && pixels[i].score == t; ++i)
      pixels[i].region < 0 ? void(++false_positives) : void(++found[static_cast<std::size_t>(pixels[i].region)]);
    double sum = 0;
    for (std::size_t r = 0; r < size.size(); ++r) sum += found[r] / size[r];
    c.fpr.push_back(static_cast<double>(false_positives) / static_cast<double>(normal));
    c.pro.push_back(sum / static_cast<double>(size.size()));
  }
  return c;
}

inline double aupro(ProCurve const& c, double limit) {
  expects(0 < limit && limit <= 1, "aupro: a limit of ", limit, " on the false positive rate is none of 0 ... 1");
  double area = 0;
  for (std::size_t k = 1; k < c.fpr.size() && c.fpr[k - 1] < limit; ++k) {
    double const from = c.fpr[k - 1], to = c.fpr[k];
    double const end = std::min(to, limit), part = to > from ? (end - from) / (to - from) : 1;
    double const at_end = c.pro[k - 1] + part * (c.pro[k] - c.pro[k - 1]);
    area += (end - from) * (c.pro[k - 1] + at_end) / 2;
  }
  return area / limit;
}

struct MaskOverlap {
  Index both = 0, found = 0, mask = 0;                     // pixels
  double iou() const { return ratio(both, found + mask - both); }
  double dice() const { return ratio(2 * both, found + mask); }
  double iobb() const { return found > 0 ? ratio(both, found) : 0; }

 private:
  static double ratio(Index a, Index b) { return b > 0 ? static_cast<double>(a) / static_cast<double>(b) : not_defined; }
};

inline MaskOverlap overlap(ScoredFilm const& f, double threshold) {
  anomaly_parts::check(f);
  MaskOverlap o;
  for (Index i = 0; i < f.mask.size(); ++i) {
    bool const found = static_cast<double>(f.score.data[i]) >= threshold, inside = f.mask.data[i] != 0;
    o.found += found, o.mask += inside, o.both += found && inside;
  }
  return o;
}

struct Box {                               // in pixels
  Index x = 0, y = 0, width = 0, height = 0;
};

// The smallest box around a mask; of width 0 where there is nothing.
inline Box bounding_box(View<const std::uint8_t, 2> mask) {            // (H, W)
  Index left = mask.cols(), right = -1, top = mask.rows(), bottom = -1;
  for (Index y = 0; y < mask.rows(); ++y)
    for (Index x = 0; x < mask.cols(); ++x)
      if (mask(y, x)) left = std::min(left, x), right = std::max(right, x), top = std::min(top, y), bottom = y;
  return right < 0 ? Box{} : Box{left, top, right - left + 1, bottom - top + 1};
}

// A box as a mask, so that overlap and energy are measured on boxes as on masks.
inline Tensor<std::uint8_t, 2> filled(Box const& b, Index rows, Index cols) {
  Tensor<std::uint8_t, 2> mask(rows, cols);
  for (Index y = std::max(Index{0}, b.y); y < std::min(rows, b.y + b.height); ++y)
    for (Index x = std::max(Index{0}, b.x); x < std::min(cols, b.x + b.width); ++x) mask(y, x) = 1;
  return mask;
}

// Share of the sum of scores that lies in the mask.
inline double energy_inside(ScoredFilm const& f) {
  anomaly_parts::check(f);
  double inside = 0, all = 0;
  for (Index i = 0; i < f.mask.size(); ++i) {
    double const s = static_cast<double>(f.score.data[i]);
    all += s, inside += f.mask.data[i] ? s : 0;
  }
  return all > 0 ? inside / all : not_defined;
}

struct Peak {
  Index y = 0, x = 0;
  double distance_to_mask = not_defined;                   // in pixels; 0: a hit; NaN: there is no mask
};

inline Peak peak(ScoredFilm const& f) {
  anomaly_parts::check(f);
  expects(f.score.size() > 0, "anomaly: a map without pixels has no peak");
  Index const best = std::max_element(f.score.begin(), f.score.end()) - f.score.begin();
  Peak p{best / f.score.cols(), best % f.score.cols()};
  for (Index y = 0; y < f.mask.rows(); ++y)
    for (Index x = 0; x < f.mask.cols(); ++x) {
      if (!f.mask(y, x)) continue;
      double const d = std::hypot(static_cast<double>(y - p.y), static_cast<double>(x - p.x));
      if (!(p.distance_to_mask <= d)) p.distance_to_mask = d;
    }
  return p;
}

}  // namespace afire
