// afire/train/run_row.hpp -- the numbers of one step, by name: a row of a run's log
//
//   RunRow row(terms, true);                  // columns: step, epoch, the terms of a step, monitors, and val_* of the terms
//   row.clear();                              // nothing measured: NaN everywhere
//   row.put("loss", 5.25);
//   row.put_monitors(validation);             // what the films of a validation say about the code
#pragma once
#include <limits>

#include <afire/eval/collapse.hpp>
#include <afire/train/validation.hpp>

namespace afire {

class RunRow {
 public:
  RunRow(Terms const& terms, bool validated) {
    names_ = {"step", "epoch"};
    for (auto& t : terms) names_.emplace_back(t.name);
    for (char const* name : {"waiting", "films_per_second", "effective_rank", "between_image_share", "prototypes_used", "perplexity",
                             "perplexity_here", "error_inside", "error_inside_copied", "error_inside_mean_film", "error_whole",
                             "image_spread"})
      names_.emplace_back(name);
    if (validated)
      for (auto& t : terms)
        if (of_a_film(t.name)) names_.push_back("val_" + std::string(t.name));
    values_.resize(names_.size());
  }

  std::vector<std::string> const& names() const { return names_; }
  View<const double, 1> values() const { return View<const double, 1>(values_.data(), values_.size()); }

  void clear() { std::fill(values_.begin(), values_.end(), std::numeric_limits<double>::quiet_NaN()); }

  // A name that is no column is left out.
  void put(std::string_view name, double value) {
    for (std::size_t i = 0; i < names_.size(); ++i)
      if (names_[i] == name) values_[i] = value;
  }

  void put_monitors(Validation const& v) {
    auto const tokens = v.tokens.view();
    TokenMonitor monitor(tokens.extent[1], tokens.extent[2]);
    monitor.add(tokens);
    put("effective_rank", monitor.effective_rank());
    put("between_image_share", monitor.between_image_share());
    put("image_spread", image_spread(v.images.view()));
    if (v.scores.size() > 0) {
      PrototypeMonitor use(v.scores.extent(1), v.scores.extent(2));
      use.add(v.scores.view());
      put("prototypes_used", use.used());
      put("perplexity", use.perplexity());
      put("perplexity_here", use.perplexity_here());
    }
    if (v.whole.pixels > 0) put("error_whole", v.whole.restored);
    if (v.inside.pixels > 0) {
      put("error_inside", v.inside.restored);
      put("error_inside_copied", v.inside.copied);
      put("error_inside_mean_film", v.inside.mean_film);
    }
  }

 private:
  // Not of the optimiser.
  static bool of_a_film(std::string_view name) {
    for (auto const* other : {"lr", "weight_decay", "ema_momentum", "gradient_norm", "tensors_clipped"})
      if (name == other) return false;
    return true;
  }

  std::vector<std::string> names_;
  std::vector<double> values_;
};

}  // namespace afire
