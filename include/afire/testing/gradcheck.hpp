// afire/testing/gradcheck.hpp -- a backward pass against central differences of its forward, in double
//
//   S(x) = <forward(x), dy>;     dS/dx ~ (4 D(h/2) - D(h)) / 3,   D(h) = (S(x + h) - S(x - h)) / 2h        error O(h^4), for several h
//
//   GradCheck check;
//   check.input("x", x, dx);                            // the contract: dx is written ...
//   check.parameters(store);                            // ... and parameter gradients are added to
//   GradReport r = check([&] { module.forward(be, x, y, saved); return dot(y, dy); }, [&] { module.backward(be, x, dy, dx, saved); });
//   if (r.worst > 1e-8) puts(r.text().c_str());         // norm1.weight[7]: backward says 0.25, differences say 0.26 ...
//
// Before the backward pass every dx is filled with NaN and every parameter gradient with random numbers, which are taken off again.
// Each tensor is tried along a random direction (all its elements at once) and at `elements` of its elements, one by one. Differences
// are relative to the largest derivative of the tensor, but at least to `floor` of the largest of all tensors: a derivative that is
// zero in truth is found as rounding noise.
#pragma once
#include <algorithm>
#include <cmath>
#include <limits>

#include <afire/core/param.hpp>

namespace afire {

struct GradReport {
  double worst = 0;                        // difference, as above
  std::string name;
  Index at = -1;                           // element; -1: along the random direction
  double backward = 0, differences = 0;    // the two numbers
  Index tried = 0;                         // derivatives, in all tensors

  std::string text() const {
    char words[220];
    std::snprintf(words, sizeof words, ": backward says %.12g, differences say %.12g, %.3g of the largest apart; %td derivatives tried",
                  backward, differences, worst, tried);
    return name + (at < 0 ? " along a random direction" : "[" + std::to_string(at) + "]") + words;
  }
};

class GradCheck {
 public:
  Index elements = 8;                      // of each tensor that are tried one by one
  double floor = 1e-3;
  double steps[2] = {2e-3, 2e-4};          // h
  std::uint64_t seed = 1;

  void input(std::string name, View<double, 1> x, View<double, 1> dx) { tensors_.push_back({std::move(name), x, dx, false, {}}); }
  void parameter(std::string name, View<double, 1> value, View<double, 1> grad) {
    tensors_.push_back({std::move(name), value, grad, true, {}});
  }
  void parameters(ParamStore<double> const& store) {
    for (auto& [name, param, offset] : store)
      if (param.trainable) parameter(name, param.value, param.grad);
  }

  // forward() gives S for the present values of all tensors; backward() is called once, after a forward().
  template <class Forward, class Backward>
  GradReport operator()(Forward forward, Backward backward) {
    for (auto& t : tensors_) {
      t.junk.assign(static_cast<std::size_t>(t.grad.size()), std::numeric_limits<double>::quiet_NaN());
      if (t.added)
        for (std::size_t i = 0; i < t.junk.size(); ++i) t.junk[i] = random(t, 0).normal(i);
      for (Index i = 0; i < t.grad.size(); ++i) t.grad(i) = t.junk[static_cast<std::size_t>(i)];
    }
    forward();
    backward();
    double largest = 0;
    for (auto& t : tensors_) {
      for (Index i = 0; i < t.grad.size(); ++i) {
        if (t.added) t.grad(i) -= t.junk[static_cast<std::size_t>(i)];
        expects(std::isfinite(t.grad(i)), "gradcheck: the gradient of ", t.name, " is not finite at ", i,
                t.added ? "" : "; is every element of it written?");
      }
      largest = std::max(largest, magnitude(t.grad));
    }
    GradReport report;
    for (auto& t : tensors_) {
      double const scale = std::max(magnitude(t.grad), floor * largest);
      Index const n = t.value.size(), count = n < elements ? n : elements;
      for (Index k = 0; k < count; ++k) {
        auto const any = static_cast<Index>(random(t, 1).bits(static_cast<std::uint64_t>(k)));
        Index const i = count == n ? k : any % n;
        one(report, forward, t, i, t.grad(i), scale, [&](Index c) { return c == i ? 1.0 : 0.0; });
      }
      double along = 0, squares = 0;
      Random const direction = random(t, 2);
      auto const d = [&](Index c) { return direction.normal(static_cast<std::uint64_t>(c)); };
      for (Index c = 0; c < n; ++c) along += t.grad(c) * d(c), squares += t.grad(c) * t.grad(c);
      one(report, forward, t, -1, along, std::max(std::sqrt(squares), scale), d);
    }
    return report;
  }

 private:
  struct Tensor {
    std::string name;
    View<double, 1> value, grad;
    bool added;                            // by backward; else it is written
    std::vector<double> junk;
  };

  Random random(Tensor const& t, std::uint64_t what) const {
    return Random(seed, Purpose::test, static_cast<std::uint64_t>(&t - tensors_.data()), what);
  }

  static double magnitude(View<double, 1> x) {
    double most = 0;
    for (double v : x) most = std::max(most, std::fabs(v));
    return most;
  }

  // One derivative along d, with the step that comes closest.
  template <class Forward, class Direction>
  void one(GradReport& report, Forward& forward, Tensor& t, Index at, double backward, double scale, Direction d) {
    std::vector<double> const before(t.value.begin(), t.value.end());
    auto const value = [&](double h) {
      for (Index c = 0; c < t.value.size(); ++c) t.value(c) = before[static_cast<std::size_t>(c)] + h * d(c);
      return static_cast<double>(forward());
    };
    double best = HUGE_VAL, differences = 0;
    for (double h : steps) {
      double const coarse = (value(h) - value(-h)) / (2 * h), fine = (value(h / 2) - value(-h / 2)) / h, now = (4 * fine - coarse) / 3;
      if (double const apart = std::fabs(now - backward); apart < best || !std::isfinite(best)) best = apart, differences = now;
    }
    for (Index c = 0; c < t.value.size(); ++c) t.value(c) = before[static_cast<std::size_t>(c)];
    forward();
    ++report.tried;
    double const relative = scale > 0 ? best / scale : best;
    if (report.tried == 1 || !(relative <= report.worst))
      report = {relative, t.name, at, backward, differences, report.tried};
  }

  std::vector<Tensor> tensors_;
};

}  // namespace afire
