package dev.vitrine.trace;

import dev.vitrine.kernels.Backend;
import dev.vitrine.kernels.Span;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** Counts the rows that attend: one for each row that goes through a block. */
final class CountingBackend {
  private final AtomicLong rows = new AtomicLong();
  private final Backend backend;

  CountingBackend(Backend counted) {
    backend =
        (Backend)
            Proxy.newProxyInstance(
                Backend.class.getClassLoader(),
                new Class<?>[] {Backend.class},
                (_, method, arguments) -> {
                  if (method.getName().equals("attend")) {
                    for (Object span : (List<?>) arguments[3]) {
                      rows.addAndGet(((Span) span).count());
                    }
                  }
                  try {
                    return method.invoke(counted, arguments);
                  } catch (InvocationTargetException e) {
                    throw e.getCause();
                  }
                });
  }

  Backend backend() {
    return backend;
  }

  long rows() {
    return rows.get();
  }
}
