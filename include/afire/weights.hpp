// afire/weights.hpp -- everyone's weights: safetensors and .pth files, the layouts of other projects, and their way into a model
//
//   #include <afire/weights.hpp>
#pragma once
#include <afire/io/differences.hpp>
#include <afire/io/layout.hpp>
#include <afire/io/layout_names.hpp>
#include <afire/io/layout_weights.hpp>
#include <afire/io/pickle.hpp>
#include <afire/io/pickle_value.hpp>
#include <afire/io/pth.hpp>
#include <afire/io/pth_legacy.hpp>
#include <afire/io/pth_tensor.hpp>
#include <afire/io/tensor_file.hpp>
#include <afire/io/weight.hpp>
#include <afire/io/zip.hpp>
#include <afire/train/fit_weights.hpp>
#include <afire/train/model_of_weights.hpp>
