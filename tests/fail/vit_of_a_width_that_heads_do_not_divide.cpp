// expect: afire: ViTConfig: width must be a multiple of heads
// expect nvcc: checked(ViTConfig{.width = 100, .heads = 3})
#include <afire/nn/vit.hpp>
using namespace afire;

#ifdef AFIRE_WRONG
constexpr ViTConfig vit = checked(ViTConfig{.width = 100, .heads = 3});
#else
inline constexpr ViTConfig vit = checked(ViTConfig{.width = 96, .heads = 3});
#endif
