// afire/train/update_packs.hpp -- what UpdateSegment does, in one pass: a worker has a few neighbours of every buffer in its hands at once
//
//   for_each_row(gpu, segments, UpdatePacks<T, AdamW>{UpdateSegment<T, AdamW>{...}});
//
// UpdateSegment goes over a segment once for each thing that is to be done, which a processor's cache forgives and a compiler widens. A GPU
// has thousands of segments in its hands: what one pass wrote has left the cache before the next reads it. Here each number moves once:
// weight, gradient, two moments and the teacher's weight read and written, a working copy written: 42 bytes a parameter in bf16.
#pragma once
#include <afire/core/pack.hpp>
#include <afire/train/update_segment.hpp>

namespace afire {

template <class T, class Rule>
struct UpdatePacks {
  using S = Accum<T>;
  static constexpr bool long_rows = true;  // of thousands of elements
  UpdateSegment<T, Rule> of;

  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index n) const {
    Segment const s = of.segments(n);
    TensorStep<S> const t = of.tensors(s.tensor);
    constexpr int size = pack_size<S>;
    bool const fits = s.offset % size == 0 && (s.teacher_offset < 0 || s.teacher_offset % size == 0);
    Index const packs = fits ? s.count / size : 0;
    lane.each(packs, [&](Index i) { update<size>(s, t, i * size); });
    lane.each(s.count - packs * size, [&](Index i) { update<1>(s, t, packs * size + i); });
  }

 private:
  // Elements i ... i + size - 1 of the segment.
  template <int size>
  AFIRE_HD void update(Segment const& s, TensorStep<S> const& t, Index i) const {
    Index const at = s.offset + i;
    Pack<S, size> w = pack_at<size>(of.value.data + at);
    if (!t.frozen) {
      Pack<S, size> const g = pack_at<size>(of.grad.data + at);
      Pack<S, size> m{}, v{};
      if constexpr (Rule::moments > 0) m = pack_at<size>(of.first.data + at);
      if constexpr (Rule::moments > 1) v = pack_at<size>(of.second.data + at);
      for (int k = 0; k < size; ++k) of.rule.update(w.x[k], g.x[k] * t.clip, &m.x[k], &v.x[k], t);
      pack_at<size>(of.value.data + at) = w;
      if constexpr (Rule::moments > 0) pack_at<size>(of.first.data + at) = m;
      if constexpr (Rule::moments > 1) pack_at<size>(of.second.data + at) = v;
    }
    pack_at<size>(of.grad.data + at) = Pack<S, size>{};
    if (of.work) pack_at<size>(of.work.data + at) = rounded(w);
    if (s.teacher_offset < 0) return;
    Pack<S, size>& mean = pack_at<size>(of.teacher.data + s.teacher_offset + i);
    Pack<S, size> average = mean;
    for (int k = 0; k < size; ++k) average.x[k] = of.keep * average.x[k] + of.take * w.x[k];
    mean = average;
    if (of.teacher_work) pack_at<size>(of.teacher_work.data + s.teacher_offset + i) = rounded(average);
  }

  template <int size>
  AFIRE_HD static Pack<T, size> rounded(Pack<S, size> const& x) {
    Pack<T, size> y;
    for (int k = 0; k < size; ++k) y.x[k] = T(x.x[k]);
    return y;
  }
};

// The update of all segments, as suits the backend.
template <class B, class T, class Rule>
void update_segments(B& be, UpdateSegment<T, Rule> const& f) {
  if constexpr (moves_packs<B>()) for_each_row(be, f.segments.size(), UpdatePacks<T, Rule>{f});
  else for_each_row(be, f.segments.size(), f);
}

}  // namespace afire
