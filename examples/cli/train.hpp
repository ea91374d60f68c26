// examples/cli/train.hpp -- one composition of the program, compiled once for each backend and compute type
//
//   Composition onednn_bf16() { return composition<OneDnn, bf16>("onednn", "bf16"); }
#pragma once
#include <afire/eval/few_labels_on.hpp>
#include <bench/support/gemm_rate.hpp>
#include <examples/cli/any_trainer.hpp>
#include <examples/cli/assemble.hpp>
#include <examples/cli/backend_of.hpp>
#include <examples/cli/composition.hpp>

namespace afire::cli {

// `make(be)` gives a Trainer on a backend that lives beside it.
template <class B, class Make>
AnyTrainer any_trainer(Settings const& s, Make make) {
  struct Owned {
    B be;
    decltype(make(std::declval<B&>())) trainer;
    Owned(Settings const& s, Make make) : be(backend_of<B>(s)), trainer(make(be)) {}
  };
  auto const owned = std::make_shared<Owned>(s, make);
  auto* const t = &owned->trainer;
  AnyTrainer any{.owner = owned, .settings = t->options(), .spoils = any_masking(t->masking()), .parts = {{t->method().config().vit}},
                 .counts = {&t->optimizer().steps()}};
  for_each_saved(*t, [&](std::string const& name, std::vector<Index> const& shape, View<float, 1> values) {
    any.saved.push_back({name, shape, values});
  });
  any.student_tensors = t->method().student_store().count();
  any.memory = any_memory(owned->be);
  any.subject = subject_of(*t), any.untrained = untrained_of(*t), any.sizes = sizes_of(t->method(), t->optimizer().bytes());
  any.calls = {.schedule = [t](Index steps, Index epochs) { t->schedule(steps, epochs); },
               .resume_at = [t](Index step) { t->resume_at(step); },
               .step_count = [t] { return t->step_count(); },
               .total_steps = [t] { return t->total_steps(); },
               .epoch = [t] { return t->epoch(); },
               .step = [t](std::span<Micro<GreyPixels>> micros, Micro<GreyPixels> const* next) { return t->step(micros, next); },
               .painter = [t] { return painter_of(*t); },
               .refresh = [t] { t->refresh(); },
               .teacher_from_student = [t] { t->teacher_from_student(); }};
  return any;
}

template <class B, class T>
AnyTrainer trainer_of(Settings const& s) {
  return with_rule(s, [&](auto rule) {
    using Whole = Trainer<B, T, PerPositionHead, TransformerDecoder, SyntheticLesion, Objective, decltype(rule), Teacher<Ema>,
                          ChosenCheckpointing>;
    return any_trainer<B>(s, [&](B& be) {
      return Whole(be, Compute<T>{}, vit_config(s), head_config(s), decoder_config(s), lesion_config(s), Teacher<Ema>{{s.ema, s.ema_end}},
                   objective_config(s), rule, train_options(s), ChosenCheckpointing{s.recompute});
    });
  });
}

template <class B, class T>
Encoder encoder_of(Settings const& s, Weights const& weights) {
  struct Owned {
    B be;
    ViT<T> vit;
    ParamStore<T> store;
    Arena arena;
    typename ViT<T>::Saved saved;
    Staging staging;
    explicit Owned(Settings const& s) : be(backend_of<B>(s)), vit(vit_config(s)), store(be, vit, Gradients::no) {
      Arena counting;
      plan(counting, s.batch);
      arena = Arena(counting, allocate<std::byte>(be, counting.bytes()));
      plan(arena, s.batch);
    }
    void plan(Arena& a, Index batch) {
      auto const forget = a.forget();
      saved = vit.plan(a, batch);
    }
  };
  auto const owned = std::make_shared<Owned>(s);
  if (weights)
    for (auto& [name, param, offset] : owned->store) {
      std::vector<float> values(static_cast<std::size_t>(param.size()));
      weights(name, View<float, 1>(values.data(), param.size()));
      upload(owned->be, values.data(), param.value);
    }
  else initialise(owned->be, owned->store, static_cast<std::uint64_t>(s.seed));
  refresh(owned->be, owned->store);
  return [owned](View<const unsigned char, 3> films, View<float, 3> tokens) {
    owned->vit.forward(owned->be, owned->staging.films(owned->be, GreyPixels{films, imagenet()}), owned->saved);
    on_host(owned->be, tokens.flat(), [&](View<float, 1> here) {
      copy(owned->be, owned->saved.tokens.flat().slice(0, here.size()), here);
    });
  };
}

template <class B, class T>
double gemm_rate_of(Settings const& s, Index M, Index N, Index K) {
  B be = backend_of<B>(s);
  return bench::gemm_rate<T>(be, M, N, K);
}

// Probes and neighbours on the backend, where that is another machine than the host.
template <class B>
FewLabels few_labels_of(Settings const& s, LabelledFeatures const& train, std::vector<Index> const& rows, View<const float, 2> query,
                        Random random, Index voters) {
  B be = backend_of<B>(s);
  return few_labels(train, rows, query, random, voters, OnBackend{be});
}

template <class B, class T>
Composition composition(char const* backend, char const* dtype) {
  Composition c{backend, dtype, trainer_of<B, T>, encoder_of<B, T>, gemm_rate_of<B, T>};
  if constexpr (!shares_host_memory<B>()) c.few_labels = few_labels_of<B>;
  return c;
}

}  // namespace afire::cli
