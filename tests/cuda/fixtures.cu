// needs a GPU to run: the fixtures of PyTorch and timm on the device, by the bodies that hold the CPU's backends to them: in float (never
// TF32) outputs to 1e-5 and gradients to 5e-5, a step of AFiRe in bf16 too (losses to 1 %, cosines of gradients from 0.99).
#include "tests/support/on_device.hpp"

#include "tests/fixture/afire_step.cpp"
#include "tests/fixture/afire_trajectory.cpp"
#include "tests/fixture/objectives.cpp"
#include "tests/fixture/ops.cpp"
#include "tests/fixture/parts.cpp"
#include "tests/fixture/vit_timm.cpp"
