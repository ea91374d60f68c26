// examples/variants/plain.hpp -- where losses begin, by plain loops in double over what untrained networks say of the first batch
//
//   Said const said = ...;                                // scores of student and teacher before the first step
//   double first = plain::nt_xent(said, 0.5);             // and the first step's term has to be that
//
// They are written from the papers' formulas, a sum after the other, and share no code with ops and objectives: a wrong temperature, a
// factor 1 / N that is missing, a target of the wrong view or without its balance puts the two apart.
#pragma once
#include <afire/core/tensor.hpp>
#include <afire/ssl/objective.hpp>

namespace afire::cli {

// Of B films, V views of each for the student, G for the teacher; empty: nobody scores that.
struct Said {
  Tensor<double, 3> scores = {}, teacher_scores = {};            // (V B, L, K), (G B, L, K)
  Tensor<double, 2> class_scores = {}, teacher_class_scores = {};        // (V B, K), (G B, K)
  Tensor<unsigned char, 2> map = {};                             // (V B, L): 1 where the film was changed
  Views views = {};
};

namespace plain {

// Targets out of scores: a softmax at `temperature`, and as many rounds of balance over the rows that are assigned together; or their mean
// taken off before.
struct Targets {
  double temperature;
  Index rounds = 0;
  bool centred = false;
};

double cross_views(Said const& said, Targets targets, double t, bool own);     // own: targets from the student's scores, each view apart
double masked_tokens(Said const& said, Targets targets, double t);
double contrast(Said const& said, Targets targets, double t);                  // of untouched tokens to prototypes, means over films
double positions(Said const& said, double t);                                  // of untouched tokens to centres, means over films
double nt_xent(Said const& said, double t);
double info_nce(Said const& said, double t);                                   // both ways: predictions to the other view's keys
double distance(Said const& said);                                             // squared, of both views' directions
double vicreg(Said const& said, double invariance, double variance, double covariance);

}  // namespace plain
}  // namespace afire::cli
