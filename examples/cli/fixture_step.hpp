// examples/cli/fixture_step.hpp -- one step of AFiRe on a backend in T beside the numbers of a file: losses, outputs, blocks, gradients
//
//   for (Compared const& c : compare_step<float>(be, file)) puts(report(c.d).c_str());
#pragma once
#include <examples/cli/fixture.hpp>
#include <examples/cli/verify.hpp>

namespace afire::cli {

// Comparisons of one file, in their order.
template <class B>
struct Comparison {
  B& be;
  SafetensorsFile const& file;
  std::vector<Compared> all = {};

  // With values of the host.
  template <class T>
  void here(Kind kind, std::string const& name, View<T, 1> got, Index tensors = 1) {
    auto const want = stacked(file, name, tensors);
    auto const* stored = file.find(name);
    all.push_back({kind, difference(name, got, View<const double, 1>(want.data(), want.size())), stored && stored->dtype == Dtype::f32});
  }
  // With what lies in the backend's memory.
  template <class T, int Rank>
  void operator()(Kind kind, std::string const& name, View<T, Rank> got, Index tensors = 1) {
    auto const values = fetched(be, got.flat());
    here(kind, name, View<std::remove_const_t<T> const, 1>(values.data(), got.size()), tensors);
  }
  template <class V>
  void if_there(Kind kind, std::string const& name, V got) {
    if (file.find(name)) (*this)(kind, name, got);
  }
  void number(Kind kind, std::string const& name, double got) { here(kind, name, View<const double, 1>(&got, 1)); }
};
template <class B>
Comparison(B&, SafetensorsFile const&) -> Comparison<B>;

// A module planned in memory of its own.
template <class B, class Module, class Plan>
auto planned_alone(B& be, Module& module, Plan plan) {
  Arena counting;
  plan(module, counting);
  struct Owned {
    Arena arena;
    decltype(plan(module, counting)) saved;
  };
  Arena arena(counting, allocate<std::byte>(be, counting.bytes()));
  auto saved = plan(module, arena);
  return Owned{std::move(arena), std::move(saved)};
}

// Block outputs and the like: the student's modules one after the other.
template <class T, class B>
void compare_between(B& be, AfireFixture const& f, Comparison<B>& compared) {
  Index const L = f.vit.tokens(), C = f.vit.width;
  auto const seen = f.images("in/seen");
  auto const lesion = f.lesion();
  Staging staging;
  auto const blocks = [&](std::string const& part, auto const& x) {
    for (std::size_t i = 1; i < x.size(); ++i)
      compared.if_there(Kind::between, text("mid/student.", part, ".blocks.", i - 1, ".out"), x[i]);
  };
  ViT<T> encoder(f.vit);
  ParamStore<T> encoder_store(be, encoder, Gradients::no);
  load_parameters(be, f.file, "student.encoder.", encoder_store);
  auto e = planned_alone(be, encoder, [&](auto& m, Arena& a) { return m.plan(a, f.batch); });
  encoder.forward(be, staging.films(be, ImagePixels<double>{seen.view()}), e.saved);
  blocks("encoder", e.saved.x);
  compared.if_there(Kind::between, "mid/student.encoder.out", e.saved.tokens);

  Decoder<T> decoder(f.decoder, f.vit);
  ParamStore<T> decoder_store(be, decoder, Gradients::no);
  load_parameters(be, f.file, "student.decoder.", decoder_store);
  auto d = planned_alone(be, decoder, [&](auto& m, Arena& a) { return m.plan(a, f.batch); });
  decoder.forward(be, e.saved.tokens, staging.map(be, lesion.view()), d.saved);
  blocks("decoder", d.saved.x);

  ProjectionHead<T> head(f.head, C, L);
  ParamStore<T> head_store(be, head, Gradients::no);
  load_parameters(be, f.file, "student.head.", head_store);
  auto h = planned_alone(be, head, [&](auto& m, Arena& a) { return m.plan(a, f.batch, L); });
  auto const tokens = allocate<T>(be, f.batch * L * C);
  for_each_row(be, f.batch * L, DropClassToken<T>{e.saved.tokens, tokens.view().as(f.batch, L, C)});
  head.forward(be, tokens.view().as(f.batch * L, C), h.saved);
  compared.if_there(Kind::between, "mid/student.head.mlp.out", h.saved.mlp);
}

// The objective alone, from the stored outputs: its gradient at both of them.
template <class T, class B>
void compare_objective(B& be, AfireFixture const& f, Comparison<B>& compared) {
  using S = Accum<T>;
  auto const objective = AfireFixture::objective();
  Index const L = f.vit.tokens(), K = f.head.prototypes, batch = f.batch, pixels = f.vit.patch * f.vit.patch * f.vit.channels;
  auto const clean = f.images("in/clean");
  auto const lesion = f.lesion();
  Index lesions = 0;
  for (unsigned char const l : lesion) lesions += l;
  auto run = planned_alone(be, objective, [&](auto& o, Arena& a) { return o.template plan<T>(a, {batch, L, K}); });
  auto& state = run.saved;
  Buffer<S> const both_scores = allocate<S>(be, 2 * batch * L * K);
  Buffer<T> const both_patches = allocate<T>(be, 2 * batch * (1 + L) * pixels);
  auto const half = [&](auto const& both, Index which) { return both.view().slice(which * both.size() / 2, both.size() / 2); };
  auto const scores = half(both_scores, 0).as(batch, L, K), d_scores = half(both_scores, 1).as(batch, L, K);
  auto const patches = half(both_patches, 0).as(batch, 1 + L, pixels), d_patches = half(both_patches, 1).as(batch, 1 + L, pixels);
  auto const stored = [&](std::string const& name, auto to) { fill_from(be, name, f.file.template read<double>(name), to.flat()); };
  stored("in/prototype", state.first.prototypes);
  stored("out/teacher_scores", scores);
  objective.observe(be, state, View<const S, 3>(scores));
  objective.settle(be, state, Moment{.epoch = f.epoch, .step = 1000 * f.epoch, .films = batch});
  stored("out/student_scores", scores);
  f.patched(be, f.file.template read<double>("out/restored"), patches);
  Micro<ImagePixels<double>> micro{{clean.view()}, {clean.view()}, lesion.view()};
  micro.patch = f.vit.patch, micro.channels = f.vit.channels, micro.grid = f.vit.grid();
  micro.films = batch, micro.normal = batch * L - lesions, micro.lesions = lesions;
  Terms terms;
  Staging staging;
  objective.evaluate(be, state, Outputs<T>{scores, patches, d_scores, d_patches}, staging.micro(be, std::span(&micro, 1), 0), terms);
  compared(Kind::gradient, "grad_out/student_scores", d_scores);
  compared.here(Kind::gradient, "grad_out/restored", f.unpatched(be, d_patches).view().flat());
}

template <class T, class B>
std::vector<Compared> compare_step(B& be, SafetensorsFile const& file) {
  AfireFixture const f(file);
  Comparison compared{be, file};
  using Whole = Method<T, PerPositionHead, TransformerDecoder, decltype(f.objective())>;
  Whole method(be, {f.vit, f.head, f.decoder, f.objective()}, f.batch);
  load_parameters(be, file, "student.", method.student_store());
  load_parameters(be, file, "teacher.", method.teacher_store());
  auto& contrast = method.objective_state().first;
  fill_from(be, "in/prototype", file.read<double>("in/prototype"), contrast.prototypes.flat());

  auto const clean = f.images("in/clean"), seen = f.images("in/seen");
  auto const lesion = f.lesion();
  Micro<ImagePixels<double>> micro{{seen.view()}, {clean.view()}, lesion.view()};
  Terms const terms = method.gradients(be, std::span(&micro, 1), Moment{.epoch = f.epoch, .step = f.epoch * 1000});
  for (char const* name : {"loss", "contrast", "restoration"}) compared.number(Kind::loss, std::string("out/") + name, terms.at(name));
  std::vector<double> const lesions(lesion.begin(), lesion.end());
  compared.here(Kind::output, "out/lesion", View<const double, 1>(lesions.data(), lesions.size()));
  compared(Kind::output, "out/student_scores", method.scores());
  compared.here(Kind::output, "out/restored", f.unpatched(be, method.patches()).view().flat());
  compared(Kind::output, "out/prototype", contrast.prototypes);
  compared(Kind::output, "out/assignment", contrast.targets);
  auto const before_teacher = compared.all.size();
  for (auto& [name, param, offset] : method.student_store())
    if (param.trainable) compared(Kind::gradient, "grad." + name, param.grad, param.tensors);
  auto const encoded = method.encode(be, micro.clean);
  compared.if_there(Kind::between, "mid/teacher.encoder.out", encoded);
  compared(Kind::output, "out/teacher_scores", method.teacher_scores());
  compare_between<T>(be, f, compared);
  std::rotate(compared.all.begin() + static_cast<Index>(before_teacher),               // gradients last
              std::find_if(compared.all.begin() + static_cast<Index>(before_teacher), compared.all.end(),
                           [](Compared const& c) { return c.kind != Kind::gradient; }),
              compared.all.end());
  compare_objective<T>(be, f, compared);
  return compared.all;
}

}  // namespace afire::cli
