#define AFIRE_SHARED
#include <examples/variants/shared.hpp>
