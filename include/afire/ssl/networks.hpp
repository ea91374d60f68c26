// afire/ssl/networks.hpp -- the networks of a method: a student with the parts its objective needs, and a teacher
//
//   Student:  encoder, decoder where a film is restored, head where tokens are scored, a mask token where the encoder gets one
//   Teacher:  encoder, and the head without its predictor
//
//   names: encoder.*, decoder.*, head.*  as in the released checkpoints
//
// A configuration names its network: HeadConfig::Module<T>, DecoderConfig::Module<T>; a head with a predictor also TeacherModule<T>.
#pragma once
#include <afire/nn/decoder.hpp>
#include <afire/nn/head.hpp>
#include <afire/ssl/objective.hpp>
#include <afire/ssl/sight.hpp>

namespace afire {

struct Nothing {                           // stands where a method has no such part
  template <class... Ignored>
  explicit Nothing(Ignored const&...) {}
  template <class Names>
  void visit(Names const&) {}
  struct Saved {};
};

struct NoHead {                            // of a method that scores nothing
  template <class T>
  using Module = Nothing;
};
struct NoDecoder {                         // of a method that restores nothing
  template <class T>
  using Module = Nothing;
};

// TeacherHead<T, Config>::type, the network of a teacher: the configuration's TeacherModule where it names one, else Module.
template <class T, class Head>
struct TeacherHead {
  using type = typename Head::template Module<T>;
};
template <class T, class Head>
requires requires { typename Head::template TeacherModule<T>; }
struct TeacherHead<T, Head> {
  using type = typename Head::template TeacherModule<T>;
};

// What a teacher's head is made of: all of the student's but a predictor.
template <class Head>
auto const& teacher_config(Head const& head) {
  if constexpr (requires { head.projector; }) return head.projector;
  else return head;
}

// Whether anything is scored, so that there is a head.
constexpr bool scores_any(Needs n) { return n.scores || n.class_scores; }

// PartOf<...>::type: the module of a part that is needed; else Nothing, whatever the configuration says.
template <bool needed, class T, class Config>
struct PartOf {
  using type = Nothing;
};
template <class T, class Config>
struct PartOf<true, T, Config> {
  using type = typename Config::template Module<T>;
};

// The student's networks, each built only if `needs` asks for it.
template <class T, Needs needs, class HeadConfig = PerPositionHead, class DecoderConfig = TransformerDecoder, class Sight = InPixels>
struct StudentParts {
  ViT<T> encoder;
  typename Sight::template Module<T> sight;
  typename PartOf<needs.film, T, DecoderConfig>::type decoder;
  typename PartOf<scores_any(needs), T, HeadConfig>::type head;

  template <class Config>
  explicit StudentParts(Config const& c)
      : encoder(c.vit), sight(c.sight, c.vit), decoder(c.decoder, c.vit), head(c.head, c.vit.width, c.vit.tokens()) {}
  void visit(Names<T> const& names) {
    encoder.visit(names.under("encoder."));
    sight.visit(names.under("encoder."));
    decoder.visit(names.under("decoder."));
    head.visit(names.under("head."));
  }
};

// The teacher's networks; no decoder: a teacher restores nothing.
template <class T, class Head = ProjectionHead<T>>
struct TeacherParts {
  ViT<T> encoder;
  Head head;

  template <class Config>
  explicit TeacherParts(Config const& c) : encoder(c.vit), head(teacher_config(c.head), c.vit.width, c.vit.tokens()) {}
  void visit(Names<T> const& names) {
    encoder.visit(names.under("encoder."));
    head.visit(names.under("head."));
  }
};

}  // namespace afire
