#ifdef AFIRE_HAVE_EIGEN
#include <afire/backend/eigen.hpp>
#include <examples/cli/train.hpp>

namespace afire::cli {
Composition eigen_f32() { return composition<EigenCpu, float>("eigen", "f32"); }
}  // namespace afire::cli
#endif
