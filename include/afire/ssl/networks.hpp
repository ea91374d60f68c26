// afire/ssl/networks.hpp -- the networks of a method: a student with the parts its objective needs, and a teacher
//
//   StudentParts<T, needs>:  encoder, decoder where a film is restored, head where tokens are scored
//   TeacherParts<T>:         encoder, head
//
//   names: encoder.*, decoder.*, head.*  as in the released checkpoints
#pragma once
#include <afire/nn/decoder.hpp>
#include <afire/nn/head.hpp>
#include <afire/ssl/objective.hpp>

namespace afire {

struct Nothing {                           // stands where a method has no such part
  template <class... Ignored>
  explicit Nothing(Ignored const&...) {}
  template <class Names>
  void visit(Names const&) {}
  struct Saved {};
};

template <class T, Needs needs>
struct StudentParts {
  ViT<T> encoder;
  std::conditional_t<needs.film, Decoder<T>, Nothing> decoder;
  std::conditional_t<needs.scores, ProjectionHead<T>, Nothing> head;

  template <class Config>
  explicit StudentParts(Config const& c)
      : encoder(c.vit), decoder(c.decoder, c.vit), head(c.head, c.vit.width, c.vit.tokens()) {}
  void visit(Names<T> const& names) {
    encoder.visit(names.under("encoder."));
    decoder.visit(names.under("decoder."));
    head.visit(names.under("head."));
  }
};

template <class T>
struct TeacherParts {
  ViT<T> encoder;
  ProjectionHead<T> head;

  template <class Config>
  explicit TeacherParts(Config const& c) : encoder(c.vit), head(c.head, c.vit.width, c.vit.tokens()) {}
  void visit(Names<T> const& names) {
    encoder.visit(names.under("encoder."));
    head.visit(names.under("head."));
  }
};

template <class T>
struct JoinTokenGradients {                // d_tokens(b, N - L + j) += d_patch_tokens(b, j); one patch token, one worker
  View<const T, 3> d_patch_tokens;         // (B, L, C)
  View<T, 3> d_tokens;                     // (B, N, C): class and register tokens in front
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index n) const {
    Index const L = d_patch_tokens.extent[1], b = n / L, j = n % L, row = d_tokens.extent[1] - L + j;
    lane.each(d_tokens.cols(), [&](Index c) { d_tokens(b, row, c) = T(wide(d_tokens(b, row, c)) + wide(d_patch_tokens(b, j, c))); });
  }
};

}  // namespace afire
