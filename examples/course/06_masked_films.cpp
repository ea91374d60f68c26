// Learning by restoring: three patches of four are hidden, and the network has to paint them. Ten steps on drawn films.
//
// prints:
//   768 of 1024 pixels are hidden
//   no teacher, no head: 38 tensors of encoder and decoder
//   step  1   loss ~2.03
//   step  2   loss ~1.65
//   step  3   loss ~1.42
//   step  4   loss ~1.27
//   step  5   loss ~1.19
//   step  6   loss ~1.26
//   step  7   loss ~1.20
//   step  8   loss ~1.24
//   step  9   loss ~1.28
//   step 10   loss ~1.10
//   a third of the error is gone: true
#include <algorithm>
#include <cstdio>
#include <vector>

#include <afire/backend/reference.hpp>
#include <afire/data/loader.hpp>
#include <afire/data/phantom.hpp>
#include <afire/ssl/restoration.hpp>
#include <afire/train/trainer.hpp>

using namespace afire;

// [masking]
// A masking writes what the student sees, and what of it was changed. This one draws patches as one draws cards, and greys them.
struct HidePatches {
  static constexpr float patch_share = 0;                // a patch counts as changed when any pixel is
  struct Room { std::vector<Index> cards; };             // memory that is kept from film to film
  Index patch = 8;
  double share = 0.75;

  void operator()(Random random,
                  View<const std::uint8_t, 2> clean,     // (S, S)
                  View<std::uint8_t, 2> seen,            // (S, S), written
                  View<std::uint8_t, 2> mask,            // (S, S), written: 0 where nothing was touched
                  Room& room) const {
    Index const across = clean.cols() / patch, L = across * across;
    auto& cards = room.cards;
    cards.resize(static_cast<std::size_t>(L));
    for (Index j = 0; j < L; ++j) cards[static_cast<std::size_t>(j)] = j;
    Draws draws(random);
    for (auto i = static_cast<std::uint32_t>(L); i > 1; --i) std::swap(cards[i - 1], cards[draws.below(i)]);
    std::copy(clean.begin(), clean.end(), seen.begin());
    std::fill(mask.begin(), mask.end(), std::uint8_t{0});
    for (Index n = 0; n < static_cast<Index>(share * static_cast<double>(L)); ++n) {
      Index const j = cards[static_cast<std::size_t>(n)], top = j / across * patch, left = j % across * patch;
      for (Index y = top; y < top + patch; ++y)
        for (Index x = left; x < left + patch; ++x) seen(y, x) = 128, mask(y, x) = 1;
    }
  }
};
// [/masking]

int main() {
  // [compose]
  // Hidden patches become mask tokens in front of the decoder, and the loss looks at them alone. (MAE also spares the encoder the
  // hidden patches; here it sees them grey.)
  Reference cpu{.threads = 1};             // so small a network gains nothing by more
  constexpr ViTConfig vit = checked(ViTConfig{.image = 32, .patch = 8, .channels = 1, .width = 32, .depth = 1, .heads = 2});
  Trainer trainer{cpu, Compute<float>{}, vit, SharedHead{}, TransformerDecoder{.width = 32, .depth = 1, .heads = 2},
                  HidePatches{}, Teacher<Ema>{}, Restoration<Lesions>{}, AdamW{.lr = 0.01},
                  TrainOptions{.batch = 8, .warmup_epochs = 0, .scale_lr = false}};
  // [/compose]

  Tensor<std::uint8_t, 2> clean(32, 32), seen(32, 32), mask(32, 32);
  HidePatches::Room room;
  trainer.masking()(Random(1, Purpose::masking), clean, seen, mask, room);
  std::printf("%td of %td pixels are hidden\n", std::count(mask.begin(), mask.end(), 1), mask.size());
  std::printf("no teacher, no head: %td tensors of encoder and decoder\n", trainer.method().student_store().count());

  // [loop]
  // Ten rounds through eight films, each time with other patches hidden.
  PhantomFilms const films{.count = 8, .seed = 1};
  Loader loader(films, trainer.masking(), LoaderOptions{.batch = 8, .side = vit.image, .patch = vit.patch});
  trainer.schedule(loader.steps_per_epoch(), 10);
  double loss = 0, first = 0;
  for (Index step = 1; step <= trainer.total_steps(); ++step) {
    Batch const& batch = loader.next();
    Micro<GreyPixels> micro{{batch.seen.view(), imagenet()}, {batch.clean.view(), imagenet()}, batch.lesion.view()};
    loss = trainer.step(std::span(&micro, 1)).at("loss");
    std::printf("step %2td   loss %.2f\n", step, loss);
    if (step == 1) first = loss;
  }
  // [/loop]
  std::printf("a third of the error is gone: %s\n", loss < first * 2 / 3 ? "true" : "false");
}
