#include <afire/backend/reference.hpp>
#include <examples/cli/train.hpp>

namespace afire::cli {
Composition reference_f32() { return composition<Reference, float>("reference", "f32"); }
}  // namespace afire::cli
