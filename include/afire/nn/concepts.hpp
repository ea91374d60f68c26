// afire/nn/concepts.hpp -- what a module is: a function of tokens with parameters, and its backward
//
//   Saved plan(arena, batch, tokens) const                the views that both passes need
//   forward(be, x, y, saved) const                        y is written                          x, y: (B L, C)
//   backward(be, x, dy, dx, saved) const                  dx is written, parameter gradients are added
//   visit(names)                                          names every Param
//
//   static_assert(explain_module<Mine<float>, float, Reference>());
//
// Backward is the gradient of <forward(x), dy>: testing/gradcheck.hpp checks that, and this the rest.
#pragma once
#include <concepts>

#include <afire/core/arena.hpp>
#include <afire/core/param.hpp>

namespace afire {

template <class M, class T>
concept VisitsParameters = requires(M& m, Names<T> const& names) { m.visit(names); };

template <class M>
concept HasTokenPlan = requires(M const& m, Arena& arena) { m.plan(arena, Index{}, Index{}); };

template <class M>
concept PlansTokens = HasTokenPlan<M> && requires(M const& m, Arena& arena) {
  { m.plan(arena, Index{}, Index{}) } -> std::same_as<typename M::Saved>;
};

template <class M, class T, class B>
concept GoesForward = requires(M& m, B& be, View<const T, 2> x, View<T, 2> y, typename M::Saved& s) { m.forward(be, x, y, s); };

template <class M, class T, class B>
concept GoesBackward = requires(M& m, B& be, View<const T, 2> x, View<const T, 2> dy, View<T, 2> dx, typename M::Saved& s) {
  m.backward(be, x, dy, dx, s);
};

template <class M, class T, class B>
concept Module = VisitsParameters<M, T> && PlansTokens<M> && GoesForward<M const, T, B> && GoesBackward<M const, T, B>;

template <class M, class T, class B>
consteval bool explain_module() {
  if constexpr (!VisitsParameters<M, T>)
    static_assert(VisitsParameters<M, T>,
                  "afire: this Module does not name its parameters. Give it  void visit(Names<T> const& names) { names(\"weight\", "
                  "weight); }  (empty if it has none)");
  else if constexpr (!HasTokenPlan<M>)
    static_assert(HasTokenPlan<M>,
                  "afire: this Module does not plan its memory. Give it  struct Saved {...};  Saved plan(Arena& arena, Index batch, "
                  "Index tokens) const;");
  else if constexpr (!PlansTokens<M>)
    static_assert(PlansTokens<M>,
                  "afire: plan of this Module must return its Saved: the views that forward and backward share");
  else if constexpr (!GoesForward<M, T, B>)
    static_assert(GoesForward<M, T, B>,
                  "afire: this Module cannot go forward. Give it  template <class B> void forward(B& be, std::type_identity_t<View<const "
                  "T, 2>> x, View<T, 2> y, Saved& saved) const;");
  else if constexpr (!GoesBackward<M, T, B>)
    static_assert(GoesBackward<M, T, B>,
                  "afire: this Module cannot go backward. Give it  template <class B> void backward(B& be, "
                  "std::type_identity_t<View<const T, 2>> x, std::type_identity_t<View<const T, 2>> dy, View<T, 2> dx, Saved& saved) "
                  "const;");
  else
    static_assert(Module<M, T, B>,
                  "afire: forward and backward of this Module must be const: what they leave for each other goes into Saved");
  return true;
}

}  // namespace afire
