// afire/nn/mlp_head.hpp -- heads that give embeddings: a projector, and one with a predictor behind it that a teacher goes without
//
//   MlpHead{.layers = 2, .out = 128}                                   SimCLR, DenseCL, VICReg's expander
//   PredictedHead{.projector = {...}, .predictor = {...}}              MoCo v3, BYOL, SimSiam: predictor(projector(x)), a teacher's
//                                                                      targets are projector(x)
//
//   scores: (B, L, out) in Accum<T>: what other heads call prototypes is here the width of the embedding
//
//   ProjectorHead<float> head(MlpHead{}, 384, 196);   auto s = head.plan(arena, B, L);   head.forward(be, x, s);   s.scores
#pragma once
#include <afire/nn/mlp.hpp>

namespace afire {

// The network of an MlpHead, for every token alike.
template <class T>
struct ProjectorHead {
  Mlp<T> mlp;

  ProjectorHead(MlpHead const& c, Index width, Index) : mlp(c, width) {}
  Index prototypes() const { return mlp.out(); }       // the width of the embedding

  void visit(Names<T> const& names) { mlp.visit(names.under("mlp.")); }

  struct Saved {
    typename Mlp<T>::Saved mlp;
    View<Accum<T>, 3> scores;                          // (B, L, out): the output
  };

  Saved plan(Arena& arena, Index batch, Index tokens) const {
    Saved s;
    s.mlp = mlp.plan(arena, batch * tokens);
    s.scores = s.mlp.y.as(batch, tokens, mlp.out());
    return s;
  }

  template <class B>
  void forward(B& be, std::type_identity_t<View<const T, 2>> x,         // (B L, width)
               Saved& s) const {
    mlp.forward(be, x, s.mlp);
  }

  template <class B>
  void backward(B& be, std::type_identity_t<View<const T, 2>> x,                         // (B L, width)
                std::type_identity_t<View<const Accum<T>, 3>> d_scores,                  // (B, L, out)
                View<T, 2> dx,                                                           // (B L, width), written
                Saved& s) const {
    copy(be, d_scores.flat(), s.mlp.d_y.flat());
    mlp.backward(be, x, dx, s.mlp);
  }
};

template <class T>
struct PredictorHead;

// The configuration of a projector with a predictor.
struct PredictedHead {
  template <class T>
  using Module = PredictorHead<T>;
  template <class T>
  using TeacherModule = ProjectorHead<T>;
  MlpHead projector = {};
  MlpHead predictor = {.layers = 2, .hidden = 512};  // .out is the projector's
};

// The network of PredictedHead; a teacher has its ProjectorHead alone.
template <class T>
struct PredictorHead {
  ProjectorHead<T> projector;
  Mlp<T> predictor;

  PredictorHead(PredictedHead const& c, Index width, Index tokens)
      : projector(c.projector, width, tokens), predictor(as_wide(c.predictor, c.projector.out), c.projector.out) {}
  Index prototypes() const { return projector.prototypes(); }
  ProjectorHead<T>& without_predictor() { return projector; }
  ProjectorHead<T> const& without_predictor() const { return projector; }

  void visit(Names<T> const& names) {
    projector.visit(names);
    predictor.visit(names.under("predictor."));
  }

  struct Saved {
    typename ProjectorHead<T>::Saved projector;
    typename Mlp<T>::Saved predictor;
    View<T, 2> z, dz;                                  // (B L, out): the projection as the predictor reads it, its gradient
    View<Accum<T>, 3> scores;                          // (B, L, out): the output
  };

  Saved plan(Arena& arena, Index batch, Index tokens) const {
    Index const N = batch * tokens;
    Saved s;
    s.projector = projector.plan(arena, batch, tokens);
    s.z = arena.keep<T>(N, prototypes());
    if (!arena.forgetting()) s.dz = arena.scratch<T>(N, prototypes());
    s.predictor = predictor.plan(arena, N);
    s.scores = s.predictor.y.as(batch, tokens, prototypes());
    return s;
  }

  template <class B>
  void forward(B& be, std::type_identity_t<View<const T, 2>> x,         // (B L, width)
               Saved& s) const {
    projector.forward(be, x, s.projector);
    copy(be, s.projector.scores.flat(), s.z.flat());
    predictor.forward(be, s.z, s.predictor);
  }

  template <class B>
  void backward(B& be, std::type_identity_t<View<const T, 2>> x,                         // (B L, width)
                std::type_identity_t<View<const Accum<T>, 3>> d_scores,                  // (B, L, out)
                View<T, 2> dx,                                                           // (B L, width), written
                Saved& s) const {
    copy(be, d_scores.flat(), s.predictor.d_y.flat());
    predictor.backward(be, s.z, s.dz, s.predictor);
    copy(be, s.dz.flat(), s.projector.mlp.d_y.flat());
    projector.mlp.backward(be, x, dx, s.projector.mlp);
  }

 private:
  static MlpHead as_wide(MlpHead c, Index out) {
    c.out = out;
    return c;
  }
};

// Heads of the papers: simclr_head (Chen et al., 2020), densecl_head (Wang et al., 2021), vicreg_head (Bardes et al., 2022), moco_v3_head
// (Chen et al., 2021), byol_head (Grill et al., 2020), simsiam_head (Chen & He, 2021).
inline constexpr MlpHead simclr_head{.layers = 2, .hidden = 2048, .out = 128};
inline constexpr MlpHead densecl_head{.layers = 2, .hidden = 2048, .out = 128, .norm = HiddenNorm::none};
inline constexpr MlpHead vicreg_head{.layers = 3, .hidden = 8192, .out = 8192};
inline constexpr PredictedHead moco_v3_head{{.layers = 3, .hidden = 4096, .out = 256, .last_norm = LastNorm::batch},
                                            {.layers = 2, .hidden = 4096, .last_norm = LastNorm::batch}};
inline constexpr PredictedHead byol_head{{.layers = 2, .hidden = 4096, .out = 256}, {.layers = 2, .hidden = 4096}};
inline constexpr PredictedHead simsiam_head{{.layers = 3, .hidden = 2048, .out = 2048, .last_norm = LastNorm::batch},
                                            {.layers = 2, .hidden = 512}};

}  // namespace afire
