// Your own parts: a masking, an objective and a backend verb. Each is a struct or a function; none of them knows of the others.
//
// prints:
//   a band of 8 rows: 16 of 64 patches are spoilt
//   the gradient of every tensor agrees with differences to 1e-7: true
//   a step takes 46 products
//   after twenty steps on these films the error is less: true
#include <algorithm>
#include <cmath>
#include <cstdio>

#include <afire/backend/reference.hpp>
#include <afire/data/loader.hpp>
#include <afire/data/phantom.hpp>
#include <afire/ssl/restoration.hpp>
#include <afire/testing/gradcheck.hpp>
#include <afire/train/trainer.hpp>

using namespace afire;

// [masking]
struct DarkBand {                          // as if a collimator had slipped in
  static constexpr float patch_share = 0.5f;
  struct Room {};
  Index height = 8;
  void operator()(Random random,
                  View<const std::uint8_t, 2> clean,     // (S, S)
                  View<std::uint8_t, 2> seen,            // (S, S), written
                  View<std::uint8_t, 2> mask,            // (S, S), written: 0 where nothing was touched
                  Room&) const {
    Index const top = static_cast<Index>(random.bits(0)) % (clean.rows() / height) * height;
    for (Index y = 0; y < clean.rows(); ++y)
      for (Index x = 0; x < clean.cols(); ++x) {
        mask(y, x) = top <= y && y < top + height;
        seen(y, x) = mask(y, x) ? clean(y, x) / 4 : clean(y, x);
      }
  }
};
// [/masking]

// [objective]
// Smooth absolute error: mean of sqrt(d^2 + e^2) - e, d = R - X. Its gradient is d / sqrt(d^2 + e^2): no pixel can shout.
struct AbsoluteError {
  static constexpr Needs needs{.film = true};
  double e = 0.1;

  template <class T>
  struct State {                           // nothing is kept from step to step
    void visit(auto&&) {}
  };
  template <class T>
  State<T> plan(Arena&, Sizes) const { return {}; }

  template <class B, class T, class Pixels>
  double evaluate(B&, State<T>&, Outputs<T> const& out, Micro<Pixels> const& m, Terms& terms, double weight = 1) const {
    Index const L = m.lesion.cols(), P = m.patch;
    double const share = 1 / static_cast<double>(m.films * L * P * P);       // m.films: of the whole step, m.lesion: of this micro-batch
    double sum = 0;
    for (Index b = 0; b < m.lesion.rows(); ++b)
      for (Index j = 0; j < L; ++j)
        for (Index i = 0; i < P * P; ++i) {
          double const d = out.patches(b, 1 + j, i) - m.clean(b, 0, j / m.grid * P + i / P, j % m.grid * P + i % P);
          double const length = std::sqrt(d * d + e * e);
          sum += length - e;
          out.d_patches(b, 1 + j, i) += T(weight * share * d / length);
        }
    terms["absolute"] += sum * share;
    return weight * sum * share;
  }
};
// [/objective]

// [verb]
struct counting_tag : reference_tag {};
struct Counting : Reference {
  using tag = counting_tag;
  Index products = 0;
};
template <class B, class T, class U>
void gemm(counting_tag, B& be, Matrices<const T> a, Matrices<const T> b, Matrices<U> c, GemmOf<T> how) {
  ++be.products;
  gemm(reference_tag{}, be, a, b, c, how);
}
// [/verb]

int main() {
  // [compose]
  Counting cpu;
  cpu.threads = 1;
  constexpr ViTConfig vit = checked(ViTConfig{.image = 32, .patch = 8, .channels = 1, .width = 16, .depth = 1, .heads = 2, .mlp_ratio = 2});
  Trainer trainer{cpu, Compute<double>{}, vit, SharedHead{}, TransformerDecoder{.width = 16, .depth = 1, .heads = 2}, DarkBand{},
                  Teacher<Ema>{}, AbsoluteError{}, AdamW{.lr = 0.01}, TrainOptions{.batch = 4, .warmup_epochs = 0, .scale_lr = false}};
  // [/compose]
  PhantomFilms const films{.count = 4, .seed = 1};
  Loader loader(films, trainer.masking(), LoaderOptions{.batch = 4, .side = vit.image, .patch = vit.patch});
  Batch const& batch = loader.next();
  Micro<GreyPixels> micro{{batch.seen.view(), imagenet()}, {batch.clean.view(), imagenet()}, batch.lesion.view()};
  std::span const micros(&micro, 1);
  auto const spoilt = std::count(batch.lesion.begin(), batch.lesion.end(), 1);
  std::printf("a band of 8 rows: %td of %td patches are spoilt\n", spoilt, batch.lesion.size());

  // [check]
  auto& method = trainer.method();
  GradCheck check;
  check.elements = 1, check.parameters(method.student_store());
  GradReport const report = check([&] { return method.losses(cpu, micros).at("loss"); }, [&] { method.gradients(cpu, micros, {}); });
  // [/check]
  std::printf("the gradient of every tensor agrees with differences to 1e-7: %s\n", report.worst < 1e-7 ? "true" : report.text().c_str());

  fill(cpu, method.student_store().gradients(), 0), cpu.products = 0;
  trainer.schedule(1, 20);
  double const first = trainer.step(micros).at("loss");
  std::printf("a step takes %td products\n", cpu.products);
  for (int step = 1; step < 20; ++step) trainer.step(micros);
  std::printf("after twenty steps on these films the error is less: %s\n",
              method.losses(cpu, micros).at("loss") < first ? "true" : "false");
}
