// afire/dist.hpp -- several ranks of one machine: how they find and tell each other, and who has started them
//
//   OneMachine ranks = OneMachine::join(launched().rank, launched().job);     // with GPUs: Nccl::join(ranks, gpu), afire/dist/nccl.cuh
#pragma once
#include <afire/dist/launched.hpp>
#include <afire/dist/meet.hpp>
#include <afire/dist/one_machine.hpp>
