// afire/ssl/fits.hpp -- which parts of a method go with which, said when it is compiled
//
//   static_assert(parts_fit<needs, Head, Decoder, Sight, Teacher>());      // the first misfit is a sentence that names what to add
//   static_assert(views_fit<Objective, Masking>());
#pragma once
#include <afire/ssl/networks.hpp>
#include <afire/ssl/teacher.hpp>

namespace afire {

template <Needs needs, class Head, class Decoder, class Sight, class TeacherKind>
consteval bool parts_fit() {
  static_assert(!(needs.teacher && needs.scores) || is_teacher<TeacherKind>,
                "afire: TokenContrast needs patch tokens of a teacher; this method has none: add Teacher<Ema>");
  static_assert(!(needs.teacher && needs.class_scores) || is_teacher<TeacherKind>,
                "afire: this objective needs a teacher's scores of the image; this method has none: add Teacher<Ema> or Teacher<StopGrad>");
  static_assert(!needs.scores || Sight::every_patch,
                "afire: this objective scores the token of every patch; this masking leaves patches out of the encoder: use Masked, not "
                "Dropped");
  static_assert(!(needs.scores || needs.film || needs.tokens) || !requires(Sight s) { s.side; },
                "afire: this objective looks at patches; small crops have others than large ones: leave SmallCrops out");
  static_assert(!needs.film || !std::is_same_v<Decoder, NoDecoder>,
                "afire: Restoration needs a film; this method has no decoder: add TransformerDecoder or LinearDecoder");
  static_assert(!scores_any(needs) || !std::is_same_v<Head, NoHead>,
                "afire: this objective needs scores of tokens; this method has no head: add SharedHead, PerPositionHead or MlpHead");
  static_assert(!needs.class_scores || !std::is_same_v<Head, PerPositionHead>,
                "afire: this objective scores the image, which has no position: use SharedHead or MlpHead in place of PerPositionHead");
  return true;
}

// Where the number of views is a value, a method asks for it when it is made.
template <class Objective, class Masking>
consteval bool views_fit() {
  if constexpr (HasNeeds<Objective>)
    static_assert(Objective::needs.views < 2 || requires(Masking const& m) { m.count(); },
                  "afire: this objective compares views of a film; this masking makes one of each: use TwoCrops or MultiCrop");
  return true;
}

}  // namespace afire
