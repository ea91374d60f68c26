// One step of AFiRe, line by line, with the library's parts and without Method and Trainer around them.
//
// prints:
//   1  the teacher sees the clean films
//   2  prototypes move to its mean: the first step takes all of it
//   3  Sinkhorn makes targets of them
//   4  the student sees the spoilt films
//   5  untouched tokens are compared with the targets, the film with the clean one: loss ~4.83
//   6  gradients walk back: through the decoder, the head, the encoder
//   7  the optimiser clips, updates, and averages into the teacher
//   Trainer::step does the same: true
#include <algorithm>
#include <cmath>
#include <cstdio>

#include <afire/backend/reference.hpp>
#include <afire/data/loader.hpp>
#include <afire/data/phantom.hpp>
#include <afire/ssl/restoration.hpp>
#include <afire/ssl/token_contrast.hpp>
#include <afire/train/trainer.hpp>

using namespace afire;
// [networks]
struct Networks {                          // the student; and the teacher, whose decoder nobody asks
  ViT<float> encoder;
  ProjectionHead<float> head;
  Decoder<float> decoder;
  void visit(Names<float> const& names) {
    encoder.visit(names.under("encoder.")), decoder.visit(names.under("decoder.")), head.visit(names.under("head."));
  }
  auto plan(Arena& a, Index B, Index L) const { return std::tuple{encoder.plan(a, B), head.plan(a, B, L), decoder.plan(a, B)}; }
};
// [/networks]

int main() {
  Reference cpu{.threads = 1};             // so small a network gains nothing by more
  constexpr ViTConfig vit = checked(ViTConfig{.image = 32, .patch = 8, .channels = 1, .width = 32, .depth = 1, .heads = 2});
  PerPositionHead const head{.hidden = 32, .out = 16, .prototypes = 16};
  TransformerDecoder const small{.width = 32, .depth = 1, .heads = 2};
  Index const batch = 8, L = vit.tokens(), P = vit.patch, C = vit.width, K = head.prototypes, N = batch * L;
  PhantomFilms const films{.count = 8, .seed = 1};
  Loader loader(films, SyntheticLesion{}, LoaderOptions{.batch = batch, .side = vit.image, .patch = vit.patch});
  Batch const& b = loader.next();
  GreyPixels const clean{b.clean.view(), imagenet()}, seen{b.seen.view(), imagenet()};
  Networks student{ViT<float>(vit), {head, C, L}, {small, vit}}, teacher = student;
  ParamStore<float> weights(cpu, student, Gradients::yes), averages(cpu, teacher, Gradients::no);
  initialise(cpu, weights, 0), initialise(cpu, averages, 0);
  Arena counting;
  student.plan(counting, batch, L);                      // a dry run
  Arena arena(counting, allocate<std::byte>(cpu, counting.bytes()));
  auto [encoded, scored, decoded] = student.plan(arena, batch, L);
  Tensor<float, 3> patch_tokens(batch, L, C), d_patch_tokens(batch, L, C), d_tokens(batch, 1 + L, C), d_scores(batch, L, K);
  Tensor<float, 3> d_film(batch, 1 + L, P * P);
  Tensor<float, 2> prototypes(L, K), targets(L, K);
  Tensor<float, 1> clusters(K), samples(L);
  auto const rows = [&](Tensor<float, 3>& x) { return x.view().as(N, x.view().cols()); };
  auto const drop_class_tokens = [&] {
    for (Index i = 0; i < batch; ++i) copy(cpu, encoded.tokens.row(i).slice(1, L).flat(), patch_tokens.view().row(i).flat());
  };

  // [teacher]
  teacher.encoder.forward(cpu, clean, encoded);
  drop_class_tokens(), teacher.head.forward(cpu, rows(patch_tokens), scored);
  std::puts("1  the teacher sees the clean films");
  for (Index i = 0; i < batch; ++i)
    for (Index n = 0; n < L * K; ++n) prototypes.data()[n] += scored.scores.row(i).data[n] / static_cast<float>(batch);
  std::puts("2  prototypes move to its mean: the first step takes all of it");
  Sinkhorn{}(cpu, View<const float, 2>(prototypes), targets.view(), clusters.view(), samples.view());
  std::puts("3  Sinkhorn makes targets of them");
  // [/teacher]

  // [student]
  student.encoder.forward(cpu, seen, encoded);
  drop_class_tokens(), student.head.forward(cpu, rows(patch_tokens), scored);
  student.decoder.forward(cpu, encoded.tokens, b.lesion, decoded);
  std::puts("4  the student sees the spoilt films");
  // [/student]

  // [loss]
  auto const normal = static_cast<float>(std::count(b.lesion.begin(), b.lesion.end(), 0)), pixels = static_cast<float>(N * P * P);
  double loss = 0;
  for (Index i = 0; i < batch; ++i)
    for (Index j = 0; j < L; ++j) {
      auto const s = scored.scores.row(i).row(j);
      float sum = 0;                                     // the contrast: - sum_k T log softmax(s / t), untouched tokens only, t = 0.1
      for (Index k = 0; k < K; ++k) sum += std::exp(10 * s(k));
      for (Index k = 0; k < K && !b.lesion(i, j); ++k) {
        loss -= targets(j, k) * (10 * s(k) - std::log(sum)) / normal;
        d_scores(i, j, k) = 10 * (std::exp(10 * s(k)) / sum - targets(j, k)) / normal;
      }
      for (Index p = 0; p < P * P; ++p) {                // the restoration: (R - X)^2, everywhere
        double const x = clean(i, 0, j / vit.grid() * P + p / P, j % vit.grid() * P + p % P);
        float const d = decoded.patches(i, 1 + j, p) - static_cast<float>(x);
        loss += d * d / pixels, d_film(i, 1 + j, p) = 2 * d / pixels;
      }
    }
  std::printf("5  untouched tokens are compared with the targets, the film with the clean one: loss %.2f\n", loss);
  // [/loss]

  // [backward]
  student.decoder.backward(cpu, encoded.tokens, b.lesion, d_film, d_tokens.view(), decoded);
  student.head.backward(cpu, rows(patch_tokens), d_scores, rows(d_patch_tokens), scored);
  for (Index i = 0; i < batch; ++i)
    for (Index n = 0; n < L * C; ++n) d_tokens.data()[(i * (1 + L) + 1) * C + n] += d_patch_tokens.data()[i * L * C + n];
  student.encoder.backward(cpu, d_tokens, encoded);
  std::puts("6  gradients walk back: through the decoder, the head, the encoder");
  Optimizer<float, AdamW> optimizer(cpu, weights, averages, AdamW{}, UpdateOptions{});
  double const norm = optimizer.measure(cpu).gradient_norm;                   // and finds gradients that are no numbers
  optimizer.step(cpu, Rates{.lr = 1e-4, .weight_decay = 0.04, .momentum = 0.996}, true);
  std::puts("7  the optimiser clips, updates, and averages into the teacher");
  // [/backward]

  auto const objective = TokenContrast{} + 1.0 * Restoration<>{};
  Trainer trainer{cpu, Compute<float>{}, vit, head, small, SyntheticLesion{}, Teacher<Ema>{}, objective, AdamW{}, TrainOptions{.batch = 8}};
  Micro<GreyPixels> micro{seen, clean, b.lesion.view()};
  Terms const same = trainer.step(std::span(&micro, 1));
  bool const equal = std::fabs(same.at("loss") / loss - 1) < 1e-5 && std::fabs(same.at("gradient_norm") / norm - 1) < 1e-5;
  std::printf("Trainer::step does the same: %s\n", equal ? "true" : "false");
}
