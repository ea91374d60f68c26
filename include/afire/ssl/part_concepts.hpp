// afire/ssl/part_concepts.hpp -- what a head and a restoration head are, and the sentence that says what one lacks
//
//   Both are configurations that name their network:  template <class T> using Module = MyNetwork<T>;
//
//   head:      Module(config, width, L),   prototypes(), plan(arena, images, tokens) -> Saved with scores (images, tokens, K)
//              forward(be, x, saved) const,   backward(be, x, d_scores, dx, saved) const;       x, dx: (images tokens, width)
//   decoder:   Module(config, vit),   plan(arena, images) -> Saved with patches (images, 1 + L, P P channels)
//              forward(be, z, lesion, saved) const,   backward(be, z, lesion, d_patches, dz, saved) const;    z, dz: (images, 1 + L, width)
//   both:      visit(names);   dx and dz are written, parameter gradients are added
//
//   static_assert(explain_head<Mine, Reference, float>());     static_assert(explain_restoration<Mine, Reference, float>());
#pragma once
#include <concepts>

#include <afire/nn/concepts.hpp>
#include <afire/ssl/networks.hpp>

namespace afire {

template <class C, class T>
concept NamesModule = requires { typename C::template Module<T>; };

template <class M, class C>
concept MakesHead = std::constructible_from<M, C const&, Index, Index>;

template <class M, class B, class T>
concept ScoresTokens = requires(M const& m, Arena& arena, B& be, View<const T, 2> x, typename M::Saved& s) {
  { m.prototypes() } -> std::convertible_to<Index>;
  { m.plan(arena, Index{}, Index{}) } -> std::same_as<typename M::Saved>;
  m.forward(be, x, s);
  { s.scores } -> std::convertible_to<View<const Accum<T>, 3>>;
};

template <class M, class B, class T>
concept LearnsFromScores = requires(M const& m, B& be, View<const T, 2> x, View<const Accum<T>, 3> ds, View<T, 2> dx,
                                    typename M::Saved& s) {
  m.backward(be, x, ds, dx, s);
};

template <class C, class B, class T>
concept ScoringHead = NamesModule<C, T> && MakesHead<typename C::template Module<T>, C> &&
    VisitsParameters<typename C::template Module<T>, T> && ScoresTokens<typename C::template Module<T>, B, T> &&
    LearnsFromScores<typename C::template Module<T>, B, T>;

template <class C, class B, class T>
consteval bool explain_head() {
  if constexpr (!NamesModule<C, T>) {
    static_assert(NamesModule<C, T>,
                  "afire: this is no head. Give SharedHead, PerPositionHead, MlpHead or NoHead; one of your own names its network:  "
                  "template <class T> using Module = MyHead<T>;");
  } else if constexpr (!std::is_same_v<C, NoHead>) {
    using M = typename C::template Module<T>;
    if constexpr (!MakesHead<M, C>)
      static_assert(MakesHead<M, C>,
                    "afire: the Module of this head cannot be made. Give it a constructor  Module(Config const& config, Index width, "
                    "Index tokens)");
    else if constexpr (!VisitsParameters<M, T>)
      static_assert(VisitsParameters<M, T>,
                    "afire: the Module of this head does not name its parameters. Give it  void visit(Names<T> const& names);");
    else if constexpr (!ScoresTokens<M, B, T>)
      static_assert(ScoresTokens<M, B, T>,
                    "afire: the Module of this head does not score. Give it  Index prototypes() const;  Saved plan(Arena& arena, Index "
                    "images, Index tokens) const;  with  View<Accum<T>, 3> scores  in Saved, and  template <class B> void forward(B& be, "
                    "std::type_identity_t<View<const T, 2>> x, Saved& saved) const;");
    else
      static_assert(LearnsFromScores<M, B, T>,
                    "afire: the Module of this head cannot go backward. Give it  template <class B> void backward(B& be, "
                    "std::type_identity_t<View<const T, 2>> x, std::type_identity_t<View<const Accum<T>, 3>> d_scores, View<T, 2> dx, "
                    "Saved& saved) const;");
  }
  return true;
}

template <class M, class C>
concept MakesDecoder = std::constructible_from<M, C const&, ViTConfig const&>;

template <class M, class T>
concept PlansPatches = requires(M const& m, Arena& arena, typename M::Saved& s) {
  { m.plan(arena, Index{}) } -> std::same_as<typename M::Saved>;
  { s.patches } -> std::convertible_to<View<const T, 3>>;
};

template <class M, class B, class T>
concept PaintsPatches = requires(M& m, B& be, View<const T, 3> z, View<const unsigned char, 2> lesion, typename M::Saved& s) {
  m.forward(be, z, lesion, s);
};

template <class M, class B, class T>
concept LearnsFromPatches = requires(M& m, B& be, View<const T, 3> z, View<const unsigned char, 2> lesion, View<T, 3> dz,
                                     typename M::Saved& s) { m.backward(be, z, lesion, z, dz, s); };

template <class C, class B, class T>
concept RestorationHead = NamesModule<C, T> && MakesDecoder<typename C::template Module<T>, C> &&
    VisitsParameters<typename C::template Module<T>, T> && PlansPatches<typename C::template Module<T>, T> &&
    PaintsPatches<typename C::template Module<T> const, B, T> && LearnsFromPatches<typename C::template Module<T> const, B, T>;

template <class C, class B, class T>
consteval bool explain_restoration() {
  if constexpr (!NamesModule<C, T>) {
    static_assert(NamesModule<C, T>,
                  "afire: this is no RestorationHead. Give TransformerDecoder, LinearDecoder or NoDecoder; one of your own names its "
                  "network:  template <class T> using Module = MyDecoder<T>;");
  } else if constexpr (!std::is_same_v<C, NoDecoder>) {
    using M = typename C::template Module<T>;
    if constexpr (!MakesDecoder<M, C>)
      static_assert(MakesDecoder<M, C>,
                    "afire: the Module of this RestorationHead cannot be made. Give it a constructor  Module(Config const& config, "
                    "ViTConfig const& vit)");
    else if constexpr (!VisitsParameters<M, T>)
      static_assert(VisitsParameters<M, T>,
                    "afire: the Module of this RestorationHead does not name its parameters. Give it  void visit(Names<T> const& names);");
    else if constexpr (!PlansPatches<M, T>)
      static_assert(PlansPatches<M, T>,
                    "afire: the Module of this RestorationHead does not plan a film. Give it  Saved plan(Arena& arena, Index images) "
                    "const;  with  View<T, 3> patches  in Saved");
    else if constexpr (!PaintsPatches<M, B, T>)
      static_assert(PaintsPatches<M, B, T>,
                    "afire: the Module of this RestorationHead does not restore. Give it  template <class B> void forward(B& be, "
                    "std::type_identity_t<View<const T, 3>> z, View<const unsigned char, 2> lesion, Saved& saved) const;");
    else if constexpr (!PaintsPatches<M const, B, T>)
      static_assert(PaintsPatches<M const, B, T>,
                    "afire: forward of the Module of this RestorationHead must be const: what backward reads goes into Saved");
    else if constexpr (LearnsFromPatches<M, B, T>)
      static_assert(LearnsFromPatches<M const, B, T>,
                    "afire: backward of the Module of this RestorationHead must be const: gradients are added to those of its parameters");
    else
      static_assert(LearnsFromPatches<M, B, T>,
                    "afire: the Module of this RestorationHead cannot go backward. Give it  template <class B> void backward(B& be, "
                    "std::type_identity_t<View<const T, 3>> z, View<const unsigned char, 2> lesion, std::type_identity_t<View<const T, "
                    "3>> d_patches, View<T, 3> dz, Saved& saved) const;");
  }
  return true;
}

}  // namespace afire
