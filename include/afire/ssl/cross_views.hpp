// afire/ssl/cross_views.hpp -- each view of a film is to be assigned as another one is: self-distillation and swapped prediction
//
//   loss = 1 / (G (V - 1))  sum over views a < G and b < V, b != a  of  1/B sum_n - sum_k T_a(n, k) log softmax_k(s_b(n, :) / t)
//   s: class scores of V views (V B, K);   T: an assignment of the scores of the first G of them, constants
//
//   CrossViews{CentreSharpen{}}                        DINO (Caron et al., 2021): the teacher's scores, all G B rows assigned at once
//   CrossViews{Sinkhorn{}, OwnScores{}}                SwAV (Caron et al., 2020): the student's own scores, the rows of each view apart
//
// KL = loss - (mean entropy of T) is what can still be won; it is logged beside the loss, which itself rises to ln K while a centre finds
// its place and targets flatten. A KL of nothing with targets at ln K, or with the same target for all films, is a collapse.
#pragma once
#include <afire/op/cross_entropy.hpp>
#include <afire/ssl/centre_sharpen.hpp>
#include <afire/ssl/objective.hpp>
#include <afire/ssl/token_contrast.hpp>

namespace afire {

struct TeacherScores {                     // targets come from a teacher's scores of the other view (DINO)
  static constexpr bool of_teacher = true;
};
struct OwnScores {                         // from the student's own, as constants (SwAV)
  static constexpr bool of_teacher = false;
};

template <class Assignment = CentreSharpen, class From = TeacherScores>
struct CrossViews {
  Assignment assignment = {};
  From from = {};
  double temperature = 0.1;                // t
  static constexpr Needs needs{.teacher = From::of_teacher, .class_scores = true, .targets = From::of_teacher,
                               .remembers = Assignment::remembers, .views = 2};
  static constexpr Index most_views = 4;   // G

  template <class T>
  struct State {
    using S = Accum<T>;
    std::array<typename Assignment::template State<S>, From::of_teacher ? 1 : most_views> memory;
    View<S, 2> targets;                    // (G B, K)
    View<S, 1> weights, losses;            // (B) scratch
    View<S, 1> entropy;                    // (G B) scratch
    Index parts;                           // of the rows that are assigned apart
    template <class F>
    void visit(F&& f) {
      for (Index i = 0; i < parts; ++i)
        memory[static_cast<std::size_t>(i)].visit([&](std::string const& name, auto view) {
          f(parts == 1 ? name : name + "." + std::to_string(i), view);
        });
    }
  };

  template <class T>
  State<T> plan(Arena& arena, Sizes z) const {
    using S = Accum<T>;
    Index const B = z.films(), G = z.views.teacher, parts = From::of_teacher ? 1 : G;
    expects_positive("cross views: the temperature", temperature);
    expects(G <= most_views, "cross views: targets from ", G, " views of a film; at most ", most_views, " are possible");
    State<T> s{{}, arena.keep<S>(G * B, z.prototypes), arena.keep<S>(B), arena.keep<S>(B), arena.keep<S>(G * B), parts};
    for (Index i = 0; i < parts; ++i)
      s.memory[static_cast<std::size_t>(i)] = assignment.template plan<S>(arena, G * B / parts, z.prototypes);
    return s;
  }
  template <class B, class T>
  void start(B& be, State<T>& s) const {
    if constexpr (requires { assignment.start(be, s.memory[0]); })
      for (auto& memory : s.memory) assignment.start(be, memory);
  }

  template <class B, class T, class Pixels>
  double evaluate(B& be, State<T>& s, Outputs<T> const& out, Micro<Pixels> const& batch, Terms& terms, double weight = 1) const {
    using S = Accum<T>;
    Index const V = out.views.student, G = out.views.teacher;
    auto const scores = sources(out);
    for (Index i = 0; i < s.parts; ++i)
      assignment.assign(be, s.memory[static_cast<std::size_t>(i)], of_view(scores, i, s.parts), of_view(s.targets, i, s.parts),
                        batch.epoch);
    double const terms_of_film = static_cast<double>(G * (V - 1)), films = static_cast<double>(batch.films / V);      // of the step
    fill(be, s.weights, static_cast<S>(1 / (terms_of_film * films)));
    double loss = 0;
    for (Index a = 0; a < G; ++a)
      for (Index b = 0; b < V; ++b)
        if (a != b)
          loss += soft_cross_entropy(be, of_view(out.class_scores, b, V), of_view(s.targets, a, G), s.weights, temperature, weight,
                                     of_view(out.d_class_scores, b, V), s.losses);
    for_each_row(be, s.entropy.size(), EntropyRow<S>{s.targets, s.entropy});
    terms["cross_views"] += loss;
    terms["kl"] += loss - sum_of(be, s.entropy) / (static_cast<double>(G) * films);
    return weight * loss;
  }

  template <class B, class T>
  void remember(B& be, State<T>& s, Outputs<T> const& out) const {
    for (Index i = 0; i < s.parts; ++i)
      assignment.remember(be, s.memory[static_cast<std::size_t>(i)], of_view(sources(out), i, s.parts));
  }
  template <class B, class T>
  void conclude(B& be, State<T>& s, Moment const&) const {
    for (Index i = 0; i < s.parts; ++i) assignment.conclude(be, s.memory[static_cast<std::size_t>(i)]);
  }

 private:
  // (G B, K)
  template <class T>
  static View<const Accum<T>, 2> sources(Outputs<T> const& out) {
    if constexpr (From::of_teacher) return out.teacher_class_scores;
    else return out.class_scores.slice(0, out.class_scores.rows() / out.views.student * out.views.teacher);
  }
};
template <class A>
CrossViews(A) -> CrossViews<A, TeacherScores>;
template <class A, class From>
CrossViews(A, From) -> CrossViews<A, From>;
template <class A, class From>
CrossViews(A, From, double) -> CrossViews<A, From>;

}  // namespace afire
