// tests/support/backends.hpp -- every backend of this build with every type it computes in, for cases that all of them must pass
//
//   TEST_CASE_TEMPLATE_DEFINE("a law", On, a_law) { typename On::Backend be;  using T = typename On::Type; ... }
//   TEST_CASE_TEMPLATE_APPLY(a_law, afire_test::Targets);
//
// In a program for a GPU (tests/support/on_device.hpp) the targets are that GPU's alone.
#pragma once
#include <string>
#include <tuple>

#include <afire/backend/reference.hpp>
#ifdef AFIRE_HAVE_EIGEN
#include <afire/backend/eigen.hpp>
#endif
#ifdef AFIRE_HAVE_ONEDNN
#include <afire/backend/onednn.hpp>
#endif
#include <doctest/doctest.h>

namespace afire_test {

using namespace afire;

template <class B, class T>
struct On {
  using Backend = B;
  using Type = T;
};

inline std::string backend_name(Reference const&) { return "Reference"; }

#ifdef AFIRE_TEST_ON_DEVICE
inline std::string backend_name(BothSides const&) { return "Cuda"; }
using WideTargets = std::tuple<On<BothSides, float>>;
using Targets = std::tuple<On<BothSides, float>, On<BothSides, bf16>>;
#endif

// What a float or bf16 result may be away from the same in double, relative to the largest magnitude.
template <class T> constexpr double tolerance = 1e-5;
template <> inline constexpr double tolerance<double> = 1e-12;
template <> inline constexpr double tolerance<bf16> = 1e-2;

#ifndef AFIRE_TEST_ON_DEVICE
#ifdef AFIRE_HAVE_EIGEN
inline std::string backend_name(EigenCpu const&) { return "EigenCpu"; }
using EigenDouble = std::tuple<On<EigenCpu, double>>;
using EigenFloat = std::tuple<On<EigenCpu, float>>;
#else
using EigenDouble = std::tuple<>;
using EigenFloat = std::tuple<>;
#endif
#ifdef AFIRE_HAVE_ONEDNN
inline std::string backend_name(OneDnn const&) { return "OneDnn"; }
using OneDnnFloat = std::tuple<On<OneDnn, float>>;
using OneDnnBf16 = std::tuple<On<OneDnn, bf16>>;
#else
using OneDnnFloat = std::tuple<>;
using OneDnnBf16 = std::tuple<>;
#endif

// Float everywhere; all but the reference in double; everything.
using FloatTargets = decltype(std::tuple_cat(std::tuple<On<Reference, float>>{}, EigenFloat{}, OneDnnFloat{}));
using OtherTargets = decltype(std::tuple_cat(FloatTargets{}, EigenDouble{}, std::tuple<On<Reference, bf16>>{}, OneDnnBf16{}));
using WideTargets = decltype(std::tuple_cat(std::tuple<On<Reference, double>>{}, FloatTargets{}));
using Targets = decltype(std::tuple_cat(std::tuple<On<Reference, double>>{}, OtherTargets{}));
#endif

}  // namespace afire_test

