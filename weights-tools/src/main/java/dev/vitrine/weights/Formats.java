package dev.vitrine.weights;

import dev.vitrine.weights.bytes.Storage;
import dev.vitrine.weights.gguf.Gguf;
import dev.vitrine.weights.npz.Npz;
import dev.vitrine.weights.safetensors.Safetensors;
import dev.vitrine.weights.torch.Torch;
import dev.vitrine.weights.zip.ZipArchive;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Recognises the format of a checkpoint by its first bytes. */
final class Formats {

  private static final int HEAD = 64;

  /** A pickle of protocol 2 that begins with the magic number of {@code torch.save}. */
  private static final String TORCH_LEGACY =
      "\u0080\u0002\u008a\nl\u00fc\u009cF\u00f9 j\u00a8P\u0019.";

  private Formats() {}

  static Checkpoint read(Storage storage) {
    if (storage.length() == 0) {
      throw new WeightsException(storage.origin() + ": is empty (0 bytes); fetch it again");
    }
    String head =
        new String(
            storage.read(0, (int) Math.min(storage.length(), HEAD)), StandardCharsets.ISO_8859_1);
    if (isSafetensors(head)) {
      return Safetensors.read(storage);
    }
    if (head.startsWith("PK\u0003\u0004")) {
      return zip(storage);
    }
    if (head.startsWith("GGUF")) {
      return Gguf.read(storage);
    }
    if (head.startsWith(TORCH_LEGACY)) {
      return Torch.readLegacy(storage);
    }
    String other = otherFormat(head);
    if (other != null) {
      throw new WeightsException(storage.origin() + ": " + other);
    }
    return Safetensors.read(storage);
  }

  /**
   * A length below 2³² in eight bytes and then an object: asked first, as such a length may begin
   * like a pickle or like a web page.
   */
  private static boolean isSafetensors(String head) {
    return head.startsWith("\u0000\u0000\u0000\u0000{", 4);
  }

  private static Checkpoint zip(Storage storage) {
    ZipArchive zip = new ZipArchive(storage);
    if (Torch.recognises(zip)) {
      return Torch.readZip(storage, zip);
    }
    if (Npz.recognises(zip)) {
      return Npz.read(storage, zip);
    }
    throw new WeightsException(
        storage.origin() + ": is a zip, but neither of PyTorch nor of NumPy; check the path");
  }

  private static @Nullable String otherFormat(String head) {
    if (head.startsWith("version https://git-lfs")) {
      return "is a Git LFS pointer, not the weights; run 'git lfs pull' in its repository";
    }
    if (head.startsWith("\u0080")) {
      return "is a pickle, but not of torch.save; use the model's safetensors";
    }
    if (head.startsWith("\u0089HDF")) {
      return "is HDF5 (TensorFlow), which is not read; use the model's safetensors";
    }
    if (head.startsWith("<!") || head.startsWith("<html")) {
      return "is a web page, not weights; fetch the file itself";
    }
    return null;
  }
}
