// afire/eval/grad_cam.hpp -- which places of a film a classifier's logit comes from: Grad-CAM (Selvaraju et al., 2017, eqs. 1 and 2)
//
//   G = d(sum over films of logit k) / dA,     w(b, c) = mean over the patches of G(b, j, c)            A: (B, N, C), tokens of a layer
//   signed(b, j) = sum_c w(b, c) A(b, j, c),   map = relu(signed), bilinear to (S, S), then (r - min) / (max - min) of each film
//
//   model.forward(be, pixels, saved);                                   // a Classifier with gradients
//   CamTokens<T> const layer = cam_tokens(be, model, k, CamLayer::last_norm1, saved);
//   GradCam const cam = grad_cam(layer, model.encoder.config);          // cam.map: (B, S, S) of 0 ... 1; a constant map gives zeros
//
// Layers (spec/method 9): what the last block's first norm gives, for any pooling; the last block's output for mean pooling alone, since
// a class token leaves its patches no gradient there.
#pragma once
#include <algorithm>

#include <afire/core/tensor.hpp>
#include <afire/nn/classifier.hpp>
#include <afire/nn/resample.hpp>

namespace afire {

enum class CamLayer { last_norm1, last_block };

template <class T>
struct CamTokens {
  View<const T, 3> activation, gradient;   // (B, N, C): A and G, until the model runs again
};

template <class T>
struct OneHot {                            // x(b, c) = 1 where c = k, else 0
  View<T, 2> x;                            // (B, classes)
  Index k;
  AFIRE_HD void operator()(Index i) const { x.data[i] = T(i % x.cols() == k ? 1.0f : 0.0f); }
};

// After forward(). Writes the gradients of `s`; parameter gradients are added to, so who trains with them clears them first.
template <class B, class T>
CamTokens<T> cam_tokens(B& be, Classifier<T> const& model, Index k, CamLayer layer, typename Classifier<T>::Saved& s) {
  expects(0 <= k && k < s.logits.cols(), "grad-CAM: class ", k, " of ", s.logits.cols());
  expects(layer == CamLayer::last_norm1 || model.pooling == Pooling::mean,
          "grad-CAM: this classifier reads its class token alone, and the last block's patches do not reach it; use CamLayer::last_norm1");
  for_each(be, s.d_logits.size(), OneHot<T>{s.d_logits, k});
  model.backward_to_tokens(be, s);
  auto& e = s.encoder;
  model.encoder.backward_last_norm(be, e.d_x, e);
  if (layer == CamLayer::last_block) return {e.x.back(), e.d_x};
  Index const batch = e.d_x.extent[0], tokens = e.d_x.extent[1], C = e.d_x.extent[2], N = batch * tokens;
  auto& block = e.blocks.back();
  model.encoder.blocks.back().backward(be, e.x[e.x.size() - 2].as(N, C), e.d_x.as(N, C), e.d_x.as(N, C), block);
  return {block.normed.as(batch, tokens, C), block.branch.as(batch, tokens, C)};       // what the block leaves there on its way back
}

struct GradCam {
  Tensor<double, 2> weights;               // (B, C): w
  Tensor<double, 3> signed_map;            // (B, S / P, S / P): before relu
  Tensor<double, 3> resized;               // (B, S, S): after it, bilinear
  Tensor<double, 3> map;                   // (B, S, S): of 0 ... 1
};

// On the host; the views must be readable there.
template <class T>
GradCam grad_cam(CamTokens<T> const& layer, ViTConfig const& vit) {
  Index const batch = layer.activation.extent[0], C = layer.activation.extent[2], L = vit.tokens(), g = vit.grid(), S = vit.image;
  Index const front = layer.activation.extent[1] - L;
  GradCam cam{Tensor<double, 2>(batch, C), Tensor<double, 3>(batch, g, g), Tensor<double, 3>(batch, S, S), Tensor<double, 3>(batch, S, S)};
  for (Index b = 0; b < batch; ++b) {
    for (Index j = 0; j < L; ++j)
      for (Index c = 0; c < C; ++c)
        cam.weights(b, c) += static_cast<double>(wide(layer.gradient(b, front + j, c))) / static_cast<double>(L);
    std::vector<double> positive(static_cast<std::size_t>(L));
    for (Index j = 0; j < L; ++j) {
      double& sum = cam.signed_map(b, j / g, j % g);
      for (Index c = 0; c < C; ++c) sum += cam.weights(b, c) * static_cast<double>(wide(layer.activation(b, front + j, c)));
      positive[static_cast<std::size_t>(j)] = std::max(sum, 0.0);
    }
    auto const large = resample_positions(positive, 0, {g, g}, {S, S}, {.cubic = false, .antialias = false});
    auto const [least, most] = std::minmax_element(large.begin(), large.end());
    for (Index p = 0; p < S * S; ++p) {
      double const r = large[static_cast<std::size_t>(p)];
      cam.resized.view().row(b).flat()(p) = r;
      cam.map.view().row(b).flat()(p) = *most > *least ? (r - *least) / (*most - *least) : 0.0;
    }
  }
  return cam;
}

}  // namespace afire
