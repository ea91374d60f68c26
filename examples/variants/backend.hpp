// examples/variants/backend.hpp -- the fastest backend that was found: what the variants run on, in float
#pragma once
#ifdef AFIRE_HAVE_ONEDNN
#include <afire/backend/onednn.hpp>
#elif defined(AFIRE_HAVE_EIGEN)
#include <afire/backend/eigen.hpp>
#else
#include <afire/backend/reference.hpp>
#endif

namespace afire::cli {

#ifdef AFIRE_HAVE_ONEDNN
using Fastest = OneDnn;
inline constexpr char const* fastest = "onednn";
#elif defined(AFIRE_HAVE_EIGEN)
using Fastest = EigenCpu;
inline constexpr char const* fastest = "eigen";
#else
using Fastest = Reference;
inline constexpr char const* fastest = "reference";
#endif

}  // namespace afire::cli
