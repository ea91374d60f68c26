#ifdef AFIRE_HAVE_ONEDNN
#include <afire/backend/onednn.hpp>
#include <examples/cli/train.hpp>

namespace afire::cli {
Composition onednn_f32() { return composition<OneDnn, float>("onednn", "f32"); }
}  // namespace afire::cli
#endif
