// afire/nn/classifier.hpp -- a vision transformer with a linear classifier on one vector a film (timm's VisionTransformer)
//
//   class token:   logits = W norm(tokens)(b, 0) + bias
//   mean:          logits = W fc_norm(mean of the patches) + bias,    and the tokens have no last norm (timm's global_pool="avg")
//
//   Classifier<float> model({.vit = vit_small, .classes = 14, .pooling = Pooling::mean});
//   auto s = model.plan(arena, batch);    model.forward(be, pixels, s);    /* s.d_logits from s.logits */    model.backward(be, s);
//
// Names: those of the encoder without a prefix, fc_norm.*, head.*.
#pragma once
#include <afire/nn/pool.hpp>
#include <afire/nn/vit.hpp>

namespace afire {

// Which vector of a film is classified.
enum class Pooling { class_token, mean };

struct ClassifierConfig {                  // sizes of encoder and classifier
  ViTConfig vit;
  Index classes = 1;
  Pooling pooling = Pooling::class_token;
};

template <class T>
struct Classifier {
  Pooling pooling;
  ViT<T> encoder;
  LayerNorm<T> fc_norm;                    // of the mean
  Linear<T> head;

  explicit Classifier(ClassifierConfig const& c)
      : pooling(c.pooling), encoder(with_last_norm(c.vit, c.pooling == Pooling::class_token)), fc_norm(c.vit.width, c.vit.eps),
        head(c.vit.width, c.classes) {
    expects(c.classes > 0, "classifier: ", c.classes, " classes");
    head.weight.start = Start::truncated_normal, head.weight.scale = 0.02;
  }

  struct Saved {
    typename ViT<T>::Saved encoder;
    View<T, 2> pooled, features;           // (B, C): before and after fc_norm, one memory where there is none
    View<T, 2> logits, d_logits;           // (B, classes): the output; its gradient, written by who knows the objective
    View<Accum<T>, 2> stats;               // (B, 2)
    View<T, 2> d_pooled;                   // (B, C) scratch
    View<Accum<T>, 2> partial;             // (column_chunks, C or classes) scratch
  };

  void visit(Names<T> const& names) {
    encoder.visit(names);
    if (pooling == Pooling::mean) fc_norm.visit(names.under("fc_norm."));
    head.visit(names.under("head."));
  }

  Saved plan(Arena& arena, Index batch) const {
    Index const C = head.in(), classes = head.out();
    Saved s;
    s.logits = arena.keep<T>(batch, classes);
    s.pooled = s.features = arena.keep<T>(batch, C);
    if (pooling == Pooling::mean) {
      s.features = arena.keep<T>(batch, C);
      s.stats = arena.keep<Accum<T>>(batch, Index{2});
    }
    if (!arena.forgetting()) {
      s.d_logits = arena.keep<T>(batch, classes);
      s.d_pooled = arena.scratch<T>(batch, C);
      s.partial = arena.scratch<Accum<T>>(column_chunks, C > classes ? C : classes);
    }
    s.encoder = encoder.plan(arena, batch);
    return s;
  }

  template <class B, class Pixels>
  void forward(B& be, Pixels pixels, Saved& s) const {
    encoder.forward(be, pixels, s.encoder);
    pool().forward(be, s.encoder.tokens, s.pooled);
    if (pooling == Pooling::mean) fc_norm.forward(be, s.pooled, s.features, s.stats);
    head.forward(be, s.features, s.logits);
  }

  template <class B>
  void backward(B& be, Saved& s) const {
    backward_to_tokens(be, s);
    encoder.backward(be, s.encoder.d_x, s.encoder);
  }

  // The gradient at the encoder's tokens, in s.encoder.d_x.
  template <class B>
  void backward_to_tokens(B& be, Saved& s) const {
    head.backward(be, s.features, s.d_logits, s.d_pooled, s.partial);
    if (pooling == Pooling::mean) fc_norm.backward(be, s.pooled, s.stats, s.d_pooled, {}, s.d_pooled, s.partial);
    pool().backward(be, s.d_pooled, s.encoder.d_x);
  }

 private:
  static ViTConfig with_last_norm(ViTConfig c, bool norm) {
    c.last_norm = norm;
    return c;
  }
  Pool pool() const {
    if (pooling == Pooling::class_token) return {0, 1};
    return {encoder.config.front(), encoder.config.tokens()};
  }
};

}  // namespace afire
