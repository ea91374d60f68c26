// afire/testing/compare.hpp -- how far a tensor is from what it should be
//
//   worst  = max |got - want| / max |want|           relative to the tensor's largest magnitude, so that small entries do not shout
//   cosine = <got, want> / (|got| |want|)            what matters of a gradient in a narrow type
//
//   Difference d = difference("dx", dx.view().flat(), expected.view().flat());
//   if (d.worst > 1e-5) puts(report(d).c_str());     // dx: worst difference 0.0012 of the largest, 0.25, at 17 of 96 ...
//
// Where all of `want` is zero, worst is max |got|. A NaN or an infinity that is not wanted gives worst = infinity.
#pragma once
#include <cmath>

#include <afire/core/bf16.hpp>
#include <afire/core/view.hpp>

namespace afire {

struct Difference {
  std::string name;
  double worst = 0, cosine = 1;
  Index at = 0, size = 0;                  // of the worst element; of all
  double got = 0, want = 0, largest = 0;   // the worst element; the largest magnitude of all that are wanted
};

template <class T, class U>
Difference difference(std::string name, View<T, 1> got,                 // (N)
                      View<U, 1> want) {                                // (N)
  expects(got.size() == want.size(), name, ": ", got.size(), " elements are compared with ", want.size());
  Difference d;
  d.name = std::move(name), d.size = want.size();
  double products = 0, gots = 0, wants = 0, most = -1;
  for (Index i = 0; i < d.size; ++i) {
    double const g = static_cast<double>(wide(got(i))), w = static_cast<double>(wide(want(i)));
    double const apart = std::isfinite(g) && std::isfinite(w) ? std::fabs(g - w) : g == w ? 0.0 : HUGE_VAL;
    products += g * w, gots += g * g, wants += w * w;
    if (std::fabs(w) > d.largest) d.largest = std::fabs(w);
    if (apart > most) most = apart, d.at = i, d.got = g, d.want = w;
  }
  if (d.size == 0) return d;
  d.worst = d.largest > 0 && most > 0 ? most / d.largest : most;
  d.cosine = gots > 0 && wants > 0 ? products / std::sqrt(gots * wants) : gots == wants ? 1 : 0;
  return d;
}

inline std::string report(Difference const& d) {
  char words[240];
  std::snprintf(words, sizeof words, ": worst difference %.3g of the largest, %.3g, at %td of %td (%.17g instead of %.17g), cosine %.6f",
                d.worst, d.largest, d.at, d.size, d.got, d.want, d.cosine);
  return d.name + words;
}

// The worse of two, by `worst`.
inline Difference const& worse(Difference const& a, Difference const& b) { return a.worst < b.worst ? b : a; }

}  // namespace afire
