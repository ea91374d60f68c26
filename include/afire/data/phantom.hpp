// afire/data/phantom.hpp -- frontal chest films that nobody was irradiated for: the built-in source of films, with the truth about each
//
//   A body of drawn measures (phantom_anatomy) becomes thicknesses of soft tissue, lung and bone along the rays (phantom_body,
//   phantom_bones, phantom_vessels), findings change them (phantom_findings), and attenuation makes a film of them (phantom_film).
//   Everything is a function of (seed, row): the same person at any size, and with the same findings or without.
//
//   PhantomFilms films{.count = 500, .seed = 7, .abnormal = 0.5f};      // a source of films, as Films is
//   films.load(row, film);                                             // (S, S) for any S
//   Phantom truth = films.phantom(row, 224);                           // film, regions, ribs, masks and labels
#pragma once
#include <string>

#include <afire/data/phantom_bones.hpp>
#include <afire/data/phantom_film.hpp>
#include <afire/data/phantom_findings.hpp>
#include <afire/data/phantom_frame.hpp>
#include <afire/data/phantom_vessels.hpp>

namespace afire {

struct Phantom {
  Tensor<std::uint8_t, 2> film;           // (S, S)
  Tensor<std::uint8_t, 2> regions;        // (S, S) of phantom::Region
  Tensor<std::uint8_t, 2> ribs;           // (S, S): bit 0 the back of a rib, bit 1 its front; they lie over other regions
  Tensor<std::uint8_t, 3> masks;          // (F, S, S): 1 where a finding shows
  Findings labels;                        // what shows anywhere on the film
};

// The same random numbers give the same person whatever is wanted of him.
inline Phantom draw_phantom(Random random, Findings const& wanted, Index side) {
  using namespace phantom;
  expects(32 <= side && side <= 4096, "phantom: a film of ", side, " pixels a side; 32 to 4096 can be drawn");
  auto const stream = [&](std::uint64_t n) {
    Draws draws(random);
    draws.at = n << 24;
    return draws;
  };
  Draws measures = stream(0), technique = stream(1), lattice = stream(2), details = stream(3), disease = stream(4);
  Anatomy body(measures);
  if (wanted[Finding::cardiomegaly]) enlarge_heart(body, disease);
  Exposure const look(technique, body.portable);
  Pose const pose = look.pose(side, body.height);
  Noise const noise(lattice);
  Pen pen(pose);
  Tissue tissue(side);
  draw_body(body, pose, noise, pen, tissue);
  draw_shadows(body, pose, details, tissue);
  draw_leads(body, details, pen, tissue);
  draw_bones(body, pose, pen, tissue);
  draw_lungs(body, pose, noise, details, pen, tissue);
  Signals const typical = typical_signals(look, tissue);      // of the healthy body: a finding changes the film where it is, nowhere else

  Phantom p{Tensor<std::uint8_t, 2>(side, side), Tensor<std::uint8_t, 2>(side, side), Tensor<std::uint8_t, 2>(side, side),
            Tensor<std::uint8_t, 3>(findings, side, side), {}};
  draw_findings(wanted, body, pose, noise, disease, tissue, p.masks);
  expose(look, pose, typical, random, tissue, p.film);
  frame(look, pose, pen, tissue, p.film);
  std::copy(tissue.region.begin(), tissue.region.end(), p.regions.begin());
  std::copy(tissue.rib.begin(), tissue.rib.end(), p.ribs.begin());
  for (Index f = 0; f < findings; ++f) {
    if (!wanted.present[f]) continue;
    auto const mask = p.masks.view().row(f);
    for (std::size_t i = 0; i < tissue.area(); ++i) {
      if (tissue.region[i] == static_cast<std::uint8_t>(Region::outside)) mask.data[i] = 0;
      if (mask.data[i]) p.labels.present[f] = true;
    }
  }
  return p;
}

struct PhantomFilms {
  Index count = 500;
  std::uint64_t seed = 1;
  float abnormal = 0;                     // share of films with one or two findings

  Index size() const { return count; }
  std::string name(Index row) const { return text("phantom-", seed, "-", row); }

  void load(Index row,
            View<std::uint8_t, 2> film) const {   // (S, S) written
    expects(film.rows() == film.cols(), "phantom: a film is square, not ", shape_text(film));
    Phantom const p = phantom(row, film.rows());
    std::copy(p.film.begin(), p.film.end(), film.begin());
  }

  Phantom phantom(Index row, Index side = 224) const { return draw_phantom(random(row), wanted(row), side); }

  // What is drawn into a film.
  Findings wanted(Index row) const {
    Draws draws(random(row));
    draws.at = std::uint64_t{5} << 24;
    Findings f;
    if (!(draws.uniform() < abnormal)) return f;
    for (int n = draws.uniform() < 0.3f ? 2 : 1; n > 0; --n) f.present[draws.below(findings)] = true;
    return f;
  }

 private:
  Random random(Index row) const {
    expects(0 <= row && row < count, "phantom: no film ", row, "; there are ", count);
    return Random(seed, Purpose::phantom, 0, static_cast<std::uint64_t>(row));
  }
};

}  // namespace afire
