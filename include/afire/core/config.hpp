// afire/core/config.hpp -- the version, the integer type of sizes, and the one mark for code that also runs on a GPU
//
//   AFIRE_HD float square(float x) { return x * x; }     // an ordinary function for g++, __host__ __device__ for nvcc
//   Index n = view.size();                               // sizes and positions are signed 64-bit integers
#pragma once
#include <cstddef>

// AFIRE_VERSION in words; AFIRE_VERSION_MAJOR, AFIRE_VERSION_MINOR and AFIRE_VERSION_PATCH are numbers, for #if.
#define AFIRE_VERSION_MAJOR 0
#define AFIRE_VERSION_MINOR 1
#define AFIRE_VERSION_PATCH 0
#define AFIRE_VERSION "0.1.0"

#ifdef __CUDACC__
#define AFIRE_HD __host__ __device__
#else
#define AFIRE_HD
#endif

// clang warns of every loop of core/lane.hpp that it could not widen, at the line it was inlined into, a user's too: so to the end.
#if defined(__clang__)
#pragma clang diagnostic ignored "-Wpass-failed"
#endif

namespace afire {

using Index = std::ptrdiff_t;         // not `index`: <strings.h> has a function of that name

using index = Index;
}  // namespace afire
