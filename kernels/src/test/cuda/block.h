/* Runs the blocks of a launch one after another; see block.cpp. */
#pragma once
#include "cuda_on_cpu.h"

namespace cpu {

/* Where device memory lies: a fault there is the kernel's, any other somebody else's. */
extern char *device_begin, *device_end;

/* Whether warps and lanes run from the last to the first. */
extern bool backwards;

/* Empty, or what went wrong. */
std::string run(const Library&, const Kernel&, dim3 grid, dim3 block, void** arguments);

}  // namespace cpu
