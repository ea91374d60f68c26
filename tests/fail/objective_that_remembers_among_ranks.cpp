// expect: afire: this Objective remembers scores (a centre, a queue), and each rank would remember those of its own films
#include <afire/backend/reference.hpp>
#include <afire/dist/one_machine.hpp>
#include <afire/ssl/step_counts.hpp>
using namespace afire;

#ifdef AFIRE_WRONG
constexpr Needs needs{.scores = true, .remembers = true};
#else
constexpr Needs needs{.scores = true};
#endif

static_assert(explain_ranks<Ranked<Reference, OneMachine>, needs>());
