/* Linked into each library of kernels: hands its kernels to the driver. */
#include "cuda_on_cpu.h"

extern "C" {
extern char __start_cuda_shared[] __attribute__((weak, visibility("hidden")));
extern char __stop_cuda_shared[] __attribute__((weak, visibility("hidden")));
}

namespace cpu {
Library& this_library() {
  static Library library;
  return library;
}
}  // namespace cpu

/* Which of its planted faults a library shows that was built with some; see MutationTest. */
extern "C" EXPORTED int mutant;
int mutant;

extern "C" EXPORTED cpu::Library* software_kernels() {
  cpu::Library& library = cpu::this_library();
  library.shared = __start_cuda_shared;
  library.shared_size = __stop_cuda_shared - __start_cuda_shared;
  return &library;
}
