#ifdef AFIRE_HAVE_EIGEN
#include <afire/backend/eigen.hpp>
#include <examples/cli/fixture_trajectory.hpp>

namespace afire::cli {
Verifier verify_eigen_double() { return verifier<EigenCpu, double>("eigen", "double"); }
Verifier verify_eigen_f32() { return verifier<EigenCpu, float>("eigen", "f32"); }
}  // namespace afire::cli
#endif
