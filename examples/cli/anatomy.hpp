// examples/cli/anatomy.hpp -- do tokens know what part of the body they show? Features against the regions of phantoms
//
//   A feature of a token of one half of the films looks for its 20 nearest among the tokens of the other half; they vote for its region.
//   Place alone decides much of that on frontal films, so each score stands beside those of controls, and is also given for the contested
//   places: those where no region holds 80 % of the films.
//
//   AnatomyScore score = score_anatomy({{"trained", tokens}, {"pixels", patches}}, labels, names);     // (N films, L, C), (N films, L)
#pragma once
#include <span>
#include <string>
#include <vector>

#include <afire/core/view.hpp>

namespace afire::cli {

struct Share {                             // of tokens whose region is named right, with its 95 % interval over films
  double value = 0, low = 0, high = 0;
};

struct FeatureScore {
  std::string name = {};
  Share all = {}, contested = {};          // of the vote: every token; those at contested places
  double probe = 0, probe_contested = 0;   // of a linear classifier
  double clusters = 0;                     // normalised mutual information of k-means clusters and regions, 0 ... 1
  Share first_above = {};                  // contested: the first feature minus this one, on the same tokens
  std::vector<double> recall = {};         // of the vote, for each region that occurs
};

struct AnatomyScore {
  std::vector<std::string> regions = {};   // that occur among the queries
  std::vector<Index> tokens = {};          // queries in each
  Index bank_films = 0, query_films = 0, bank = 0, queries = 0, contested = 0;
  std::vector<FeatureScore> features = {}; // empty: nothing could be measured
};

struct Features {
  std::string name;
  View<const float, 3> rows;               // (films, L, C)
};

// A negative label is a token without a region of its own: left out.
AnatomyScore score_anatomy(std::span<Features const> features, View<const int, 2> label,       // (films, L)
                           std::vector<std::string> const& names);

}  // namespace afire::cli
