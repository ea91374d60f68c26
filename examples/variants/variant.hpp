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
#include <examples/variants/shared.hpp>
#include <examples/variants/program.hpp>
#include <examples/cli/train.hpp>

namespace afire::cli {

// A Trainer in float with AdamW and the sizes of the settings; `rate` where --lr says nothing.
template <class B, class Head, class Decoder, class Masking, class TeacherKind, class Objective>
auto composed(B& be, Settings const& s, Head head, Decoder decoder, Masking masking, TeacherKind teacher, Objective objective) {
  using Whole = Trainer<B, float, Head, Decoder, Masking, Objective, AdamW, TeacherKind>;
  AdamW const rule{.lr = s.lr > 0 ? s.lr : 5e-4, .b1 = s.beta1, .b2 = s.beta2, .eps = s.eps};
  return Whole(be, Compute<float>{}, vit_config(s), head, decoder, masking, teacher, objective, rule, train_options(s));
}

template <class Make>
int variant(int argc, char** argv, Variant const& about, Make, Expectations (*begins)(Beginning const&)) {
  return run_variant(argc, argv, about,
                     {fastest, "f32", [](Settings const& s) { return any_trainer<Fastest>(s, [&](Fastest& be) { return Make{}(be, s); }); },
                      nullptr, nullptr, about.name},
                     begins);
}

}  // namespace afire::cli
