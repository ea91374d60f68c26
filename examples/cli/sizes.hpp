// examples/cli/sizes.hpp -- parameters and memory of a method, by part
//
//   Sizes sizes = sizes_of(method, optimizer.bytes());    // .parameters: {"encoder": 5526528, ..., "all": ...};  .memory: bytes
#pragma once
#include <afire/io/json_value.hpp>

namespace afire::cli {

struct Sizes {
  Json parameters{Json::Object{}}, memory{Json::Object{}};
  Index trainable = 0;
};

template <class Method>
Sizes sizes_of(Method& method, Index optimizer_bytes) {
  Sizes sizes;
  Index all = 0;
  auto const count = [&](std::string const& who, auto& store) {
    for (auto& [name, param, offset] : store) {
      std::string const part = who + name.substr(0, name.find('.'));
      auto const* const before = sizes.parameters.find(part);
      sizes.parameters.set(part, (before ? before->integer() : 0) + param.size());
      all += param.size();
      if (who.empty() && param.trainable) sizes.trainable += param.size();
    }
  };
  count("", method.student_store());
  count("teacher ", method.teacher_store());
  sizes.parameters.set("all", all);
  sizes.memory.set("student: weights, gradients", method.student_store().bytes());
  sizes.memory.set("teacher: weights", method.teacher_store().bytes());
  sizes.memory.set("optimizer", optimizer_bytes);
  for (auto const& part : method.arena().parts()) sizes.memory.set("activations: " + part.name, part.bytes);
  sizes.memory.set("activations: scratch", method.arena().scratch_bytes());
  return sizes;
}

}  // namespace afire::cli
