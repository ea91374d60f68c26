// examples/cli/fixture_trajectory.hpp -- steps of AFiRe with schedules, clipping, frozen start and teacher beside the numbers of a file
//
//   for (Compared const& c : compare_trajectory<float>(be, file)) puts(report(c.d).c_str());       // columns of the log, final parameters
#pragma once
#include <afire/ssl/masking.hpp>
#include <afire/train/trainer.hpp>
#include <examples/cli/backend_of.hpp>
#include <examples/cli/fixture_step.hpp>

namespace afire::cli {

// A column of the log: the step whose relative difference is the largest.
inline Difference worst_step(std::string const& name, std::vector<double> const& got, std::vector<double> const& want) {
  Difference worst;
  for (std::size_t i = 0; i < got.size(); ++i) {
    auto d = difference("log/" + name, View<const double, 1>(&got[i], 1), View<const double, 1>(&want[i], 1));
    if (d.at = static_cast<Index>(i); i == 0 || worst.worst < d.worst) worst = d;
  }
  worst.size = static_cast<Index>(got.size()), worst.cosine = 1;
  return worst;
}

inline std::vector<std::string> words_of(std::string const& line) {
  std::vector<std::string> all(1);
  for (char const c : line)
    if (c == ',') all.emplace_back();
    else all.back() += c;
  return all;
}

template <class T, class B, class Rule>
std::vector<Compared> compare_trajectory(B& be, SafetensorsFile const& file, Rule rule) {
  AfireFixture const f(file);
  Comparison compared{be, file};
  Index const epochs = f.fact("epochs"), per_epoch = f.fact("steps_per_epoch"), steps = epochs * per_epoch;
  TrainOptions options{.batch = f.batch, .min_lr = f.real("min_lr"), .warmup_epochs = f.real("warmup_epochs"),
                       .weight_decay = f.real("weight_decay"), .weight_decay_end = f.real("weight_decay_end"),
                       .freeze_epochs = f.fact("freeze_epochs", 0), .scale_lr = false};
  options.update = {.clip = Clip::per_tensor, .clip_norm = f.real("clip"), .decay = DecayRule::released};
  Teacher<Ema> const teacher{{.momentum = f.real("momentum")}};
  Trainer trainer{be, Compute<T>{}, f.vit, f.head, f.decoder, Clean{}, teacher, f.objective(), rule, options};
  trainer.schedule(per_epoch, epochs);
  auto& method = trainer.method();
  load_parameters(be, file, "init/student.", method.student_store());
  trainer.teacher_from_student();

  auto const columns = words_of(file.metadata("log_columns"));
  auto const log = file.read<double>("log");
  expects(log.size() == static_cast<std::size_t>(steps) * columns.size(), file.path(), ": log has ", log.size(), " numbers; ", steps,
          " steps of ", columns.size(), " columns are expected");
  std::vector<std::vector<double>> got(columns.size()), want(columns.size());
  for (Index step = 0; step < steps; ++step) {
    auto const clean = f.images("in/clean", step * f.batch), seen = f.images("in/seen", step * f.batch);
    auto const lesion = f.lesion(step * f.batch);
    Micro<ImagePixels<double>> micro{{seen.view()}, {clean.view()}, lesion.view()};
    Terms const terms = trainer.step(std::span(&micro, 1));
    for (std::size_t k = 0; k < columns.size(); ++k) {
      std::string const& name = columns[k] == "grad_norm_before_clip" ? "gradient_norm" : columns[k];
      got[k].push_back(terms.at(name, std::numeric_limits<double>::quiet_NaN()));
      want[k].push_back(log[static_cast<std::size_t>(step) * columns.size() + k]);
    }
  }
  for (std::size_t k = 0; k < columns.size(); ++k) compared.all.push_back({Kind::column, worst_step(columns[k], got[k], want[k])});
  for (auto const& [prefix, store] : {std::pair{"final/student.", &method.student_store()}, {"final/teacher.", &method.teacher_store()}})
    for (auto& [name, param, offset] : *store) {
      if (name.ends_with("weight_g")) continue;
      auto values = fetched(be, param.value);
      if (!std::is_same_v<T, double> && name.ends_with("attn.qkv.bias")) {     // keys' biases have a true gradient of zero: noise
        auto const all = file.read<double>(prefix + name);
        std::size_t const keys = all.size() / 3;
        for (std::size_t i = keys; i < 2 * keys; ++i) values[i] = static_cast<Accum<T>>(all[i]);
      }
      compared.here(Kind::parameter, prefix + name, View<const Accum<T>, 1>(values.data(), values.size()), param.tensors);
    }
  compared(Kind::parameter, "final/prototype", method.objective_state().first.prototypes);
  return compared.all;
}

template <class T, class B>
std::vector<Compared> compare_trajectory(B& be, SafetensorsFile const& file) {
  auto const& kind = file.metadata("optimizer");
  double const lr = AfireFixture(file).real("lr");
  if (kind == "adamw") return compare_trajectory<T>(be, file, AdamW{.lr = lr});
  if (kind == "sgd") return compare_trajectory<T>(be, file, Sgd{.lr = lr});
  expects(kind == "lars", file.path(), ": metadata optimizer is ", quoted(kind), "; adamw, sgd and lars are known");
  return compare_trajectory<T>(be, file, Lars{.lr = lr});
}

template <class B, class T>
std::vector<Compared> compare_fixture(SafetensorsFile const& file, Settings const& s) {
  B be = backend_of<B>(s);
  if (!AfireFixture(file).trajectory) return compare_step<T>(be, file);
  if constexpr (std::is_same_v<T, bf16>)
    throw error(text(file.path(), ": a trajectory is compared in double or f32; bf16 goes its own way from the first rounding on"));
  else return compare_trajectory<T>(be, file);
}

template <class B, class T>
Verifier verifier(char const* backend, char const* dtype) {
  return {backend, dtype, compare_fixture<B, T>, limit<T>};
}

}  // namespace afire::cli
