// afire/eval/multiclass.hpp -- one of several classes: the confusion matrix and what is read off it
//
//   Confusion c(4);   c.add(label, prediction);   c.count(true_class, predicted_class)
//   c.accuracy();   c.balanced_accuracy();  mean recall of the classes that occur;   c.macro_f1();   c.kappa();  agreement beyond chance
#pragma once
#include <span>

#include <afire/core/tensor.hpp>
#include <afire/eval/binary.hpp>

namespace afire {

class Confusion {
 public:
  explicit Confusion(Index classes) : count_(classes, classes) {}

  void add(Index label, Index prediction) {
    Index const K = count_.extent(0);
    expects(0 <= label && label < K && 0 <= prediction && prediction < K, "confusion: class ", label, " predicted as ", prediction,
            ", where there are ", K, " classes");
    ++count_(label, prediction), ++total_;
  }
  void add(std::span<Index const> label, std::span<Index const> prediction) {
    expects(label.size() == prediction.size(), "confusion: ", label.size(), " labels, but ", prediction.size(), " predictions");
    for (std::size_t i = 0; i < label.size(); ++i) add(label[i], prediction[i]);
  }

  View<const Index, 2> count() const { return count_; }  // (K, K): row = the true class

  double accuracy() const { return share(correct(), total_); }

  double balanced_accuracy() const {
    return mean_over_classes([&](Index k) { return share(count_(k, k), of(k)); });       // a class that does not occur is left out
  }
  double macro_f1() const {
    return mean_over_classes([&](Index k) { return share(2 * count_(k, k), of(k) + predicted(k)); });
  }
  double kappa() const {
    double chance = 0;
    for (Index k = 0; k < count_.extent(0); ++k) chance += share(of(k), total_) * share(predicted(k), total_);
    return (accuracy() - chance) / (1 - chance);
  }

 private:
  static double share(Index a, Index b) { return b > 0 ? static_cast<double>(a) / static_cast<double>(b) : not_defined; }
  Index correct() const {
    Index n = 0;
    for (Index k = 0; k < count_.extent(0); ++k) n += count_(k, k);
    return n;
  }
  Index of(Index k) const {
    Index n = 0;
    for (Index j = 0; j < count_.extent(0); ++j) n += count_(k, j);
    return n;
  }
  Index predicted(Index k) const {
    Index n = 0;
    for (Index j = 0; j < count_.extent(0); ++j) n += count_(j, k);
    return n;
  }
  template <class F>
  double mean_over_classes(F f) const {
    double sum = 0;
    Index classes = 0;
    for (Index k = 0; k < count_.extent(0); ++k)
      if (double const x = f(k); !std::isnan(x)) sum += x, ++classes;
    return classes > 0 ? sum / static_cast<double>(classes) : not_defined;
  }

  Tensor<Index, 2> count_;
  Index total_ = 0;
};

}  // namespace afire
