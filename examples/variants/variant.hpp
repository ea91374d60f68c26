// examples/variants/variant.hpp -- what a variant's own file sees: its backend, and a program around one composition
//
//   int main(int argc, char** argv) {
//     return variant(argc, argv, {.name = "contrast_only", .what = "AFiRe without restoration", .reads = {contrast_options}},
//                    [](auto& be, Settings const& s) { return composed(be, s, head, decoder, masking, teacher, objective); },
//                    [](Beginning const& b) { return Expectations{contrast_begins(b)}; });
//   }
//
// The program takes the options of `afire pretrain`, trains, logs, resumes and reports as it does. Films, log, report and options are
// compiled once, in the support library; here is only the step. --check is what ./run variants calls.
#pragma once
#include <algorithm>
#include <array>
#include <tuple>

#include <examples/variants/shared.hpp>
#include <examples/variants/program.hpp>
#include <examples/cli/train.hpp>

namespace afire::cli {

// A Trainer in float with AdamW and the sizes of the settings; `rate` where --lr says nothing.
template <class B, class Head, class Decoder, class Masking, class TeacherKind, class Objective>
auto composed(B& be, Settings const& s, Head head, Decoder decoder, Masking masking, TeacherKind teacher, Objective objective) {
  using Whole = Trainer<B, float, Head, Decoder, Masking, Objective, AdamW, TeacherKind, ChosenCheckpointing>;
  AdamW const rule{.lr = s.lr > 0 ? s.lr : 5e-4, .b1 = s.beta1, .b2 = s.beta2, .eps = s.eps};
  return Whole(be, Compute<float>{}, vit_config(s), head, decoder, masking, teacher, objective, rule, train_options(s),
               ChosenCheckpointing{s.recompute});
}

template <class To, class T, int Rank>
Tensor<To, Rank> copy_of(View<const T, Rank> x) {
  auto copy = std::apply([](auto... sizes) { return Tensor<To, Rank>(sizes...); }, std::to_array(x.extent));
  std::copy_n(x.data, x.size(), copy.data());
  return copy;
}

// What the networks of a trainer say of a batch.
template <class Whole>
Said said_of(Whole& trainer, Micro<GreyPixels> const& batch) {
  auto& method = trainer.method();
  auto& be = trainer.backend();
  constexpr Needs needs = Whole::MethodType::needs;
  Said said{.map = copy_of<unsigned char>(batch.lesion), .views = method.config().views};
  if constexpr (needs.teacher) {
    method.run_teacher(be, batch.clean);
    if constexpr (needs.scores) said.teacher_scores = copy_of<double>(method.teacher_scores());
    if constexpr (needs.class_scores) said.teacher_class_scores = copy_of<double>(method.teacher_class_scores());
  }
  method.run_student(be, batch.seen, batch.lesion);
  if constexpr (needs.scores) said.scores = copy_of<double>(method.scores());
  if constexpr (needs.class_scores) said.class_scores = copy_of<double>(method.class_scores());
  return said;
}

template <class Make>
int variant(int argc, char** argv, Variant const& about, Make, Expectations (*begins)(Beginning const&)) {
  return run_variant(argc, argv, about,
                     {fastest, "f32", [](Settings const& s) { return any_trainer<Fastest>(s, [&](Fastest& be) { return Make{}(be, s); }); },
                      nullptr, fastest_gemm_rate, about.name},
                     begins, [](Settings const& s, Micro<GreyPixels> const& batch) {
                       auto be = backend_of<Fastest>(s);
                       auto trainer = Make{}(be, s);
                       return said_of(trainer, batch);
                     });
}

}  // namespace afire::cli
