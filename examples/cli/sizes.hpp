// examples/cli/sizes.hpp -- what a method owns and computes, by part: parameters, memory, operations, what its objective keeps
//
//   Sizes sizes = sizes_of(method, optimizer.bytes());    // .parameters: {"encoder": 5526528, ..., "all": ...};  .memory: bytes
//
// A part that a method does not own is not listed.
#pragma once
#include <afire/io/json_value.hpp>
#include <afire/ssl/cost.hpp>

namespace afire::cli {

struct Sizes {
  Json parameters{Json::Object{}}, memory{Json::Object{}}, kept{Json::Object{}};         // kept: shapes, what is saved with a run
  Index trainable = 0;
  Needs needs = {};
  Views views = {};
  StepFlops flops = {};                    // of a step, for one film
};

template <class Method>
Sizes sizes_of(Method& method, Index optimizer_bytes) {
  Sizes sizes{.needs = Method::needs, .views = method.config().views, .flops = step_flops(method)};
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
  auto const takes = [&](std::string const& what, Index bytes) {
    if (bytes > 0) sizes.memory.set(what, bytes);
  };
  takes("student: weights, gradients", method.student_store().bytes());
  takes("teacher: weights", method.teacher_store().bytes());
  takes("optimizer", optimizer_bytes);
  Index scratch = method.arena().bytes();
  for (auto const& part : method.arena().parts()) takes("activations: " + part.name, part.bytes), scratch -= part.bytes;
  takes("activations: scratch", scratch);
  method.objective_state().visit([&](std::string const& name, auto x) { sizes.kept.set(name, json_array({x.rows(), x.cols()})); });
  return sizes;
}

}  // namespace afire::cli
