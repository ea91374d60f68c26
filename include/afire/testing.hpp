// afire/testing.hpp -- all that checks a part of one's own: gradients against differences, tensors against tensors
//
//   #include <afire/testing.hpp>
#pragma once
#include <afire/testing/compare.hpp>
#include <afire/testing/gradcheck.hpp>
