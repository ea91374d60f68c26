// afire/train/checkpoint.hpp -- everything a run needs to go on with the same bits, in one safetensors file
//
//   save_checkpoint(trainer, "run/step-00000400.safetensors", {{"config", json}});
//   Metadata about = load_checkpoint(trainer, "run/step-00000400.safetensors");
//
//   student.encoder.blocks.0.attn.qkv.weight ...     masters, in double or float
//   teacher.encoder. ... teacher.head. ...           the averaged weights: what to transfer
//   optimizer.first.<name>, optimizer.second.<name>  moments;   optimizer.steps: how many each tensor has had
//   objective.prototype                              (L, K)
//
// Random numbers need no state: they are functions of the seed in the configuration and the step (core/rng.hpp).
#pragma once
#include <afire/io/safetensors_writer.hpp>
#include <afire/train/trainer.hpp>

namespace afire {

// Calls f(name, shape, view) for every tensor of a checkpoint but optimizer.steps, which comes first, in the order of the file.
template <class Trainer, class F>
void for_each_saved(Trainer& trainer, F f) {
  using S = Accum<typename Trainer::Compute_t>;
  auto& method = trainer.method();
  auto const store = [&](std::string const& prefix, auto& parameters) {
    for (auto& [name, param, offset] : parameters) f(prefix + name, param.shape, param.value);
  };
  store("student.", method.student_store());
  store("teacher.", method.teacher_store());
  auto const moment = [&](std::string const& prefix, Buffer<S>& buffer) {
    if (!buffer) return;
    for (auto& [name, param, offset] : method.student_store())
      if (param.trainable) f(prefix + name, param.shape, buffer.view().slice(offset, param.size()));
  };
  moment("optimizer.first.", trainer.optimizer().first_moment());
  moment("optimizer.second.", trainer.optimizer().second_moment());
  method.objective_state().visit([&](std::string const& name, View<S, 2> x) {
    f("objective." + name, std::vector<Index>{x.rows(), x.cols()}, x.flat());
  });
}

template <class Trainer>
void save_checkpoint(Trainer& trainer, std::string const& path, Metadata metadata = {}, SaveHook told = {}) {
  using S = Accum<typename Trainer::Compute_t>;
  metadata["step"] = std::to_string(trainer.step_count());
  metadata["afire"] = AFIRE_VERSION;
  auto& steps = trainer.optimizer().steps();
  SafetensorsWriter file(path, std::move(metadata), std::move(told));
  // First, because its elements are the largest: each tensor then begins at a multiple of its element's size, as PyTorch's reader wants it.
  file.declare("optimizer.steps", Dtype::i64, {static_cast<Index>(steps.size())});
  for_each_saved(trainer, [&](std::string const& name, std::vector<Index> const& shape, View<S, 1>) {
    file.declare(name, dtype_of<S>(), shape);
  });
  file.write("optimizer.steps", std::vector<std::int64_t>(steps.begin(), steps.end()));
  std::vector<S> host;
  for_each_saved(trainer, [&](std::string const& name, std::vector<Index> const&, View<S, 1> values) {
    host.resize(static_cast<std::size_t>(values.size()));
    download(trainer.backend(), values, host.data());
    file.write(name, host);
  });
  file.commit();
}

// Fills the trainer from a file that must hold just its tensors in its shapes.
template <class Trainer>
Metadata load_checkpoint(Trainer& trainer, std::string const& path) {
  using S = Accum<typename Trainer::Compute_t>;
  SafetensorsFile const file(path);
  Index wanted = 1;
  std::vector<S> host;
  for_each_saved(trainer, [&](std::string const& name, std::vector<Index> const& shape, View<S, 1> values) {
    auto const& stored = file.at(name);
    expects(stored.shape == shape, path, ": ", name, " has the shape ", shape_text(stored.shape), ", this model expects ",
            shape_text(shape), "; resume with the sizes the run was started with");
    host.resize(static_cast<std::size_t>(values.size()));
    file.read(name, View<S, 1>(host.data(), values.size()));
    upload(trainer.backend(), host.data(), values);
    ++wanted;
  });
  auto& steps = trainer.optimizer().steps();
  auto const stored_steps = file.read<std::int64_t>("optimizer.steps");
  expects(stored_steps.size() == steps.size(), path, ": step counts of ", stored_steps.size(), " tensors, this model has ", steps.size());
  steps.assign(stored_steps.begin(), stored_steps.end());
  expects(file.count() == wanted, path, ": holds ", file.count(), " tensors, this model has ", wanted, "; it is another kind of run");
  trainer.refresh();
  trainer.resume_at(static_cast<Index>(std::stoll(file.metadata("step"))));
  return file.metadata();
}

}  // namespace afire
