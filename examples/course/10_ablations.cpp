// Ablations by composition: a part is swapped or left out, and the type that comes out has no more in it than it needs.
//
// prints:
//                          tensors   activations  teacher   loss falls
//   AFiRe                       46     ~1.13 MiB      yes         true
//   contrast only               26     ~0.85 MiB      yes         true
//   restored in lesions         38     ~0.96 MiB       no         true
//   softmax, shared head        46     ~1.12 MiB      yes         true
#include <cstdio>

#include <afire/backend/reference.hpp>
#include <afire/data/loader.hpp>
#include <afire/data/phantom.hpp>
#include <afire/ssl/restoration.hpp>
#include <afire/ssl/token_contrast.hpp>
#include <afire/train/trainer.hpp>

using namespace afire;

// [train]
// Three rounds through 32 films. Whatever is composed, the steps are these.
template <class Trainer>
void train(char const* name, Trainer& trainer) {
  PhantomFilms const films{.count = 32, .seed = 1};
  auto const& vit = trainer.method().config().vit;
  Loader loader(films, trainer.masking(), LoaderOptions{.batch = 8, .side = vit.image, .patch = vit.patch});
  trainer.schedule(loader.steps_per_epoch(), 3);
  double first = 0, last = 0;
  for (Index step = 0; step < trainer.total_steps(); ++step) {
    Batch const& batch = loader.next();
    Micro<GreyPixels> micro{{batch.seen.view(), imagenet()}, {batch.clean.view(), imagenet()}, batch.lesion.view()};
    Terms const terms = trainer.step(std::span(&micro, 1));
    (step == 0 ? first : last) = terms.at("kl") + terms.at("restoration");
  }
  std::printf("%-20s %9td %9.2f MiB %8s %12s\n", name, trainer.method().student_store().count(),
              static_cast<double>(trainer.method().arena().bytes()) / (1 << 20), Trainer::MethodType::needs.teacher ? "yes" : "no",
              last < first ? "true" : "false");
}
// [/train]

int main() {
  Reference cpu{.threads = 1};             // so small a network gains nothing by more
  constexpr ViTConfig vit = checked(ViTConfig{.image = 32, .patch = 8, .channels = 1, .width = 32, .depth = 1, .heads = 2});
  constexpr PerPositionHead head{.hidden = 64, .out = 32, .prototypes = 32};
  constexpr TransformerDecoder decoder{.width = 32, .depth = 1, .heads = 2};
  TrainOptions const options{.batch = 8, .scale_lr = false};
  AdamW const adamw{.lr = 5e-3};

  std::printf("%-20s %9s %13s %8s %12s\n", "", "tensors", "activations", "teacher", "loss falls");
  {  // [afire]
    Trainer trainer{cpu, Compute<float>{}, vit, head, decoder, SyntheticLesion{}, Teacher<Ema>{},
                    TokenContrast{} + 1.0 * Restoration<Everywhere>{}, adamw, options};
    // [/afire]
    train("AFiRe", trainer);
  }
  {  // [contrast]
    Trainer trainer{cpu, Compute<float>{}, vit, head, decoder, SyntheticLesion{}, Teacher<Ema>{}, TokenContrast{}, adamw, options};
    // [/contrast]
    train("contrast only", trainer);
  }
  {  // [lesions]
    Trainer trainer{cpu, Compute<float>{}, vit, head, decoder, SyntheticLesion{}, Teacher<Ema>{}, Restoration<Lesions>{}, adamw, options};
    // [/lesions]
    train("restored in lesions", trainer);
  }
  {  // [softmax]
    Trainer trainer{cpu, Compute<float>{}, vit, SharedHead{.hidden = 64, .out = 32, .prototypes = 32}, decoder, SyntheticLesion{},
                    Teacher<Ema>{}, TokenContrast{Softmax{}} + 1.0 * Restoration<Everywhere>{}, adamw, options};
    // [/softmax]
    train("softmax, shared head", trainer);
  }
}
