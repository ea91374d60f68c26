// afire/train/optimizer.hpp -- clip, update, average into the teacher and round to the working copy, in one sweep over flat memory
//
//   auto update = Optimizer<T, AdamW>(be, student_store, teacher_store, AdamW{}, UpdateOptions{.clip = 3});
//   Health health = update.measure(be);                   // norms; non-finite gradients are named before anything changes
//   update.step(be, Rates{.lr = lr(s), .weight_decay = wd(s), .momentum = m(s)}, freeze);        // gradients are zero afterwards
//
// The flat buffers are cut into segments of at most 16,384 elements, none of which crosses a tensor. A segment is a row: one worker.
// Norms are sums over a tensor's segments in order, so every result is the same for any number of threads.
#pragma once
#include <cmath>

#include <afire/train/parameter_groups.hpp>
#include <afire/train/update_packs.hpp>

namespace afire {

// Whose norm is clipped to clip_norm: nobody's, each tensor's, that of all gradients together.
enum class Clip { none, per_tensor, global };

struct UpdateOptions {
  Clip clip = Clip::per_tensor;            // released: every tensor by itself; each position's directions are one tensor (spec Q23)
  double clip_norm = 3.0;
  DecayRule decay = DecayRule::corrected;
  double layer_decay = 1;                  // d of layer_rates: below 1 the first layers learn more slowly, for fine-tuning
};

struct Rates {
  double lr, weight_decay, momentum;       // momentum of the teacher; 1 leaves it alone
};

struct Health {
  double gradient_norm = 0;                // before clipping, over all trainable tensors
  Index clipped = 0;                       // tensors that the next step would shorten
  std::string bad;                         // names of tensors whose gradient is not finite (at most 5); empty: all well
};

template <class T, class Rule>
class Optimizer {
 public:
  using S = Accum<T>;

  template <class B>
  Optimizer(B& be, ParamStore<T>& student, ParamStore<T>& teacher, Rule rule, UpdateOptions options)
      : student_(student), teacher_(teacher), rule_(rule), options_(options) {
    std::vector<Segment> segments;
    for (auto& entry : student) {
      if (!entry.param.trainable) continue;
      Index const before = entry.param.size() / entry.param.tensors;
      Index teacher_offset = -1;
      for (auto& other : teacher)
        if (other.name == entry.name) teacher_offset = other.offset;
      for (Index k = 0; k < entry.param.tensors; ++k) {
        for (Index at = 0; at < before; at += segment_size) {
          Index const from = k * before + at;
          segments.push_back({entry.offset + from, before - at < segment_size ? before - at : segment_size,
                              teacher_offset < 0 ? -1 : teacher_offset + from, tensors()});
        }
        tensors_.push_back({.name = numbered(entry.name, k), .decays = decays(entry.name, entry.param, options.decay),
                            .matrix = entry.param.shape.size() > 1 && !ends_with(entry.name, ".bias"),
                            .last_layer = is_last_layer(entry.name)});
      }
    }
    std::vector<std::string> names;
    for (auto const& tensor : tensors_) names.push_back(tensor.name);
    auto const rates = layer_rates(names, options.layer_decay);
    for (std::size_t t = 0; t < rates.size(); ++t) tensors_[t].rate = rates[t];
    segments_host_ = segments;
    segments_ = allocate<Segment>(be, static_cast<Index>(segments.size()));
    upload(be, segments.data(), segments_.view());
    squares_ = allocate<S>(be, segments_.size());
    scale_ = allocate<S>(be, tensors());
    tensor_steps_ = allocate<TensorStep<S>>(be, tensors());
    if (Rule::moments > 0) first_ = allocate<S>(be, student.size(), "the optimizer's first moments");
    if (Rule::moments > 1) second_ = allocate<S>(be, student.size(), "the optimizer's second moments");
    squares_host_.resize(segments.size());
    scale_host_.resize(tensors_.size()), steps_.resize(tensors_.size()), tensor_steps_host_.resize(tensors_.size());
  }

  Index tensors() const { return static_cast<Index>(tensors_.size()); }
  Buffer<S>& first_moment() { return first_; }                         // in the student's layout
  Buffer<S>& second_moment() { return second_; }
  std::vector<Index>& steps() { return steps_; }                       // taken, a tensor: frozen ones start later
  Index bytes() const { return first_.bytes() + second_.bytes(); }

  // Gradient norms of every tensor, before anything is changed.
  template <class B>
  Health measure(B& be) {
    tensor_norms(be, student_.gradients(), {}, &Tensor::norm);
    Health h;
    double total = 0;
    for (auto& t : tensors_) {
      total += t.norm * t.norm;
      if (options_.clip == Clip::per_tensor && t.norm + 1e-6 > options_.clip_norm) ++h.clipped;
    }
    h.gradient_norm = std::sqrt(total);
    if (!std::isfinite(total)) h.bad = not_finite();
    if (options_.clip == Clip::global && h.gradient_norm + 1e-6 > options_.clip_norm) h.clipped = tensors();
    total_norm_ = h.gradient_norm;
    return h;
  }

  // One step; measure() comes first. Tensors of the last layers are left out while `freeze` holds.
  template <class B>
  void step(B& be, Rates rates, bool freeze_last_layers) {
    for (std::size_t t = 0; t < tensors_.size(); ++t) {
      bool const frozen = freeze_last_layers && tensors_[t].last_layer;
      if (!frozen) ++steps_[t];
      auto& out = tensor_steps_host_[t];
      out.frozen = frozen;
      double const lr = rates.lr * tensors_[t].rate;
      out.clip = static_cast<S>(clip_factor(tensors_[t].norm));
      out.lr = static_cast<S>(lr);
      out.decay = static_cast<S>(tensors_[t].decays ? rates.weight_decay : 0.0);
      out.matrix = tensors_[t].matrix;
      rule_.prepare(out, steps_[t], lr);
    }
    if constexpr (Rule::needs_weight_norms) trust(be);
    upload(be, tensor_steps_host_.data(), tensor_steps_.view());
    update_segments(be, UpdateSegment<T, Rule>{segments_.view(), tensor_steps_.view(), student_.values(), student_.gradients(),
                                               first_.view(), second_.view(), teacher_.values(),
                                               student_.owns_working() ? student_.working() : View<T, 1>{},
                                               teacher_.owns_working() ? teacher_.working() : View<T, 1>{},
                                               rule_, static_cast<S>(rates.momentum), static_cast<S>(1 - rates.momentum)});
  }

 private:
  static constexpr Index segment_size = 16384;

  struct Tensor {                          // a stack has one for each of its members
    std::string name;
    bool decays, matrix, last_layer;
    double norm = 0, weight_norm = 0, update_norm = 0;
    double rate = 1;                       // of its layer
  };

  static std::string numbered(std::string name, Index k) {
    auto const star = name.find('*');
    return star == std::string::npos ? name : name.replace(star, 1, std::to_string(k));
  }

  double clip_factor(double norm) const {
    if (options_.clip == Clip::none) return 1;
    double const factor = options_.clip_norm / ((options_.clip == Clip::global ? total_norm_ : norm) + 1e-6);
    return factor < 1 ? factor : 1;
  }

  // Names of tensors whose gradient is not finite, at most 5.
  [[gnu::cold]] std::string not_finite() const {
    std::string names;
    Index bad = 0;
    for (auto& t : tensors_)
      if (!std::isfinite(t.norm) && ++bad <= 5) names += (names.empty() ? "" : ", ") + t.name;
    if (bad > 5) names += text(" and ", bad - 5, " more");
    return names;
  }

  // tensor.*norm = |a + scale[tensor] b| of every tensor.
  template <class B>
  void tensor_norms(B& be, View<const S, 1> a, View<const S, 1> b, double Tensor::*norm) {
    for_each_row(be, segments_.size(), SegmentSquares<S>{segments_.view(), a, b, scale_.view(), squares_.view()});
    download(be, squares_.view(), squares_host_.data());
    for (auto& t : tensors_) t.*norm = 0;
    for (std::size_t i = 0; i < squares_host_.size(); ++i)
      tensors_[static_cast<std::size_t>(segments_host_[i].tensor)].*norm += static_cast<double>(squares_host_[i]);
    for (auto& t : tensors_) t.*norm = std::sqrt(t.*norm);
  }

  // LARS: the length of a matrix's update is a fixed share of the matrix's own length.
  template <class B>
  void trust(B& be) {
    tensor_norms(be, student_.values(), {}, &Tensor::weight_norm);
    for (std::size_t t = 0; t < tensors_.size(); ++t)    // |clip g + decay w| = clip |g + (decay / clip) w|
      scale_host_[t] = static_cast<S>(tensor_steps_host_[t].decay / tensor_steps_host_[t].clip);
    upload(be, scale_host_.data(), scale_.view());
    tensor_norms(be, student_.gradients(), student_.values(), &Tensor::update_norm);
    for (std::size_t t = 0; t < tensors_.size(); ++t)
      tensor_steps_host_[t].trust = static_cast<S>(rule_.trust(
          tensors_[t].weight_norm, static_cast<double>(tensor_steps_host_[t].clip) * tensors_[t].update_norm, tensors_[t].matrix));
  }

  ParamStore<T>& student_;
  ParamStore<T>& teacher_;
  Rule rule_;
  UpdateOptions options_;
  double total_norm_ = 0;
  std::vector<Tensor> tensors_;
  std::vector<Index> steps_;
  std::vector<Segment> segments_host_;
  std::vector<S> squares_host_, scale_host_;
  std::vector<TensorStep<S>> tensor_steps_host_;
  Buffer<Segment> segments_;
  Buffer<S> squares_, scale_, first_, second_;
  Buffer<TensorStep<S>> tensor_steps_;
};

}  // namespace afire
