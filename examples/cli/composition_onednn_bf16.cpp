#ifdef AFIRE_HAVE_ONEDNN
#include <afire/backend/onednn.hpp>
#include <examples/cli/train.hpp>

namespace afire::cli {
Composition onednn_bf16() { return composition<OneDnn, bf16>("onednn", "bf16"); }
}  // namespace afire::cli
#endif
