package dev.vitrine.analysis;

import dev.vitrine.kernels.Backend;
import dev.vitrine.kernels.Backends;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

/** A backend with a fault planted in one of its operations. */
public final class FaultyBackend {
  private FaultyBackend() {}

  /** Stands between the caller and the sound operation. */
  @FunctionalInterface
  public interface Fault {
    /**
     * Is told a call before it is made and may change its arguments; what it returns, if anything,
     * is done afterwards.
     */
    Runnable meet(Backend sound, String operation, Object... arguments);
  }

  /** The backend of a name, with a fault. */
  public static Backend of(String name, Fault fault) {
    Backend sound = Backends.open(name, 1);
    return (Backend)
        Proxy.newProxyInstance(
            Backend.class.getClassLoader(),
            new Class<?>[] {Backend.class},
            (proxy, method, arguments) -> {
              Object[] known = arguments == null ? new Object[0] : arguments;
              Runnable after = fault.meet(sound, method.getName(), known);
              Object result = call(sound, method, known);
              after.run();
              return result;
            });
  }

  private static Object call(Backend sound, Method method, Object... arguments) throws Throwable {
    try {
      return method.invoke(sound, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }
}
