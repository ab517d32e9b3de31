package dev.vitrine.kernels.cuda.device;

import java.util.List;
import jcuda.driver.CUfunction;

/**
 * A kernel of a loaded module.
 *
 * @param parameters the sizes of its parameters in bytes, as its PTX has them
 */
record Kernel(String name, CUfunction function, List<Integer> parameters) {}
