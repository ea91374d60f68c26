#include <afire/backend/reference.hpp>
#include <examples/cli/fixture_trajectory.hpp>

namespace afire::cli {
Verifier verify_reference_double() { return verifier<Reference, double>("reference", "double"); }
Verifier verify_reference_f32() { return verifier<Reference, float>("reference", "f32"); }
}  // namespace afire::cli
