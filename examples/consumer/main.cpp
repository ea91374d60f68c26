// A program of another project, built against an installed afire by the five lines beside it: a vision transformer looks at a drawn film.
//
//   cmake --install build/cpu --prefix ~/afire
//   cmake -S examples/consumer -B consumer -DCMAKE_PREFIX_PATH=~/afire && cmake --build consumer
#include <cstdio>

#include <afire/backend/reference.hpp>
#include <afire/data/phantom.hpp>
#include <afire/nn/vit.hpp>

int main() {
  using namespace afire;
  constexpr ViTConfig config = checked(ViTConfig{.image = 64, .patch = 16, .channels = 1, .width = 32, .depth = 2, .heads = 2});
  Reference cpu;
  ViT<float> vit(config);
  ParamStore<float> store(cpu, vit, Gradients::no);
  initialise(cpu, store, 1);

  Arena counting;
  vit.plan(counting, 1);                                 // a dry run: how much memory will be needed
  Arena arena(counting, allocate<std::byte>(cpu, counting.bytes()));
  auto saved = vit.plan(arena, 1);

  Tensor<std::uint8_t, 3> film(1, 64, 64);
  PhantomFilms{.count = 1}.load(0, film.view().row(0));
  vit.forward(cpu, GreyPixels{film.view(), imagenet()}, saved);
  std::printf("tokens %s\n", shape_text(saved.tokens).c_str());
  return saved.tokens.extent[1] == 1 + config.tokens() ? 0 : 1;
}
