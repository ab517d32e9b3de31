/*
 * One block of threads on one processor: every thread is a fiber. It gets a stack when it starts and
 * gives it back when it ends, so that those which never wait share one. A warp
 * runs until all its lanes wait or are done, then the next one; when all wait at one barrier, all
 * go on. What a GPU would answer with a hang or with nonsense is found and said: barriers and
 * shuffles that not all threads reach, addresses outside of any allocation, array indices beyond
 * the end.
 */
#include "block.h"

#include <csetjmp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <sys/mman.h>

namespace cpu {

enum State { NEW, READY, AT_BARRIER, AT_SHUFFLE, DONE };

struct Fiber {
  Thread thread;
  void* stack_pointer;
  char* stack;
  State state;
  int site;            /* of the barrier where it waits */
  unsigned generation; /* of the shuffle for which it waits */
};

struct Warp {
  uint32_t values[2][32];
  unsigned generation, arrived, mask;
};

Thread* running;
uint3 block_index;
dim3 block_size, grid_size;
char *device_begin, *device_end;
bool backwards;

static const size_t STACK = 64 << 10, GUARD = 4096;
static std::vector<Fiber> fibers;
static std::vector<Warp> warps;
static std::vector<char*> stacks, free_stacks;
static Fiber* current;
static const Kernel* kernel;
static void** arguments;
static std::string fault;

/* ---- switching stacks */

static void body();

#if defined(__x86_64__)

static void* main_stack;
extern "C" void switch_stacks(void** save, void* to);
asm(R"(.text
.globl switch_stacks
.hidden switch_stacks
.type switch_stacks,@function
switch_stacks:
 pushq %rbp; pushq %rbx; pushq %r12; pushq %r13; pushq %r14; pushq %r15
 movq %rsp,(%rdi); movq %rsi,%rsp
 popq %r15; popq %r14; popq %r13; popq %r12; popq %rbx; popq %rbp
 ret
.size switch_stacks,.-switch_stacks
)");

/* Stacks begin at different places of a page, or all of them would share a few cache lines. */
static void prepare(Fiber& fiber) {
  void** top = (void**)(fiber.stack + STACK - (uintptr_t)fiber.stack / (STACK + GUARD) % 61 * 64);
  *--top = nullptr;
  *--top = (void*)body;
  top -= 6;
  memset(top, 0, 6 * sizeof(void*));
  fiber.stack_pointer = top;
}
static void enter(Fiber& fiber) { switch_stacks(&main_stack, fiber.stack_pointer); }
static void leave() { switch_stacks(&current->stack_pointer, main_stack); }

#else

#include <ucontext.h>
static ucontext_t main_context;
static std::vector<ucontext_t> contexts;
static void prepare(Fiber& fiber) {
  contexts.resize(fibers.size());
  ucontext_t& context = contexts[&fiber - fibers.data()];
  getcontext(&context);
  context.uc_stack.ss_sp = fiber.stack;
  context.uc_stack.ss_size = STACK;
  context.uc_link = nullptr;
  makecontext(&context, body, 0);
}
static void enter(Fiber& fiber) { swapcontext(&main_context, &contexts[&fiber - fibers.data()]); }
static void leave() { swapcontext(&contexts[current - fibers.data()], &main_context); }

#endif

static void body() {
  kernel->call(arguments);
  current->state = DONE;
  leave();
  abort();
}

/* ---- what threads wait for */

void barrier(int site) {
  current->state = AT_BARRIER;
  current->site = site;
  leave();
}

uint32_t shuffle(unsigned mask, uint32_t value, int from) {
  Warp& warp = warps[current->thread.linear / 32];
  unsigned lane = current->thread.linear & 31, generation = warp.generation;
  if (warp.arrived && warp.mask != mask) fault = "lanes of a warp meet in a shuffle with different masks";
  warp.mask = mask;
  warp.values[generation & 1][lane] = value;
  warp.arrived |= 1u << lane;
  if (warp.arrived == mask) {
    warp.arrived = 0;
    warp.generation++;
  } else {
    current->state = AT_SHUFFLE;
    current->generation = generation;
    leave();
  }
  return warp.values[generation & 1][from & 31];
}

/* ---- faults in device memory: errors of the launch, not the end of the JVM */

static sigjmp_buf escape;
static thread_local volatile bool in_kernel;
static struct sigaction before_segv, before_ill;
static char fault_text[240];

static void pass_on(struct sigaction& before, int signal, siginfo_t* info, void* context) {
  if (before.sa_flags & SA_SIGINFO) before.sa_sigaction(signal, info, context);
  else sigaction(signal, &before, nullptr);
}

static void on_fault(int signal, siginfo_t* info, void* context) {
  char* address = (char*)info->si_addr;
  bool overrun = signal == SIGILL;
  bool ours = overrun || (address >= device_begin && address < device_end) || (uintptr_t)address < 65536;
  if (!in_kernel || !ours) { /* another thread's, or the JVM's own business */
    pass_on(overrun ? before_ill : before_segv, signal, info, context);
    return;
  }
  char what[60];
  if (overrun) snprintf(what, sizeof what, "an array's index beyond its end");
  else snprintf(what, sizeof what, "illegal address %p", (void*)address);
  uint3 thread = running->index;
  snprintf(fault_text, sizeof fault_text, "%s, block (%u,%u,%u) thread (%u,%u,%u) of %s", what,
           block_index.x, block_index.y, block_index.z, thread.x, thread.y, thread.z, kernel->name);
  siglongjmp(escape, 1);
}

struct FaultsCaught {
  FaultsCaught() {
    struct sigaction action {};
    action.sa_sigaction = on_fault;
    action.sa_flags = SA_SIGINFO | SA_NODEFER;
    sigaction(SIGSEGV, &action, &before_segv);
    sigaction(SIGILL, &action, &before_ill);
  }
  ~FaultsCaught() {
    in_kernel = false;
    sigaction(SIGSEGV, &before_segv, nullptr);
    sigaction(SIGILL, &before_ill, nullptr);
  }
};

/* ---- the schedule */

static void start(Fiber& fiber) {
  if (free_stacks.empty()) {
    void* memory = mmap(nullptr, STACK + GUARD, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    mprotect(memory, GUARD, PROT_NONE);
    stacks.push_back((char*)memory + GUARD);
    free_stacks.push_back(stacks.back());
  }
  fiber.stack = free_stacks.back();
  free_stacks.pop_back();
  fiber.state = READY;
  prepare(fiber);
}

/* Runs a warp as far as it can; how many of its lanes ended, or -1 if none could move. */
static int run_warp(unsigned warp, unsigned threads) {
  unsigned low = warp * 32, high = low + 32 < threads ? low + 32 : threads;
  int ended = 0;
  bool moved = false;
  for (bool again = true; again && fault.empty();) {
    again = false;
    for (unsigned i = low; i < high && fault.empty(); i++) {
      Fiber& fiber = fibers[backwards ? high - 1 - (i - low) : i];
      if (fiber.state == AT_SHUFFLE && warps[warp].generation != fiber.generation) fiber.state = READY;
      if (fiber.state == NEW) start(fiber);
      if (fiber.state != READY) continue;
      again = moved = true;
      current = &fiber;
      running = &fiber.thread;
      enter(fiber);
      if (fiber.state == DONE) {
        free_stacks.push_back(fiber.stack);
        ended++;
      }
    }
  }
  return moved ? ended : -1;
}

/* When nobody can run, all must stand at one barrier. */
static std::string pass_barrier(unsigned threads) {
  int site = -1;
  for (unsigned i = 0; i < threads; i++) {
    if (fibers[i].state == AT_SHUFFLE) return "a shuffle waits for lanes that never come";
    if (fibers[i].state != AT_BARRIER) continue;
    if (site >= 0 && fibers[i].site != site) return "threads of a block wait at different barriers";
    site = fibers[i].site;
  }
  for (unsigned i = 0; i < threads; i++)
    if (fibers[i].state == AT_BARRIER) fibers[i].state = READY;
  return "";
}

static std::string run_block(const Library& library, unsigned threads) {
  if (library.shared_size) memset(library.shared, 0xff, library.shared_size);
  for (Warp& warp : warps) warp = Warp{};
  for (unsigned i = 0; i < threads; i++) fibers[i].state = NEW;
  for (int left = threads; left > 0;) {
    bool moved = false;
    for (unsigned w = 0; w < warps.size(); w++) {
      int ended = run_warp(backwards ? warps.size() - 1 - w : w, threads);
      moved |= ended >= 0;
      left -= ended > 0 ? ended : 0;
    }
    std::string wrong = !fault.empty() ? fault : moved ? "" : pass_barrier(threads);
    if (!wrong.empty()) return wrong + " in " + kernel->name;
  }
  return "";
}

std::string run(const Library& library, const Kernel& k, dim3 grid, dim3 block, void** given) {
  unsigned threads = block.x * block.y * block.z;
  if (fibers.size() < threads) fibers.resize(threads);
  free_stacks = stacks; /* a launch that failed gave none back */
  warps.resize((threads + 31) / 32);
  for (unsigned i = 0; i < threads; i++)
    fibers[i].thread = {{i % block.x, i / block.x % block.y, i / block.x / block.y}, i};
  kernel = &k;
  arguments = given;
  grid_size = grid;
  block_size = block;
  fault.clear();
  FaultsCaught caught;
  if (sigsetjmp(escape, 1)) return fault_text;
  in_kernel = true;
  for (unsigned z = 0; z < grid.z; z++)
    for (unsigned y = 0; y < grid.y; y++)
      for (unsigned x = 0; x < grid.x; x++) {
        block_index = {x, y, z};
        std::string wrong = run_block(library, threads);
        if (!wrong.empty()) return wrong;
      }
  return "";
}

}  // namespace cpu
