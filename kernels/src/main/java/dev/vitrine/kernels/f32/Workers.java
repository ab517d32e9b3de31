package dev.vitrine.kernels.f32;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The threads that share the work of all backends in the process.
 *
 * <p>One job at a time is shared; whoever calls while it runs computes his own job alone, so that
 * many callers never wait for each other. A caller takes part in his job, and its parts go to
 * whoever is free: no result depends on who computed it. A worker without work spins for a moment,
 * since the next operation of a forward pass is microseconds away, and then parks.
 */
final class Workers {

  /** A job in parts that may run in any order, at the same time. */
  interface Job {
    void run(int part, Scratch scratch);
  }

  /** About 50 µs; longer than a forward pass pauses between operations. */
  private static final int SPINS = 2_000;

  /** How long to leave the processor to a worker that has lost its own. */
  private static final long STRAGGLER_NANOS = 10_000;

  private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);
  private static final List<Worker> WORKERS = new ArrayList<>();
  private static final AtomicReference<@Nullable Shared> CURRENT = new AtomicReference<>();

  private Workers() {}

  /** The calling thread's own room. */
  static Scratch scratch() {
    return SCRATCH.get();
  }

  /** Runs all parts of a job on at most {@code threads} threads, the caller's among them. */
  static void run(int threads, int parts, Job job) {
    Scratch scratch = SCRATCH.get();
    if (threads == 1 || parts < 2) {
      runAlone(parts, job, scratch);
      return;
    }
    Shared shared = new Shared(job, parts, Math.min(threads, parts) - 1);
    if (!CURRENT.compareAndSet(null, shared)) {
      runAlone(parts, job, scratch);
      return;
    }
    try {
      wake(shared.helpers);
      shared.takePart(scratch);
    } finally {
      CURRENT.set(null);
    }
    shared.awaitOthers();
  }

  private static void runAlone(int parts, Job job, Scratch scratch) {
    for (int part = 0; part < parts; part++) {
      job.run(part, scratch);
    }
  }

  private static void wake(int helpers) {
    synchronized (WORKERS) {
      while (WORKERS.size() < helpers) {
        Worker worker = new Worker(WORKERS.size());
        WORKERS.add(worker);
        worker.start();
      }
      for (int i = 0; i < helpers; i++) {
        WORKERS.get(i).wake();
      }
    }
  }

  /** A job while it is shared. */
  private static final class Shared {
    final int helpers;
    private final Job job;
    private final int parts;
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicInteger done = new AtomicInteger();
    private volatile @Nullable Throwable failure;

    Shared(Job job, int parts, int helpers) {
      this.job = job;
      this.parts = parts;
      this.helpers = helpers;
    }

    /** Runs parts until all are taken; a failure is kept for the caller to see. */
    void takePart(Scratch scratch) {
      for (int part = next.getAndIncrement(); part < parts; part = next.getAndIncrement()) {
        try {
          job.run(part, scratch);
        } catch (Throwable thrown) {
          failure = thrown;
        } finally {
          done.getAndIncrement();
        }
      }
    }

    void awaitOthers() {
      for (int spins = 0; done.get() < parts; spins++) {
        if (spins < SPINS) {
          Thread.onSpinWait();
        } else {
          LockSupport.parkNanos(STRAGGLER_NANOS);
        }
      }
      Throwable thrown = failure;
      if (thrown instanceof Error error) {
        throw error;
      }
      if (thrown instanceof RuntimeException exception) {
        throw exception;
      }
    }
  }

  private static final class Worker extends Thread {
    private final int index;

    /** More threads that spin than there are processors would take them from each other. */
    private final int spins;

    private volatile boolean parked;

    Worker(int index) {
      super("vitrine-worker-" + index);
      this.index = index;
      this.spins = index + 1 < Runtime.getRuntime().availableProcessors() ? SPINS : 0;
      setDaemon(true);
    }

    void wake() {
      if (parked) {
        LockSupport.unpark(this);
      }
    }

    @Override
    public void run() {
      Scratch scratch = SCRATCH.get();
      Shared last = null;
      while (true) {
        Shared shared = awaitAnotherThan(last);
        shared.takePart(scratch);
        last = shared;
      }
    }

    private Shared awaitAnotherThan(@Nullable Shared last) {
      for (int spin = 0; ; spin++) {
        Shared shared = CURRENT.get();
        if (shared != null && shared != last && index < shared.helpers) {
          parked = false;
          return shared;
        }
        if (spin < spins) {
          Thread.onSpinWait();
        } else if (!parked) {
          parked = true; // and look once more, lest the call that wakes came just before
        } else {
          LockSupport.park(this);
        }
      }
    }
  }
}
