// afire/train/update_segment.hpp -- what the optimiser does to one segment: its part of a norm, and its update
//
//   out(n) = sum over segment n of (a + scale b)^2                           norms; with b what LARS needs
//   w <- rule(w, clip g),  g <- 0,  work <- w,  mean <- keep mean + take w,  teacher_work <- mean         mean: the teacher's, in one pass
//
// A segment is a row: one worker. train/optimizer.hpp cuts the flat buffers into them.
#pragma once
#include <afire/core/lane.hpp>
#include <afire/core/view.hpp>
#include <afire/train/update_rules.hpp>

namespace afire {

struct Segment {                           // a run of elements of one tensor: what a worker updates
  Index offset, count;                     // in the student's flat buffers
  Index teacher_offset;                    // in the teacher's; -1: it has no such parameter
  Index tensor;
};

template <class S>
struct SegmentSquares {                    // sums of squares of a segment's gradient, or of what LARS needs
  static constexpr bool long_rows = true;
  View<const Segment, 1> segments;
  View<const S, 1> a, b;                   // sum of (a + scale[tensor] b)^2; b may be empty
  View<const S, 1> scale;                  // (tensors)
  View<S, 1> out;                          // (segments)
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index n) const {
    Segment const s = segments(n);
    S const* const x = a.data + s.offset;
    S sum;
    if (b) {
      S const* const y = b.data + s.offset;
      S const factor = scale(s.tensor);
      sum = lane.sum_over(s.count, [&](Index i) { return math::square(x[i] + factor * y[i]); });
    } else {
      sum = lane.sum_over(s.count, [&](Index i) { return math::square(x[i]); });
    }
    lane.once([&] { out(n) = sum; });
  }
};

template <class T, class Rule>
struct UpdateSegment {                     // clipping, the rule, the teacher's average and the working copies in one pass
  static constexpr bool calculates = true; // worth AVX-512 (backend/wide.hpp)
  using S = Accum<T>;
  View<const Segment, 1> segments;
  View<const TensorStep<S>, 1> tensors;
  View<S, 1> value, grad, first, second, teacher;
  View<T, 1> work, teacher_work;           // empty where the master is the working copy
  Rule rule;
  S keep, take;                            // teacher = keep * teacher + take * value

  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index n) const {
    Segment const s = segments(n);
    TensorStep<S> const t = tensors(s.tensor);
    S* const w = value.data + s.offset;
    S* const g = grad.data + s.offset;
    S* const m = first ? first.data + s.offset : nullptr;
    S* const v = second ? second.data + s.offset : nullptr;
    if (!t.frozen)
      lane.each(s.count, [&](Index i) {
        rule.update(w[i], g[i] * t.clip, Rule::moments > 0 ? m + i : nullptr, Rule::moments > 1 ? v + i : nullptr, t);
      });
    lane.each(s.count, [&](Index i) { g[i] = 0; });
    if (work) lane.each(s.count, [&](Index i) { work.data[s.offset + i] = T(w[i]); });
    if (s.teacher_offset < 0) return;
    S* const mean = teacher.data + s.teacher_offset;
    lane.each(s.count, [&](Index i) { mean[i] = keep * mean[i] + take * w[i]; });
    if (teacher_work) lane.each(s.count, [&](Index i) { teacher_work.data[s.teacher_offset + i] = T(mean[i]); });
  }
};

}  // namespace afire
