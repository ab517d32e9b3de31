import com.github.tjake.jlama.model.AbstractModel;
import com.github.tjake.jlama.model.ModelSupport;
import com.github.tjake.jlama.safetensors.DType;
import com.github.tjake.jlama.tensor.AbstractTensor;
import com.github.tjake.jlama.tensor.KvBufferCache;
import com.github.tjake.jlama.tensor.operations.TensorOperationsProvider;
import com.github.tjake.jlama.util.PhysicalCoreExecutor;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Jlama on the same GPT-2: java ... PeerJlama MODEL_DIR THREADS VARIANT_NAME IDS_FILE OUT_JSONL
 * [cold]
 */
public class PeerJlama {
  static String model, variant, out;
  static int threads;

  public static void main(String[] a) throws Exception {
    model = a[0];
    threads = Integer.parseInt(a[1]);
    variant = a[2];
    int[] ids =
        Arrays.stream(Files.readString(Path.of(a[3])).trim().split("[\\s,]+"))
            .mapToInt(Integer::parseInt)
            .toArray();
    out = a[4];
    boolean cold = a.length > 5 && a[5].equals("cold");
    PhysicalCoreExecutor.overrideThreadCount(threads);
    long t0 = System.nanoTime();
    AbstractModel m = ModelSupport.loadModel(new File(model, "published"), DType.F32, DType.F32);
    System.out.println(
        "load s "
            + (System.nanoTime() - t0) / 1e9
            + " ops "
            + TensorOperationsProvider.get().name());
    int want = refArgmax();
    int got = argmax(prefill(m, Arrays.copyOf(ids, 16)));
    String check = got == want ? "ok" : "MISMATCH got " + got + " want " + want;
    System.out.println("argmax " + got + " " + check);
    if (cold) System.exit(0);
    decode(m, ids, 32, 128);
    double[] r = new double[4];
    for (int i = 0; i < r.length; i++) r[i] = decode(m, ids, 32, 128);
    put("decode", "32+128", "tok/s", r, check);
    for (int t : new int[] {16, 64, 256, 1024}) {
      int[] p = Arrays.copyOf(ids, t);
      int n = t >= 1024 ? 3 : t >= 256 ? 5 : 15;
      for (int i = 0; i < (t >= 1024 ? 0 : 3); i++) prefill(m, p);
      double[] ms = new double[n];
      for (int i = 0; i < n; i++) {
        long s = System.nanoTime();
        prefill(m, p);
        ms[i] = (System.nanoTime() - s) / 1e6;
      }
      put("prefill_last", "" + t, "ms", ms, check);
    }
    System.exit(0);
  }

  /**
   * The whole prompt (Jlama runs it in batches of 256 and returns the last batch), then the logits
   * of the last position (Jlama offers no all-position logits).
   */
  static float[] prefill(AbstractModel m, int[] ids) {
    try (KvBufferCache c = new KvBufferCache(m);
        KvBufferCache.KvBuffer kv = c.getKvBuffer(UUID.randomUUID());
        AbstractTensor h = m.batchForward(ids, 0, kv);
        AbstractTensor last = h.slice(h.shape().first() - 1)) {
      return m.getLogits(last);
    } catch (Exception e) {
      throw new RuntimeException(e);
    }
  }

  static double decode(AbstractModel m, int[] ids, int nPrompt, int nNew) throws Exception {
    try (KvBufferCache c = new KvBufferCache(m);
        KvBufferCache.KvBuffer kv = c.getKvBuffer(UUID.randomUUID());
        AbstractTensor logits = m.makeDenseTensor(m.getConfig().vocabularySize)) {
      int next;
      try (AbstractTensor h = m.batchForward(Arrays.copyOf(ids, nPrompt), 0, kv)) {
        next = m.sample(h.slice(nPrompt - 1), 0f, 0f, logits);
      }
      long t = System.nanoTime();
      for (int i = 0; i < nNew; i++) {
        try (AbstractTensor h = m.forward(next, nPrompt + i, kv, java.util.Optional.empty())) {
          next = m.sample(h, 0f, 0f, logits);
        }
      }
      return nNew / ((System.nanoTime() - t) / 1e9);
    }
  }

  static int argmax(float[] v) {
    int b = 0;
    for (int i = 1; i < v.length; i++) if (v[i] > v[b]) b = i;
    return b;
  }

  static int refArgmax() throws Exception {
    Matcher x =
        Pattern.compile("\"T16\".*?\"argmax_last\": (\\d+)", Pattern.DOTALL)
            .matcher(Files.readString(Path.of(model, "reference.json")));
    return x.find() ? Integer.parseInt(x.group(1)) : -1;
  }

  static void put(String row, String param, String unit, double[] v, String check)
      throws Exception {
    double[] s = v.clone();
    Arrays.sort(s);
    String line =
        String.format(
            "{\"peer\": \"jlama\", \"version\": \"0.8.4\", \"variant\": \"%s\", \"row\": \"%s\","
                + " \"param\": \"%s\", \"threads\": %d, \"unit\": \"%s\", \"median\": %.4f,"
                + " \"min\": %.4f, \"max\": %.4f, \"n\": %d, \"check\": \"%s\"}",
            variant,
            row,
            param,
            threads,
            unit,
            s[s.length / 2],
            s[0],
            s[s.length - 1],
            s.length,
            check);
    System.out.println(line);
    Files.writeString(
        Path.of(out), line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }
}
