package dev.vitrine.kernels.cuda.device;

import static jcuda.driver.JCudaDriver.cuCtxCreate;
import static jcuda.driver.JCudaDriver.cuCtxDestroy;
import static jcuda.driver.JCudaDriver.cuCtxSetCurrent;
import static jcuda.driver.JCudaDriver.cuDeviceGet;
import static jcuda.driver.JCudaDriver.cuDeviceGetAttribute;
import static jcuda.driver.JCudaDriver.cuDeviceGetCount;
import static jcuda.driver.JCudaDriver.cuDeviceGetName;
import static jcuda.driver.JCudaDriver.cuDriverGetVersion;
import static jcuda.driver.JCudaDriver.cuInit;
import static jcuda.driver.JCudaDriver.cuModuleGetFunction;
import static jcuda.driver.JCudaDriver.cuModuleLoadDataEx;
import static jcuda.driver.JCudaDriver.cuStreamCreate;
import static jcuda.driver.JCudaDriver.cuStreamDestroy;
import static jcuda.driver.JCudaDriver.cuStreamSynchronize;

import dev.vitrine.kernels.DeviceException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import jcuda.Pointer;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;
import org.jspecify.annotations.Nullable;

/**
 * A GPU with a context of its own, the kernels loaded into it, and one stream: what is handed to it
 * runs in that order, whoever hands it.
 *
 * <p>A context belongs to a thread as long as it computes with it, so all calls go through {@link
 * #use}.
 */
public final class Device implements AutoCloseable {
  /** CUDA 11.0, the first that reads PTX 7.0. */
  private static final int OLDEST_DRIVER = 11_000;

  private static final int OLDEST_CAPABILITY = 50;

  private final ReentrantLock lock = new ReentrantLock();
  private final String description;
  private final CUcontext context = new CUcontext();
  private final CUstream stream = new CUstream();
  private final List<CUmodule> modules = new ArrayList<>();
  private final Map<String, Kernel> kernels = new HashMap<>();
  private final DeviceMemory memory;
  private final Staging staging;
  private final Launch launch;
  private boolean closed;

  /**
   * Opens the first device.
   *
   * @param budget how many bytes of its memory may be used; 0 for nine tenths of what is free
   * @param reuse whether memory that was given back is kept for the next who asks
   * @param files the PTX to load
   * @throws DeviceException if it does not open
   */
  public Device(long budget, boolean reuse, List<String> files) {
    JCudaDriver.setExceptionsEnabled(false);
    CUdevice device = first();
    description = describe(device);
    Status.check(cuCtxCreate(context, 0, device), "open a context");
    try {
      Status.check(cuStreamCreate(stream, CUstream_flags.CU_STREAM_NON_BLOCKING), "open a stream");
      for (String file : files) {
        load(file);
      }
      staging = new Staging(stream);
      memory = new DeviceMemory(stream, budget, reuse);
      launch = new Launch(stream);
    } catch (RuntimeException e) {
      cuCtxDestroy(context);
      throw e;
    }
  }

  // ---- what there is

  /** Why no device can be opened, or null if one can. The first to touch JCuda. */
  static CudaDriver.@Nullable Problem problem() {
    JCudaDriver.setExceptionsEnabled(false);
    int[] count = {0};
    int result = cuInit(0);
    if (result == CUresult.CUDA_SUCCESS) {
      result = cuDeviceGetCount(count);
    }
    if (result != CUresult.CUDA_SUCCESS || count[0] == 0) {
      String reason =
          result == CUresult.CUDA_SUCCESS || result == CUresult.CUDA_ERROR_NO_DEVICE
              ? "the CUDA driver sees no device"
              : "the CUDA driver does not start (%s)".formatted(CUresult.stringFor(result));
      return new CudaDriver.Problem(reason, "see what nvidia-smi says, or use another backend");
    }
    if (driverVersion() < OLDEST_DRIVER) {
      return new CudaDriver.Problem(
          "the driver is for CUDA %s, and 11.0 is the oldest that will do"
              .formatted(versionText(driverVersion())),
          "install a newer driver, or use another backend");
    }
    return tooOld(OLDEST_CAPABILITY);
  }

  /** That the device lacks a compute capability, 80 for 8.0, or null if it has it. */
  static CudaDriver.@Nullable Problem tooOld(int oldest) {
    int capability = capability(first());
    return capability >= oldest
        ? null
        : new CudaDriver.Problem(
            "the device has compute capability %d.%d, and %d.%d is the oldest that will do"
                .formatted(capability / 10, capability % 10, oldest / 10, oldest % 10),
            "use another backend");
  }

  private static CUdevice first() {
    CUdevice device = new CUdevice();
    Status.check(cuDeviceGet(device, 0), "find a device");
    return device;
  }

  private static int driverVersion() {
    int[] version = {0};
    Status.check(cuDriverGetVersion(version), "say the driver's version");
    return version[0];
  }

  private static String versionText(int version) {
    return "%d.%d".formatted(version / 1000, version % 1000 / 10);
  }

  private static int capability(CUdevice device) {
    return 10 * attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR)
        + attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
  }

  private static int attribute(CUdevice device, int attribute) {
    int[] value = {0};
    Status.check(cuDeviceGetAttribute(value, attribute, device), "say what it can do");
    return value[0];
  }

  private static String describe(CUdevice device) {
    byte[] name = new byte[256];
    Status.check(cuDeviceGetName(name, name.length, device), "say its name");
    int capability = capability(device);
    return "%s, compute capability %d.%d, CUDA %s"
        .formatted(
            new String(name, StandardCharsets.UTF_8).replace("\0", "").strip(),
            capability / 10,
            capability % 10,
            versionText(driverVersion()));
  }

  private void load(String file) {
    Ptx ptx = Ptx.load(file);
    CUmodule module = new CUmodule();
    byte[] image = (ptx.text() + "\0").getBytes(StandardCharsets.ISO_8859_1);
    Status.check(
        cuModuleLoadDataEx(module, Pointer.to(image), 0, new int[0], Pointer.to(new int[0])),
        "load the kernels of " + file + ".ptx");
    modules.add(module);
    ptx.kernels()
        .forEach((name, parameters) -> {
          CUfunction function = new CUfunction();
          Status.check(cuModuleGetFunction(function, module, name), "find the kernel " + name);
          kernels.put(name, new Kernel(name, function, parameters));
        });
  }

  // ---- using it

  /** Its name, what it can do, and the driver's version. */
  public String description() {
    return description;
  }

  /** Does something with the device, alone, from whichever thread. */
  public void use(Runnable task) {
    ask(() -> {
      task.run();
      return "";
    });
  }

  /** Asks something of the device, alone, from whichever thread. */
  public <T> T ask(Supplier<T> task) {
    lock.lock();
    try {
      if (closed) {
        throw new DeviceException("the backend is closed", "load the model again");
      }
      Status.check(cuCtxSetCurrent(context), "take up its context");
      return task.get();
    } finally {
      lock.unlock();
    }
  }

  /** Its memory; only inside of {@link #use}. */
  public DeviceMemory memory() {
    return memory;
  }

  /** The way there and back; only inside of {@link #use}. */
  public Staging staging() {
    return staging;
  }

  /** Begins a launch; only inside of {@link #use}. */
  public Launch launch(String kernel) {
    Kernel found = kernels.get(kernel);
    if (found == null) {
      throw new IllegalStateException("no PTX has a kernel " + kernel);
    }
    return launch.begin(found);
  }

  /** Gives everything back, last come first gone. What still runs is waited for. */
  @Override
  public void close() {
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      cuCtxSetCurrent(context);
      cuStreamSynchronize(stream); // whatever it says: a failed device is closed too
      memory.close();
      staging.close();
      modules.forEach(JCudaDriver::cuModuleUnload);
      cuStreamDestroy(stream);
      cuCtxDestroy(context);
    } finally {
      lock.unlock();
    }
  }
}
