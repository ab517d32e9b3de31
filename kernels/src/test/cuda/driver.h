/* What the parts of the software driver share. */
#pragma once
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <vector>

#define API extern "C" __attribute__((visibility("default"))) int

typedef unsigned long long Address;

enum {
  OK = 0,
  INVALID_VALUE = 1,
  OUT_OF_MEMORY = 2,
  NOT_INITIALIZED = 3,
  INVALID_DEVICE = 101,
  INVALID_CONTEXT = 201,
  NO_BINARY_FOR_GPU = 209,
  INVALID_PTX = 218,
  UNSUPPORTED_PTX_VERSION = 222,
  INVALID_HANDLE = 400,
  NOT_FOUND = 500,
  NOT_READY = 600,
  ILLEGAL_ADDRESS = 700,
  LAUNCH_FAILED = 719,
  NOT_SUPPORTED = 801
};

/* An error of the device stays: every later call in this context answers with it. */
struct Context {
  int error = OK;
};

/* Nothing of a stream runs until somebody waits for it, so that a missing wait shows. */
struct Stream {
  std::deque<std::function<int()>> waiting;
  bool non_blocking = false;
};

extern std::recursive_mutex lock;
extern bool initialized;
extern thread_local Context* context;

#define LOCKED std::lock_guard<std::recursive_mutex> locked(lock)
#define NEEDS_CONTEXT                           \
  LOCKED;                                       \
  if (!initialized) return NOT_INITIALIZED;     \
  if (!context) return INVALID_CONTEXT;         \
  if (context->error) return context->error

/* streams.cpp */
int post(Stream*, std::function<int()>);
int drain(Stream*);
int drain_all(bool non_blocking_too);

/* driver.cpp */
void say_fault(const char*);

/* memory.cpp */
extern size_t device_memory;
extern bool launched; /* since slack was last looked at */
void reserve_addresses();
bool inside(Address, size_t);
void release_all_of(Context*);
int slack_error();
