/*
 * libcuda.so.1 in software: those entries of the driver API that the project calls, on the
 * processor. For tests only; it is never packaged, and its times say nothing about a GPU.
 *
 * Kernels come from a library beside it (kernels.so), or from another that a test names. A module's
 * PTX is not executed: its list of kernels and parameters is compared with the library's, and its
 * version and target with what the driver says it can do.
 */
#include "driver.h"
#include "block.h"

#include <cstdio>
#include <cstdlib>
#include <dlfcn.h>
#include <map>
#include <memory>
#include <regex>
#include <string>

std::recursive_mutex lock;
bool initialized;
thread_local Context* context;

struct Function {
  const cpu::Kernel* kernel;
  const cpu::Library* library;
};
struct Module {
  std::map<std::string, Function> functions;
};

static int driver_version = 12060, compute_capability = 80, devices = 1;
static std::string kernels_path, last_fault;

void say_fault(const char* what) { last_fault = what; }

/* ---- for tests, which call these by name */

extern "C" EXPORTED void software_cuda_kernels(const char* path) { kernels_path = path; }
extern "C" EXPORTED void software_cuda_backwards(int on) { cpu::backwards = on; }
extern "C" EXPORTED void software_cuda_driver(int version) { driver_version = version; }
extern "C" EXPORTED void software_cuda_capability(int capability) { compute_capability = capability; }
extern "C" EXPORTED void software_cuda_devices(int count) { devices = count; }
extern "C" EXPORTED void software_cuda_memory(long bytes) { device_memory = bytes; }
extern "C" EXPORTED const char* software_cuda_fault() { return last_fault.c_str(); }

/* ---- device and context */

API cuInit(unsigned) {
  LOCKED;
  if (!initialized) reserve_addresses();
  initialized = true;
  return OK;
}
API cuDriverGetVersion(int* version) {
  *version = driver_version;
  return OK;
}
API cuDeviceGetCount(int* count) {
  *count = devices;
  return OK;
}
API cuDeviceGet(int* device, int index) {
  if (index < 0 || index >= devices) return INVALID_DEVICE;
  *device = index;
  return OK;
}
API cuDeviceGetName(char* name, int size, int) {
  snprintf(name, size, "Software CUDA device (CPU, tests only)");
  return OK;
}
API cuDeviceGetAttribute(int* value, int attribute, int) {
  *value = attribute == 75 ? compute_capability / 10 : attribute == 76 ? compute_capability % 10 : 0;
  return OK;
}
API cuCtxCreate_v2(Context** created, unsigned, int) {
  LOCKED;
  if (!initialized) return NOT_INITIALIZED;
  context = *created = new Context;
  return OK;
}
API cuCtxDestroy_v2(Context* destroyed) {
  LOCKED;
  if (!destroyed) return INVALID_CONTEXT;
  if (context == destroyed) context = nullptr;
  release_all_of(destroyed);
  delete destroyed;
  return OK;
}
API cuCtxSetCurrent(Context* current) {
  context = current;
  return OK;
}

/* ---- modules */

static const cpu::Library* library() {
  if (kernels_path.empty()) {
    Dl_info self;
    dladdr((void*)&library, &self);
    std::string path = self.dli_fname;
    kernels_path = path.substr(0, path.rfind('/')) + "/kernels.so";
  }
  void* handle = dlopen(kernels_path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    last_fault = dlerror();
    return nullptr;
  }
  return reinterpret_cast<cpu::Library* (*)()>(dlsym(handle, "software_kernels"))();
}

/* The newest PTX that a driver reads: 11.0 to 11.8: 7.0 to 7.8; 12.x: 8.x, one less from 12.6 on; 13.x: 9.x. */
static int newest_ptx() {
  int major = driver_version / 1000, minor = driver_version % 1000 / 10;
  return major == 12 ? 80 + (minor >= 6 ? minor - 1 : minor) : (major - 4) * 10 + minor;
}

static int load(Module& module, const std::string& ptx) {
  static const std::regex head(R"(\.version\s+(\d+)\.(\d+)[\s\S]*?\.target\s+sm_(\d+))");
  static const std::regex entry(R"(\.entry\s+(\w+)\s*\(([^)]*)\))");
  static const std::regex parameter(R"(\.param\s+(?:\.align\s+\d+\s+)?\.[bfus](\d+)\s+\w+(?:\[(\d+)\])?)");
  std::smatch found;
  if (!std::regex_search(ptx, found, head)) return INVALID_PTX;
  if (std::stoi(found[1]) * 10 + std::stoi(found[2]) > newest_ptx()) return UNSUPPORTED_PTX_VERSION;
  if (std::stoi(found[3]) > compute_capability) return NO_BINARY_FOR_GPU;
  const cpu::Library* kernels = library();
  if (!kernels) return INVALID_PTX;
  for (std::sregex_iterator i(ptx.begin(), ptx.end(), entry), end; i != end; ++i) {
    std::string name = (*i)[1], list = (*i)[2];
    std::vector<size_t> sizes;
    for (std::sregex_iterator p(list.begin(), list.end(), parameter); p != end; ++p)
      sizes.push_back(std::stoul((*p)[1]) / 8 * ((*p)[2].matched ? std::stoul((*p)[2]) : 1));
    const cpu::Kernel* kernel = nullptr;
    for (const cpu::Kernel& k : kernels->kernels) kernel = name == k.name ? &k : kernel;
    if (!kernel || kernel->parameters != sizes) {
      last_fault = "PTX entry " + name + (kernel ? " has other parameters than the source" : " has no source");
      return INVALID_PTX;
    }
    module.functions[name] = {kernel, kernels};
  }
  return OK;
}

API cuModuleLoadDataEx(Module** module, const char* image, unsigned, int*, void**) {
  NEEDS_CONTEXT;
  auto loaded = std::make_unique<Module>();
  int error = load(*loaded, image);
  if (!error) *module = loaded.release();
  return error;
}
API cuModuleUnload(Module* module) {
  LOCKED;
  delete module;
  return OK;
}
API cuModuleGetFunction(Function** function, Module* module, const char* name) {
  NEEDS_CONTEXT;
  auto found = module->functions.find(name);
  if (found == module->functions.end()) return NOT_FOUND;
  *function = &found->second;
  return OK;
}

/* ---- launches */

static int launch(const Function& function, dim3 grid, dim3 block, std::vector<std::vector<char>>& values) {
  launched = true;
  std::vector<void*> arguments;
  for (auto& value : values) arguments.push_back(value.data());
  std::string wrong = cpu::run(*function.library, *function.kernel, grid, block, arguments.data());
  if (wrong.empty()) return OK;
  last_fault = wrong;
  return wrong.rfind("illegal", 0) == 0 ? ILLEGAL_ADDRESS : LAUNCH_FAILED;
}

API cuLaunchKernel(Function* function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by,
                   unsigned bz, unsigned shared, Stream* stream, void** parameters, void** extra) {
  NEEDS_CONTEXT;
  if (!function) return INVALID_HANDLE;
  if (extra || shared) return NOT_SUPPORTED;
  if (!gx || !gy || !gz || gx > 2147483647u || gy > 65535 || gz > 65535) return INVALID_VALUE;
  if (!bx || !by || !bz || bz > 64 || (unsigned long long)bx * by * bz > 1024) return INVALID_VALUE;
  auto values = std::make_shared<std::vector<std::vector<char>>>();
  for (size_t i = 0; i < function->kernel->parameters.size(); i++) {
    const char* value = (const char*)parameters[i];
    values->emplace_back(value, value + function->kernel->parameters[i]);
  }
  Function copied = *function;
  return post(stream, [=] { return launch(copied, {gx, gy, gz}, {bx, by, bz}, *values); });
}

/* ---- errors */

static const struct {
  int code;
  const char *name, *text;
} ERRORS[] = {
    {OK, "CUDA_SUCCESS", "no error"},
    {INVALID_VALUE, "CUDA_ERROR_INVALID_VALUE", "invalid argument"},
    {OUT_OF_MEMORY, "CUDA_ERROR_OUT_OF_MEMORY", "out of memory"},
    {NOT_INITIALIZED, "CUDA_ERROR_NOT_INITIALIZED", "initialization error"},
    {INVALID_DEVICE, "CUDA_ERROR_INVALID_DEVICE", "invalid device ordinal"},
    {INVALID_CONTEXT, "CUDA_ERROR_INVALID_CONTEXT", "invalid device context"},
    {NO_BINARY_FOR_GPU, "CUDA_ERROR_NO_BINARY_FOR_GPU", "no kernel image is available for execution on the device"},
    {INVALID_PTX, "CUDA_ERROR_INVALID_PTX", "a PTX JIT compilation failed"},
    {UNSUPPORTED_PTX_VERSION, "CUDA_ERROR_UNSUPPORTED_PTX_VERSION", "the provided PTX was compiled with an unsupported toolchain."},
    {INVALID_HANDLE, "CUDA_ERROR_INVALID_HANDLE", "invalid resource handle"},
    {NOT_FOUND, "CUDA_ERROR_NOT_FOUND", "named symbol not found"},
    {NOT_READY, "CUDA_ERROR_NOT_READY", "device not ready"},
    {ILLEGAL_ADDRESS, "CUDA_ERROR_ILLEGAL_ADDRESS", "an illegal memory access was encountered"},
    {LAUNCH_FAILED, "CUDA_ERROR_LAUNCH_FAILED", "unspecified launch failure"},
    {NOT_SUPPORTED, "CUDA_ERROR_NOT_SUPPORTED", "operation not supported"}};

API cuGetErrorName(int code, const char** name) {
  *name = nullptr;
  for (auto& error : ERRORS)
    if (error.code == code) *name = error.name;
  return *name ? OK : INVALID_VALUE;
}
API cuGetErrorString(int code, const char** text) {
  *text = nullptr;
  for (auto& error : ERRORS)
    if (error.code == code) *text = error.text;
  return *text ? OK : INVALID_VALUE;
}
