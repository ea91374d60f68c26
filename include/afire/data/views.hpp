// afire/data/views.hpp -- several views of one film: random crops, each as another machine would have shown it
//
//   TwoCrops views;                                          // SimCLR, MoCo v3, VICReg ...: two crops from one range of sizes
//   MultiCrop views{.locals = 8};                            // DINO, SwAV: two large crops, which the teacher sees too, and small parts
//   SmallCrops{MultiCrop{}, 96}                              // those with fewer pixels too (ssl/small_crops.hpp)
//   MaskedViews{TwoCrops{}, SyntheticLesion{}}               // each view spoilt further: iBOT's masks, lesions
//   SeenCrop                                                 // no views: the film is cropped for the student alone
//
//   Crop where = views.view(random, v, film, clean, seen, mask, room);         // view v of 0 ... views.count() - 1, at the size of `clean`
//   views.crop(random, v, H, W) == where                                       // again at any time: a function of the same random numbers
//
// A view is a masking with one argument more, so loaders take either. Here clean and seen are the same crop, and mask is 0.
#pragma once
#include <cstring>

#include <afire/core/tensor.hpp>
#include <afire/data/crop.hpp>
#include <afire/data/intensity.hpp>

namespace afire {

struct ViewRoom {                          // memory that is kept from film to film
  CropRoom crop;
  IntensityRoom intensity;
};

namespace viewing {

// The random numbers of view v.
inline Draws draws_of(Random random, Index v) { return Draws(random.to(Purpose::augment).part(static_cast<std::uint32_t>(v))); }

// Crops and changes a film for view v: clean and seen are the same, nothing is marked; returns where the crop was.
inline Crop make(Random random, Index v, RandomCrop const& crops, Intensity const& intensity, View<const std::uint8_t, 2> film,
                 View<std::uint8_t, 2> clean, View<std::uint8_t, 2> seen, View<std::uint8_t, 2> mask, ViewRoom& room) {
  expects(same_shape(clean, seen) && same_shape(clean, mask), "views: clean is ", shape_text(clean), ", seen ", shape_text(seen), ", mask ",
          shape_text(mask), "; they must be of one size");
  Draws draws = draws_of(random, v);
  Crop const crop = crops.draw(draws, film.rows(), film.cols());
  take_crop(film, crop, clean, room.crop);
  intensity(draws, clean, room.intensity);
  std::memcpy(seen.data, clean.data, static_cast<std::size_t>(clean.size()));
  std::memset(mask.data, 0, static_cast<std::size_t>(mask.size()));
  return crop;
}

}  // namespace viewing

struct TwoCrops {
  RandomCrop crops = {.turn = 5};          // 0.2 ... 1 of the film
  Intensity intensity = {};
  static constexpr float patch_share = 0;
  using Room = ViewRoom;

  void validate() const { crops.validate(), intensity.validate(); }
  Index count() const { return 2; }        // all of which a teacher sees
  Index teacher_count() const { return 2; }
  Crop crop(Random random, Index v, Index rows, Index cols) const {
    Draws draws = viewing::draws_of(random, v);
    return crops.draw(draws, rows, cols);
  }
  Crop view(Random random, Index v, View<const std::uint8_t, 2> film,      // (H, W)
            View<std::uint8_t, 2> clean,                                   // (S, S) written
            View<std::uint8_t, 2> seen,                                    // (S, S) written: the same
            View<std::uint8_t, 2> mask,                                    // (S, S) written: zeros
            Room& room) const {
    return viewing::make(random, v, crops, intensity, film, clean, seen, mask, room);
  }
};

struct MultiCrop {
  RandomCrop global = {.smallest = 0.4, .turn = 5};
  RandomCrop local = {.smallest = 0.05, .largest = 0.4, .turn = 5};
  Index locals = 8;
  Intensity intensity = {};
  static constexpr float patch_share = 0;
  using Room = ViewRoom;

  void validate() const {
    global.validate(), local.validate(), intensity.validate();
    expects(0 <= locals && locals <= 1000, "multi-crop: ", locals, " small crops; 0 ... 1000 are possible");
  }
  Index count() const { return 2 + locals; }
  Index teacher_count() const { return 2; }
  Crop crop(Random random, Index v, Index rows, Index cols) const {
    Draws draws = viewing::draws_of(random, v);
    return range(v).draw(draws, rows, cols);
  }
  Crop view(Random random, Index v, View<const std::uint8_t, 2> film,      // (H, W)
            View<std::uint8_t, 2> clean,                                   // (S, S) written
            View<std::uint8_t, 2> seen,                                    // (S, S) written: the same
            View<std::uint8_t, 2> mask,                                    // (S, S) written: zeros
            Room& room) const {
    return viewing::make(random, v, range(v), intensity, film, clean, seen, mask, room);
  }

 private:
  RandomCrop const& range(Index v) const { return v < 2 ? global : local; }
};

// What `Masking` does, in every view: `clean` stays the crop, `seen` is spoilt.
template <class Views, class Masking>
struct MaskedViews {
  Views views = {};
  Masking masking = {};
  float patch_share = masking.patch_share;
  struct Room {
    typename Views::Room views;
    typename Masking::Room masking;
  };

  void validate() const { validated(views), validated(masking); }
  Index count() const { return views.count(); }
  Index teacher_count() const { return views.teacher_count(); }
  Crop crop(Random random, Index v, Index rows, Index cols) const { return views.crop(random, v, rows, cols); }
  Crop view(Random random, Index v, View<const std::uint8_t, 2> film, View<std::uint8_t, 2> clean, View<std::uint8_t, 2> seen,
            View<std::uint8_t, 2> mask, Room& room) const {
    Crop const where = views.view(random, v, film, clean, seen, mask, room.views);
    masking(random.part(static_cast<std::uint32_t>(v)), clean, seen, mask, room.masking);
    return where;
  }
};
template <class Views, class Masking>
MaskedViews(Views, Masking) -> MaskedViews<Views, Masking>;

// A masking: the student sees a crop, the teacher the film, and nothing counts as touched. What AFiRe does with lesions, with what breaks
// the match of places.
struct SeenCrop {
  TwoCrops views = {};
  static constexpr float patch_share = 0;
  struct Room {
    ViewRoom views;
    Tensor<std::uint8_t, 2> crop;
  };
  void validate() const { views.validate(); }

  void operator()(Random random, View<const std::uint8_t, 2> clean,        // (S, S)
                  View<std::uint8_t, 2> seen,                              // (S, S) written
                  View<std::uint8_t, 2> mask,                              // (S, S) written: zeros
                  Room& room) const {
    if (!same_shape(room.crop.view(), seen)) room.crop = Tensor<std::uint8_t, 2>(seen.rows(), seen.cols());
    views.view(random, 0, clean, room.crop.view(), seen, mask, room.views);
  }
  void operator()(Random random, View<const std::uint8_t, 2> clean, View<std::uint8_t, 2> seen, View<std::uint8_t, 2> mask) const {
    Room room;
    (*this)(random, clean, seen, mask, room);
  }
};

// A film as it is, spoilt as its views would be: for restoring and judging it.
template <class Masking>
void spoil_film(Masking const& m, Random random, View<const std::uint8_t, 2> clean,       // (S, S)
                View<std::uint8_t, 2> seen,                                                 // (S, S) written
                View<std::uint8_t, 2> mask) {                                               // (S, S) written
  if constexpr (requires { m(random, clean, seen, mask); }) {
    m(random, clean, seen, mask);
  } else if constexpr (requires(typename Masking::Room room) { m(random, clean, seen, mask, room); }) {
    typename Masking::Room room;
    m(random, clean, seen, mask, room);
  } else if constexpr (requires { m.masking; }) {
    spoil_film(m.masking, random, clean, seen, mask);
  } else {
    std::memcpy(seen.data, clean.data, static_cast<std::size_t>(clean.size()));
    std::memset(mask.data, 0, static_cast<std::size_t>(mask.size()));
  }
}

}  // namespace afire
