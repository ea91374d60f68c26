// afire/ssl/centre_sharpen.hpp -- targets from a teacher's scores less their running mean, at a low temperature (DINO; iBOT)
//
//   T = softmax((s - c) / t),      c <- m c + (1 - m) mean over the counted rows of a step,       c: (K)
//
//   Centring keeps one prototype from taking all, sharpening keeps the targets from being uniform. One state for each set of tokens: iBOT
//   has a centre for class tokens and another for patches (the mean of all of them; DINOv2's of the masked ones: say so by the mask).
//
//   CentreSharpen assignment{.temperature = 0.07, .warm_temperature = 0.04, .warm_epochs = 30};         // iBOT's patches
//   auto state = assignment.plan<S>(arena, N, K);    assignment.assign(be, state, scores, targets, epoch);      // ssl/assignment.hpp
//   TokenContrast{Centred{}}                              // c is the mean of the rows that are given
#pragma once
#include <afire/op/column_sum.hpp>
#include <afire/op/math.hpp>
#include <afire/op/sum.hpp>
#include <afire/ssl/assignment.hpp>

namespace afire {

template <class S>
struct SharpenRow {                        // one row, one worker
  static constexpr bool calculates = true; // worth AVX-512 (backend/wide.hpp)
  View<const S, 2> s;                      // (N, K)
  View<const S, 1> centre;                 // (K)
  View<S, 2> targets;                      // (N, K), written
  S rate;                                  // 1 / t
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index n) const {
    Index const K = s.cols();
    S const top = lane.max_over(K, [&](Index k) { return (s(n, k) - centre(k)) * rate; });
    S const sum = lane.sum_over(K, [&](Index k) { return math::exp((s(n, k) - centre(k)) * rate - top); });
    lane.each(K, [&](Index k) { targets(n, k) = math::exp((s(n, k) - centre(k)) * rate - top) / sum; });
  }
};

template <class S>
struct CountedElement {                    // of the rows that a mask counts
  View<const S, 2> s;                      // (N, K)
  View<const unsigned char, 1> mask;       // (N) or empty
  AFIRE_HD S operator()(Index n, Index k) const { return mask && !mask(n) ? S(0) : s(n, k); }
};

template <class S>
struct AddNumber {                         // x(i) += value; counts the steps on the device
  View<S, 1> x;
  S value;
  AFIRE_HD void operator()(Index i) const { x(i) += value; }
};

struct CountedRow {                        // 1 or 0, for reduce
  View<const unsigned char, 1> mask;       // (N)
  AFIRE_HD double operator()(Index n) const { return mask(n) ? 1 : 0; }
};

template <class S>
struct MoveCentre {                        // c <- m c + (1 - m) sum / rows; sum = 0 for the next step
  View<S, 1> centre, sum;                  // (K)
  View<S, 1> rows;                         // (1)
  S momentum;
  AFIRE_HD void operator()(Index k) const {
    if (rows(0) > 0) centre(k) = momentum * centre(k) + (1 - momentum) * (sum(k) / rows(0));
    sum(k) = 0;
  }
};

struct CentreSharpen {
  double temperature = 0.04;               // DINO's teacher_temp, and its warm-up from another over the first epochs
  double warm_temperature = 0.04;
  Index warm_epochs = 0;
  double momentum = 0.9;
  static constexpr bool remembers = true;

  void validate() const {
    expects_positive("centre and sharpen: the temperature", temperature);
    expects_positive("centre and sharpen: the warm-up's temperature", warm_temperature);
    expects_share("centre and sharpen: the momentum", momentum);
  }
  double temperature_at(Index epoch) const {
    if (epoch + 1 >= warm_epochs) return temperature;
    return warm_temperature + (temperature - warm_temperature) * static_cast<double>(epoch) / static_cast<double>(warm_epochs - 1);
  }

  template <class S>
  struct State {
    View<S, 2> centre;                     // (1, K), saved with the run; zero at its start
    View<S, 1> sum, rows;                  // (K), (1): of this step so far
    View<S, 2> partial;                    // (column_chunks, K) scratch
    template <class F>
    void visit(F&& f) { f("centre", centre); }
  };

  template <class S>
  State<S> plan(Arena& arena, Index, Index clusters) const {
    validate();
    return {arena.keep<S>(Index{1}, clusters), arena.keep<S>(clusters), arena.keep<S>(Index{1}), arena.scratch<S>(column_chunks, clusters)};
  }

  template <class B, class S>
  void start(B& be, State<S> const& s) const { fill(be, s.centre.flat(), 0), fill(be, s.sum, 0), fill(be, s.rows, 0); }

  template <class B, class S>
  void assign(B& be, State<S> const& s, std::type_identity_t<View<const S, 2>> scores,             // (N, K)
              std::type_identity_t<View<S, 2>> targets,                                            // (N, K), written
              Index epoch = 0) const {
    for_each_row(be, scores.rows(), SharpenRow<S>{scores, s.centre.flat(), targets, static_cast<S>(1 / temperature_at(epoch))});
  }

  template <class B, class S>
  void remember(B& be, State<S> const& s, std::type_identity_t<View<const S, 2>> scores,           // (N, K)
                View<const unsigned char, 1> mask = {}) const {                                    // (N): 0: not in the mean; or empty
    Index const N = scores.rows();
    add_column_sums(be, N, CountedElement<S>{scores, mask}, s.sum, s.partial);
    double const counted = mask ? reduce(be, N, CountedRow{mask}) : static_cast<double>(N);
    for_each(be, 1, AddNumber<S>{s.rows, static_cast<S>(counted)});
  }

  template <class B, class S>
  void conclude(B& be, State<S> const& s) const {
    for_each(be, s.sum.size(), MoveCentre<S>{s.centre.flat(), s.sum, s.rows, static_cast<S>(momentum)});
    fill(be, s.rows, 0);
  }
};

template <class S>
struct MeanOfRows {                        // mean(k) = 1/N sum_n s(n, k)
  View<const S, 2> s;                      // (N, K)
  View<S, 1> mean;                         // (K), written
  AFIRE_HD void operator()(Index k) const {
    S sum = 0;
    for (Index n = 0; n < s.rows(); ++n) sum += s(n, k);
    mean(k) = sum / static_cast<S>(s.rows());
  }
};

struct Centred {                           // the same with the mean of the rows that are given: for prototypes, a memory already
  double temperature = 0.05;
  static constexpr bool remembers = false;
  void validate() const { expects_positive("centred: the temperature", temperature); }

  template <class B, class S>
  void operator()(B& be, View<const S, 2> scores,          // (N, K)
                  View<S, 2> targets,                      // (N, K), written
                  View<S, 1> clusters,                     // (K) scratch: the centre
                  View<S, 1>) const {                      // (N) scratch
    for_each(be, clusters.size(), MeanOfRows<S>{scores, clusters});
    for_each_row(be, scores.rows(), SharpenRow<S>{scores, clusters, targets, static_cast<S>(1 / temperature)});
  }

  template <class S>
  using State = AssignmentScratch<S>;
  template <class S>
  State<S> plan(Arena& arena, Index samples, Index clusters) const { return validate(), plan_assignment<S>(arena, samples, clusters); }
  template <class B, class S>
  void assign(B& be, State<S> const& state, std::type_identity_t<View<const S, 2>> scores,         // (N, K)
              std::type_identity_t<View<S, 2>> targets, Index = 0) const {                         // (N, K), written
    (*this)(be, scores, targets, state.clusters, state.samples);
  }
};

}  // namespace afire
