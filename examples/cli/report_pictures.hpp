// examples/cli/report_pictures.hpp -- the pictures of a judgement: films side by side
//
//   Panels p = restoration_panels(j);      // seen | lesion map | restored | clean | difference
//   Panels p = token_panels(j);            // film | regions | tokens | tokens before training | prototypes
//   Panels p = match_panels(j);            // a token, and its like in other films
//
// A judgement that lacks what a picture shows gives one with fewer columns, or without rows.
#pragma once
#include <afire/picture/panels.hpp>
#include <examples/cli/judgement.hpp>

namespace afire::cli {

inline constexpr double difference_range = 60;           // grey levels at which the difference has its full colour

Panels restoration_panels(Judgement const& j);
Panels token_panels(Judgement const& j);
Panels match_panels(Judgement const& j);

Index region_at(Judgement const& j, Index film, Index place);          // in the middle of a patch; -1 where regions are not known
std::string region_key(Judgement const& j);              // HTML: the colours of the regions that occur

}  // namespace afire::cli
