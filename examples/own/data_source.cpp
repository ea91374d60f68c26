// Your own source of films: pictures that are in memory already, of any size.
//
// prints:
//   3 films of 40 x 60 pixels become batches of (2, 32, 32)
//   an epoch is 1 step of 2 films, and the next one takes other films: true
//   the gradient of a method on them agrees with differences to 1e-7: true
#include <algorithm>
#include <cstdio>
#include <vector>

#include <afire/backend/reference.hpp>
#include <afire/data/image.hpp>
#include <afire/data/resize.hpp>
#include <afire/nn/linear_decoder.hpp>
#include <afire/ssl/restoration.hpp>

#include "gradient.hpp"

using namespace afire;

// [source]
struct FilmsInMemory {
  std::vector<Film> films;

  Index size() const { return static_cast<Index>(films.size()); }
  void load(Index row,                                   // several threads at once: const
            View<std::uint8_t, 2> film) const {          // (S, S), written
    Resizer<std::uint8_t>{Filter::bilinear}(films[static_cast<std::size_t>(row)].plane(), film);
  }
};
// [/source]

int main() {
  FilmsInMemory mine;
  for (int n = 0; n < 3; ++n) {
    Film film(40, 60);
    for (int i = 0; i < 40 * 60; ++i) film.pixels[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(50 * n + i * i % 97);
    mine.films.push_back(film);
  }
  Loader loader(mine, Clean{}, LoaderOptions{.batch = 2, .side = 32, .patch = 8});
  std::vector<Index> seen[2];
  for (auto& rows : seen) {
    Batch const& batch = loader.next();
    rows = batch.rows;
    Tensor<std::uint8_t, 2> film(32, 32);
    mine.load(rows[1], film.view());
    if (!std::equal(film.begin(), film.end(), batch.clean.view().row(1).begin())) return 1;
    if (&rows == seen) std::printf("3 films of 40 x 60 pixels become batches of %s\n", shape_text(batch.clean.view()).c_str());
  }
  std::printf("an epoch is %td step of 2 films, and the next one takes other films: %s\n", loader.steps_per_epoch(),
              seen[0] != seen[1] ? "true" : "false");
  Reference cpu{.threads = 1};
  Trainer trainer{cpu, Compute<double>{}, four_patches, NoHead{}, LinearDecoder{}, Clean{}, NoTeacher{}, Restoration<>{}, AdamW{},
                  TrainOptions{.batch = 2}};
  std::printf("the gradient of a method on them agrees with differences to 1e-7: %s\n", gradient_agrees(cpu, trainer, 1e-7, mine).c_str());
}
