// Where a label comes from: a classifier learns whether a film has a bright spot, and Grad-CAM says where it looked. No place was taught.
//
// prints:
//   of 32 films that it has not seen, at least 30 are told right: true
//   the map's brightest point lies in the spot in at least 6 of 16 films: true
//   by chance that would be 1 of 16
#include <algorithm>
#include <cstdio>

#include <afire/backend/reference.hpp>
#include <afire/data/phantom.hpp>
#include <afire/eval/grad_cam.hpp>
#include <afire/op/label_loss.hpp>
#include <afire/train/optimizer.hpp>

using namespace afire;

constexpr ViTConfig vit = checked(ViTConfig{.image = 32, .patch = 8, .channels = 1, .width = 32, .depth = 2, .heads = 2});
constexpr Index B = 32, S = vit.image, P = vit.patch;

// Films of chests; every second one has a spot, a patch that is brighter than the chest there.
struct SpottedFilms {
  Tensor<unsigned char, 3> films{B, S, S};               // (B, S, S)
  Tensor<int, 1> spotted{B};                             // (B): 0 or 1
  Tensor<Index, 1> place{B};                             // (B): which patch
  explicit SpottedFilms(std::uint64_t seed) {
    PhantomFilms const chests{.count = B, .seed = seed};
    Draws draws(Random(seed, Purpose::augment));
    for (Index b = 0; b < B; ++b) {
      chests.load(b, films.view().row(b));
      place(b) = draws.below(static_cast<std::uint32_t>(vit.tokens())), spotted(b) = b % 2 == 1;
      if (!spotted(b)) continue;
      Index const top = place(b) / vit.grid() * P, left = place(b) % vit.grid() * P;
      for (Index y = top; y < top + P; ++y)
        for (Index x = left; x < left + P; ++x) films(b, y, x) = static_cast<unsigned char>(std::min(255, films(b, y, x) + 90));
    }
  }
};

struct NoTeacher {
  void visit(auto const&) {}
};

int main() {
  Reference cpu{.threads = 1};
  // [model]
  // Two logits of the mean of all patches: what is told apart is the whole film.
  Classifier<float> model({.vit = vit, .classes = 2, .pooling = Pooling::mean});
  ParamStore<float> store(cpu, model, Gradients::yes);
  initialise(cpu, store, 1);
  // [/model]
  NoTeacher nobody;
  ParamStore<float> none(cpu, nobody, Gradients::no);
  Optimizer<float, AdamW> optimizer(cpu, store, none, AdamW{}, UpdateOptions{});
  Arena counting;
  model.plan(counting, B);
  Arena arena(counting, allocate<std::byte>(cpu, counting.bytes()));
  auto saved = model.plan(arena, B);

  // [learn]
  Tensor<float, 1> losses(B);
  for (std::uint64_t step = 0; step < 150; ++step) {
    SpottedFilms const batch(100 + step);
    model.forward(cpu, GreyPixels{batch.films.view(), imagenet()}, saved);
    hard_cross_entropy(cpu, saved.logits, batch.spotted.view(), 0, saved.d_logits, losses.view());
    model.backward(cpu, saved);
    optimizer.measure(cpu);
    optimizer.step(cpu, Rates{.lr = 2e-3, .weight_decay = 0.01, .momentum = 1}, false);
  }
  // [/learn]

  SpottedFilms const unseen(1);
  model.forward(cpu, GreyPixels{unseen.films.view(), imagenet()}, saved);
  Index right = 0;
  for (Index b = 0; b < B; ++b) right += (saved.logits(b, 1) > saved.logits(b, 0)) == (unseen.spotted(b) == 1);
  std::printf("of %td films that it has not seen, at least 30 are told right: %s\n", B, right >= 30 ? "true" : "false");

  // [where]
  // Class 1 is "a spot". Behind the last block the patches have only their mean in common; in front of it they still differ.
  GradCam const cam = grad_cam(cam_tokens(cpu, model, 1, CamLayer::last_norm1, saved), vit);
  Index found = 0;
  for (Index b = 1; b < B; b += 2) {
    auto const map = cam.map.view().row(b);              // (S, S) of 0 ... 1
    Index const peak = std::max_element(map.data, map.data + map.size()) - map.data, y = peak / S, x = peak % S;
    found += y / P * vit.grid() + x / P == unseen.place(b);
  }
  // [/where]
  std::printf("the map's brightest point lies in the spot in at least 6 of %td films: %s\n", B / 2, found >= 6 ? "true" : "false");
  std::printf("by chance that would be 1 of %td\n", vit.tokens());
}
