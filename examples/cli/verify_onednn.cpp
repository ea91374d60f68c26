#ifdef AFIRE_HAVE_ONEDNN
#include <afire/backend/onednn.hpp>
#include <examples/cli/fixture_trajectory.hpp>

namespace afire::cli {
Verifier verify_onednn_f32() { return verifier<OneDnn, float>("onednn", "f32"); }
Verifier verify_onednn_bf16() { return verifier<OneDnn, bf16>("onednn", "bf16"); }
}  // namespace afire::cli
#endif
