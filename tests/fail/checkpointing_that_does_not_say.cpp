// expect: afire: this Checkpointing does not say whether blocks are computed again. Give KeepActivations or RecomputeBlocks
#include <afire/nn/checkpointing.hpp>
using namespace afire;

struct Mine {
#ifndef AFIRE_WRONG
  bool recompute = false;
#endif
};

static_assert(explain_checkpointing<Mine>());
