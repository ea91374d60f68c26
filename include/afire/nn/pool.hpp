// afire/nn/pool.hpp -- one vector a film: the mean of some of its tokens
//
//   y(b) = 1/count sum_j tokens(b, first + j),   j of 0 ... count - 1;      tokens: (B, N, C), y: (B, C)
//
//   Pool{0, 1}.forward(be, tokens, y);        // timm's "token": the class token
//   Pool{1, L}.forward(be, tokens, y);        // timm's "avg": all patches; {prefix, L} where register tokens stand in front
#pragma once
#include <afire/core/backend.hpp>

namespace afire {

template <class T>
struct MeanOfTokens {                      // one film, one worker
  View<const T, 3> tokens;                 // (B, N, C)
  Index first, count;
  View<T, 2> y;                            // (B, C)
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index b) const {
    lane.each(y.cols(), [&](Index c) {
      Accum<T> sum = 0;
      for (Index j = first; j < first + count; ++j) sum += wide(tokens(b, j, c));
      y(b, c) = T(sum / static_cast<Accum<T>>(count));
    });
  }
};

template <class T>
struct SpreadToTokens {                    // one token, one worker
  View<const T, 2> dy;                     // (B, C)
  Index first, count;
  View<T, 3> d_tokens;                     // (B, N, C)
  template <class Lane>
  AFIRE_HD void operator()(Lane lane, Index n) const {
    Index const b = n / d_tokens.extent[1], j = n % d_tokens.extent[1];
    bool const pooled = first <= j && j < first + count;
    lane.each(dy.cols(), [&](Index c) {
      d_tokens(b, j, c) = pooled ? T(wide(dy(b, c)) / static_cast<Accum<T>>(count)) : T(Accum<T>(0));
    });
  }
};

struct Pool {
  Index first, count;

  // Throws unless these are tokens of so many.
  void expect_within(Index tokens) const {
    expects(first >= 0 && count > 0 && first + count <= tokens, "pooling: tokens ", first, " ... ", first + count - 1, " of ", tokens);
  }
  template <class B, class T>
  void forward(B& be, View<T, 3> tokens,                       // (B, N, C)
               View<std::remove_const_t<T>, 2> y) const {      // (B, C), written
    expect_within(tokens.extent[1]);
    for_each_row(be, y.rows(), MeanOfTokens<std::remove_const_t<T>>{tokens, first, count, y});
  }

  // Forward was a mean. So every token that took part receives dy / count, and the others nothing.
  template <class B, class T>
  void backward(B& be, std::type_identity_t<View<const T, 2>> dy,       // (B, C)
                View<T, 3> d_tokens) const {                            // (B, N, C), written
    for_each_row(be, d_tokens.extent[0] * d_tokens.extent[1], SpreadToTokens<T>{dy, first, count, d_tokens});
  }
};

}  // namespace afire
