// afire/ssl/concepts.hpp -- what a masking, an assignment and a teacher are, and the sentence that says what one lacks
//
//   Masking       masking(random, clean, seen, mask, room) const         (ssl/masking.hpp)
//                 or count(), teacher_count() and view(), all const      (data/views.hpp)
//   Assignment    assignment(be, scores, targets, clusters, samples) const, and StatefulAssignment: both in ssl/assignment.hpp
//   TeacherLike   Teacher<Ema>, Teacher<StopGrad>, NoTeacher             (ssl/teacher.hpp)
//
//   static_assert(explain_masking<Mine>());               // beside a part of one's own; Trainer asks the same
//
// Objectives: ssl/objective_concept.hpp. Heads and decoders: ssl/part_concepts.hpp.
#pragma once
#include <concepts>
#include <cstdint>

#include <afire/core/arena.hpp>
#include <afire/core/bf16.hpp>
#include <afire/core/rng.hpp>
#include <afire/core/view.hpp>
#include <afire/ssl/teacher.hpp>

namespace afire {

namespace probe {
using Film = View<const std::uint8_t, 2>;                // (S, S), to read
using Canvas = View<std::uint8_t, 2>;                    // (S, S), to write
}  // namespace probe

template <class M>
concept HasPatchShare = requires(M const& m) {
  { m.patch_share } -> std::convertible_to<float>;
};

template <class M>
concept HasRoom = requires { typename M::Room; };

template <class M>
concept MasksFilms = requires(M& m, Random random, probe::Film clean, probe::Canvas out, typename std::remove_const_t<M>::Room& room) {
  m(random, clean, out, out, room);
};

template <class M>
concept MasksViews = requires(M& m, Random random, probe::Film film, probe::Canvas out, typename std::remove_const_t<M>::Room& room) {
  { m.count() } -> std::convertible_to<Index>;
  { m.teacher_count() } -> std::convertible_to<Index>;
  m.view(random, Index{}, film, out, out, out, room);
};

template <class M>
concept Masks = MasksFilms<M> || MasksViews<M>;

// Meant as views of a film, whatever they lack.
template <class M>
concept MeantAsViews = requires(M& m) { m.count(); };

template <class M>
concept Masking = HasPatchShare<M> && HasRoom<M> && Masks<M const>;

template <class M>
consteval bool explain_masking() {
  if constexpr (!HasPatchShare<M>)
    static_assert(HasPatchShare<M>,
                  "afire: this Masking does not say when a patch counts as changed. Give it  static constexpr float patch_share = 0;  (a "
                  "patch of which more than this share is touched)");
  else if constexpr (!HasRoom<M>)
    static_assert(HasRoom<M>,
                  "afire: this Masking has no Room. Give it  struct Room {};  with what it keeps in memory from film to film");
  else if constexpr (!Masks<M> && MeantAsViews<M>)
    static_assert(Masks<M>,
                  "afire: this Masking makes no views. Give it  Index count() const;  Index teacher_count() const;  and  void view(Random "
                  "random, Index v, View<const std::uint8_t, 2> film, View<std::uint8_t, 2> clean, View<std::uint8_t, 2> seen, "
                  "View<std::uint8_t, 2> mask, Room& room) const;");
  else if constexpr (!Masks<M>)
    static_assert(Masks<M>,
                  "afire: this Masking cannot be called. Give it  void operator()(Random random, View<const std::uint8_t, 2> clean, "
                  "View<std::uint8_t, 2> seen, View<std::uint8_t, 2> mask, Room& room) const;");
  else if constexpr (MeantAsViews<M>)
    static_assert(Masking<M>,
                  "afire: count, teacher_count and view of this Masking must be const: several threads make views at once; what it keeps "
                  "from film to film goes into Room");
  else
    static_assert(Masking<M>,
                  "afire: operator() of this Masking must be const: several threads mask at once; what it keeps from film to film goes "
                  "into Room");
  return true;
}

template <class A, class B, class S>
concept Assigns = requires(A& a, B& be, View<const S, 2> scores, View<S, 2> targets, View<S, 1> scratch) {
  a(be, scores, targets, scratch, scratch);
};

template <class A, class B, class S = float>
concept Assignment = Assigns<A const, B, S>;

template <class A>
concept KeepsMemory = requires { requires A::remembers; };

// True, or a sentence for what A lacks as an assignment without a memory; S: the type of scores.
template <class A, class B, class S = float>
consteval bool explain_assignment() {
  if constexpr (!Assigns<A, B, S> && KeepsMemory<A>)
    static_assert(Assigns<A, B, S>,
                  "afire: this Assignment remembers the scores of other steps; prototypes are a memory already: use Sinkhorn, Centred or "
                  "Softmax");
  else if constexpr (!Assigns<A, B, S>)
    static_assert(Assigns<A, B, S>,
                  "afire: this Assignment cannot be called. Give it  template <class B, class S> void operator()(B& be, View<const S, 2> "
                  "scores, View<S, 2> targets, View<S, 1> clusters, View<S, 1> samples) const;");
  else
    static_assert(Assignment<A, B, S>,
                  "afire: operator() of this Assignment must be const: an objective is a value; what an assignment remembers goes into "
                  "the state of the objective");
  return true;
}

template <class A, class B, class S>
concept AssignsFromState = requires(A& a, Arena& arena, B& be, typename std::remove_const_t<A>::template State<S>& state,
                                    View<const S, 2> scores, View<S, 2> targets) {
  { a.template plan<S>(arena, Index{}, Index{}) } -> std::same_as<typename std::remove_const_t<A>::template State<S>>;
  a.assign(be, state, scores, targets, Index{});
  { A::remembers } -> std::convertible_to<bool>;
};

// What objectives ask that take targets from each batch: a state, which may be a memory of the batches before.
template <class A, class B, class S = float>
concept StatefulAssignment = AssignsFromState<A const, B, S>;

// The same for one that an objective keeps with a State.
template <class A, class B, class S = float>
consteval bool explain_stateful_assignment() {
  if constexpr (AssignsFromState<A, B, S>)
    static_assert(StatefulAssignment<A, B, S>,
                  "afire: plan and assign of this Assignment must be const: an objective is a value; what an assignment remembers goes "
                  "into its State");
  else
    static_assert(StatefulAssignment<A, B, S>,
                  "afire: this Assignment has no state. Give it  State<S>,  plan<S>(arena, samples, clusters) const,  assign(be, state, "
                  "scores, targets, epoch) const  and  static constexpr bool remembers,  as Softmax has (ssl/assignment.hpp)");
  return true;
}

template <class K>
concept MeantAsTeacher = requires(K const& k) {
  typename K::kind_type;
  k.sees;
};

template <class K>
concept ChoosesFilms = requires(K const& k) {
  { k.sees } -> std::convertible_to<Sees>;
};

template <class K>
concept TeacherLike = MeantAsTeacher<K> && ChoosesFilms<K> &&
    (is_average<K> || std::same_as<typename K::kind_type, StopGrad> || !is_teacher<K>);

// True, or the sentence that K is no teacher.
template <class K>
consteval bool explain_teacher() {
  if constexpr (!MeantAsTeacher<K>)
    static_assert(MeantAsTeacher<K>,
                  "afire: this is no Teacher. Give Teacher<Ema>{}, Teacher<StopGrad>{} or, where no objective asks one, NoTeacher{}");
  else if constexpr (!ChoosesFilms<K>)
    static_assert(ChoosesFilms<K>,
                  "afire: this Teacher does not say which films it sees. Give it  Sees sees = Sees::clean;  or  Sees::seen");
  else
    static_assert(TeacherLike<K>,
                  "afire: no method knows this kind of Teacher. Give Teacher<Ema>{}, the student's moving average, or Teacher<StopGrad>{}, "
                  "the student itself");
  return true;
}

}  // namespace afire
