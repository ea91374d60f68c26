// One step of AFiRe, line by line, with the library's parts and without its Method, Trainer or Optimizer's loop around them.
//
// prints:
//   1  the teacher sees the clean films
//   2  prototypes move to its mean: the first step takes all of it
//   3  Sinkhorn makes targets of them; each row adds up to 1.00
//   4  the student sees the spoilt films
//   5  untouched tokens are compared with the targets, the film with the clean one: loss ~4.83
//   6  gradients walk back: through the decoder, the head, the encoder
//   7  the optimiser clips, updates, and averages into the teacher
//   Trainer::step does the same: true
#include <cmath>
#include <cstdio>

#include <afire/backend/reference.hpp>
#include <afire/data/loader.hpp>
#include <afire/data/phantom.hpp>
#include <afire/ssl/restoration.hpp>
#include <afire/train/trainer.hpp>

using namespace afire;

// [networks]
struct Networks {                          // the student; and the teacher, whose decoder nobody asks
  ViT<float> encoder;
  ProjectionHead<float> head;
  Decoder<float> decoder;
  void visit(Names<float> const& names) {
    encoder.visit(names.under("encoder."));
    decoder.visit(names.under("decoder."));
    head.visit(names.under("head."));
  }
};
// [/networks]

int main() {
  Reference cpu{.threads = 1};             // so small a network gains nothing by more
  constexpr ViTConfig vit = checked(ViTConfig{.image = 32, .patch = 8, .channels = 1, .width = 32, .depth = 1, .heads = 2});
  constexpr PerPositionHead head{.hidden = 32, .out = 16, .prototypes = 16};
  constexpr TransformerDecoder small{.width = 32, .depth = 1, .heads = 2};
  Index const batch = 8, L = vit.tokens(), C = vit.width, K = head.prototypes, N = batch * L;

  PhantomFilms const films{.count = 8, .seed = 1};
  Loader loader(films, SyntheticLesion{}, LoaderOptions{.batch = batch, .side = vit.image, .patch = vit.patch});
  Batch const& b = loader.next();
  GreyPixels const clean{b.clean.view(), imagenet()}, seen{b.seen.view(), imagenet()};

  Networks student{ViT<float>(vit), {head, C, L}, {small, vit}}, teacher = student;
  ParamStore<float> weights(cpu, student, Gradients::yes), averages(cpu, teacher, Gradients::no);
  initialise(cpu, weights, 0), initialise(cpu, averages, 0);
  Arena counting;
  auto const plan = [&](Arena& a) {
    return std::tuple{student.encoder.plan(a, batch), student.head.plan(a, batch, L), student.decoder.plan(a, batch)};
  };
  plan(counting);
  Arena arena(counting, allocate<std::byte>(cpu, counting.bytes()));
  auto [encoded, scored, decoded] = plan(arena);
  Tensor<float, 3> patch_tokens(batch, L, C), d_patch_tokens(batch, L, C), d_tokens(batch, 1 + L, C), d_scores(batch, L, K);
  Tensor<float, 3> d_film(batch, 1 + L, vit.patch * vit.patch);
  Tensor<float, 2> sum(L, K), prototypes(L, K), targets(L, K);
  Tensor<float, 1> clusters(K), samples(L), losses(N);
  auto const rows = [&](Tensor<float, 3>& x) { return x.view().as(N, x.view().cols()); };

  // [teacher]
  teacher.encoder.forward(cpu, clean, encoded);
  for_each_row(cpu, N, DropClassToken<float>{encoded.tokens, patch_tokens});
  teacher.head.forward(cpu, rows(patch_tokens), scored);
  std::printf("1  the teacher sees the clean films\n");
  for_each(cpu, L * K, AddOverFilms<float>{scored.scores, sum.view().flat()});
  for_each(cpu, L * K, MovePrototypes<float>{prototypes.view().flat(), sum.view().flat(), 1, static_cast<float>(batch)});
  std::printf("2  prototypes move to its mean: the first step takes all of it\n");
  Sinkhorn{}(cpu, View<const float, 2>(prototypes), targets.view(), clusters.view(), samples.view());
  float row = 0;
  for (Index k = 0; k < K; ++k) row += targets(0, k);
  std::printf("3  Sinkhorn makes targets of them; each row adds up to %.2f\n", row);
  // [/teacher]

  // [student]
  student.encoder.forward(cpu, seen, encoded);
  for_each_row(cpu, N, DropClassToken<float>{encoded.tokens, patch_tokens});
  student.head.forward(cpu, rows(patch_tokens), scored);
  student.decoder.forward(cpu, encoded.tokens, b.lesion, decoded);
  std::printf("4  the student sees the spoilt films\n");
  // [/student]

  // [loss]
  Index normal = 0;
  for (auto changed : b.lesion) normal += !changed;
  double const share = 1 / static_cast<double>(normal), pixel = 1 / static_cast<double>(N * d_film.extent(2));
  for_each_row(cpu, N, TokenContrastRow<float>{scored.scores.as(N, K), targets, b.lesion.view().flat(), rows(d_scores), losses, 10,
                                               static_cast<float>(share)});
  double loss = reduce(cpu, N, ElementSum<float>{losses}) * share;
  for_each_row(cpu, N, RestorationRow<float, GreyPixels>{clean, decoded.patches, b.lesion, d_film, losses, vit.patch, 1, vit.grid(),
                                                         static_cast<float>(2 * pixel), false});
  loss += reduce(cpu, N, ElementSum<float>{losses}) * pixel;
  std::printf("5  untouched tokens are compared with the targets, the film with the clean one: loss %.2f\n", loss);
  // [/loss]

  // [backward]
  student.decoder.backward(cpu, encoded.tokens, b.lesion, d_film, d_tokens.view(), decoded);
  student.head.backward(cpu, rows(patch_tokens), d_scores, rows(d_patch_tokens), scored);
  for_each_row(cpu, N, JoinTokenGradients<float>{d_patch_tokens, d_tokens});
  student.encoder.backward(cpu, d_tokens, encoded);
  std::printf("6  gradients walk back: through the decoder, the head, the encoder\n");
  Optimizer<float, AdamW> optimizer(cpu, weights, averages, AdamW{}, UpdateOptions{});
  double const norm = optimizer.measure(cpu).gradient_norm;
  optimizer.step(cpu, Rates{.lr = 1e-4, .weight_decay = 0.04, .momentum = 0.996}, true);
  std::printf("7  the optimiser clips, updates, and averages into the teacher\n");
  // [/backward]

  Trainer trainer{cpu, Compute<float>{}, vit, head, small, SyntheticLesion{}, Teacher<Ema>{}, TokenContrast{} + 1.0 * Restoration<>{},
                  AdamW{}, TrainOptions{.batch = batch}};
  Micro<GreyPixels> micro{seen, clean, b.lesion.view()};
  Terms const same = trainer.step(std::span(&micro, 1));
  bool const equal = std::fabs(same.at("loss") - loss) < 1e-5 && std::fabs(same.at("gradient_norm") - norm) < 1e-5;
  std::printf("Trainer::step does the same: %s\n", equal ? "true" : "false");
}
