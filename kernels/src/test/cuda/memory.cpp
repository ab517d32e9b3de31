/*
 * Device memory of the software driver. Every allocation ends at a page that cannot be touched (but
 * for what rounds it to 16 bytes, which is watched), begins behind another, is full of NaNs, and
 * its addresses are never used again: reads and writes outside of it, and after it was freed, fault.
 */
#include "block.h"
#include "driver.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <memory>
#include <sys/mman.h>

size_t device_memory = size_t(4) << 30;
bool launched;

static const size_t PAGE = 4096;
struct Allocation {
  size_t size;
  Context* owner;
};
static std::map<Address, Allocation> allocations;
static std::map<char*, size_t> pinned;
static size_t used;
static char* next_address;

void reserve_addresses() {
  size_t size = size_t(1) << 40;
  next_address = (char*)mmap(nullptr, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  cpu::device_begin = next_address;
  cpu::device_end = next_address + size;
}

static size_t rounded(size_t size) { return (size + 15) / 16 * 16; }
static size_t pages(size_t size) { return (rounded(size) + PAGE - 1) / PAGE * PAGE; }

bool inside(Address address, size_t size) {
  auto next = allocations.upper_bound(address);
  if (next == allocations.begin()) return false;
  auto& [begin, allocation] = *--next;
  return address >= begin && address + size <= begin + allocation.size;
}

static bool slack_untouched(Address address, size_t size) {
  char* end = (char*)(address + rounded(size));
  return std::all_of((char*)(address + size), end, [](char c) { return c == (char)0xff; });
}

/* Looked at when a stream has run out, and when memory is given back. */
int slack_error() {
  if (context && context->error) return context->error;
  if (!launched) return OK;
  launched = false;
  for (auto& [address, allocation] : allocations) {
    if (allocation.size % 16 == 0 || slack_untouched(address, allocation.size)) continue;
    say_fault("a write just behind an allocation");
    if (context) context->error = ILLEGAL_ADDRESS;
    return ILLEGAL_ADDRESS;
  }
  return OK;
}

API cuMemAlloc_v2(Address* address, size_t size) {
  NEEDS_CONTEXT;
  if (!size) return INVALID_VALUE;
  if (used + size > device_memory) return OUT_OF_MEMORY;
  char* at = next_address + PAGE;
  if (mprotect(at, pages(size), PROT_READ | PROT_WRITE)) return OUT_OF_MEMORY;
  next_address = at + pages(size);
  memset(at, 0xff, pages(size));
  *address = (Address)(next_address - rounded(size));
  allocations[*address] = {size, context};
  used += size;
  return OK;
}

static void release(Address address, size_t size) {
  char* at = (char*)(address / PAGE * PAGE);
  madvise(at, pages(size), MADV_DONTNEED);
  mprotect(at, pages(size), PROT_NONE);
  used -= size;
}

void release_all_of(Context* owner) {
  for (auto i = allocations.begin(); i != allocations.end();) {
    if (i->second.owner == owner) {
      release(i->first, i->second.size);
      i = allocations.erase(i);
    } else {
      ++i;
    }
  }
}

API cuMemFree_v2(Address address) {
  LOCKED;
  auto found = allocations.find(address);
  if (found == allocations.end()) return INVALID_VALUE;
  if (context && !context->error) drain_all(true);
  slack_error();
  release(address, found->second.size);
  allocations.erase(found);
  return context ? context->error : (int)OK;
}

API cuMemGetInfo_v2(size_t* free, size_t* total) {
  NEEDS_CONTEXT;
  *free = device_memory - used;
  *total = device_memory;
  return OK;
}
API cuDeviceTotalMem_v2(size_t* total, int) {
  *total = device_memory;
  return OK;
}

API cuMemHostAlloc(void** memory, size_t size, unsigned) {
  NEEDS_CONTEXT;
  *memory = aligned_alloc(PAGE, (size + PAGE - 1) / PAGE * PAGE);
  pinned[(char*)*memory] = size;
  return OK;
}
API cuMemFreeHost(void* memory) {
  LOCKED;
  if (!pinned.erase((char*)memory)) return INVALID_VALUE;
  free(memory);
  return OK;
}

static bool is_pinned(const void* memory) {
  auto next = pinned.upper_bound((char*)memory);
  if (next == pinned.begin()) return false;
  --next;
  return (char*)memory < next->first + next->second;
}

/* Pinned memory is read when the stream gets there: who overwrites it before is found out. */
API cuMemcpyHtoDAsync_v2(Address to, const void* from, size_t size, Stream* stream) {
  NEEDS_CONTEXT;
  if (!inside(to, size)) return INVALID_VALUE;
  auto copy = std::make_shared<std::vector<char>>();
  if (!is_pinned(from)) copy->assign((const char*)from, (const char*)from + size);
  return post(stream, [=] {
    memcpy((void*)to, copy->empty() ? from : copy->data(), size);
    return (int)OK;
  });
}
API cuMemcpyDtoHAsync_v2(void* to, Address from, size_t size, Stream* stream) {
  NEEDS_CONTEXT;
  if (!inside(from, size)) return INVALID_VALUE;
  if (!is_pinned(to)) return NOT_SUPPORTED; /* a real driver waits; ours never asks for it */
  return post(stream, [=] {
    memcpy(to, (void*)from, size);
    return (int)OK;
  });
}
API cuMemcpyDtoDAsync_v2(Address to, Address from, size_t size, Stream* stream) {
  NEEDS_CONTEXT;
  if (!inside(to, size) || !inside(from, size)) return INVALID_VALUE;
  return post(stream, [=] {
    memmove((void*)to, (void*)from, size);
    return (int)OK;
  });
}
API cuMemsetD8Async(Address to, unsigned char value, size_t count, Stream* stream) {
  NEEDS_CONTEXT;
  if (!inside(to, count)) return INVALID_VALUE;
  return post(stream, [=] {
    memset((void*)to, value, count);
    return (int)OK;
  });
}
