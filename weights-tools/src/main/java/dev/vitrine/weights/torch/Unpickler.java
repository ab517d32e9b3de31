package dev.vitrine.weights.torch;

import dev.vitrine.weights.Dtype;
import dev.vitrine.weights.WeightsException;
import dev.vitrine.weights.bytes.Cursor;
import dev.vitrine.weights.torch.Pickled.Dictionary;
import dev.vitrine.weights.torch.Pickled.Elements;
import dev.vitrine.weights.torch.Pickled.Fraction;
import dev.vitrine.weights.torch.Pickled.Global;
import dev.vitrine.weights.torch.Pickled.Nothing;
import dev.vitrine.weights.torch.Pickled.Sequence;
import dev.vitrine.weights.torch.Pickled.Tensor;
import dev.vitrine.weights.torch.Pickled.Text;
import dev.vitrine.weights.torch.Pickled.Whole;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Reads one pickle that holds tensors.
 *
 * <p>A pickle is a program. This machine knows the instructions that lists, dictionaries and
 * tensors need, and runs nothing: what names anything else of Python is refused by that name.
 */
final class Unpickler {

  private static final Set<String> GLOBALS =
      Set.of(
          "collections.OrderedDict",
          "torch._utils._rebuild_tensor_v2",
          "torch._utils._rebuild_parameter",
          "torch.Size");

  private static final Map<String, Dtype> STORAGES =
      Map.of(
          "torch.DoubleStorage", Dtype.F64,
          "torch.FloatStorage", Dtype.F32,
          "torch.HalfStorage", Dtype.F16,
          "torch.BFloat16Storage", Dtype.BF16,
          "torch.LongStorage", Dtype.I64,
          "torch.IntStorage", Dtype.I32,
          "torch.ShortStorage", Dtype.I16,
          "torch.CharStorage", Dtype.I8,
          "torch.ByteStorage", Dtype.U8,
          "torch.BoolStorage", Dtype.BOOL);

  private final String origin;
  private final Cursor cursor;
  private List<Pickled> stack = new ArrayList<>();
  private final Deque<List<Pickled>> marks = new ArrayDeque<>();
  private final Map<Long, Pickled> memo = new HashMap<>();

  private Unpickler(String origin, Cursor cursor) {
    this.origin = origin;
    this.cursor = cursor;
  }

  /**
   * Reads one pickle; the cursor then stands after it.
   *
   * @throws WeightsException if it is broken, or holds more than tensors
   */
  static Pickled read(String origin, Cursor cursor) {
    return new Unpickler(origin, cursor).run();
  }

  private Pickled run() {
    while (true) {
      int code = cursor.u8();
      if (code == '.') {
        return pop();
      }
      step(code);
    }
  }

  private void step(int code) {
    switch (code) {
      case 0x80 -> protocol(); // PROTO
      case 0x95 -> cursor.i64(); // FRAME
      case '(' -> mark();
      case '0' -> pop();
      case '}' -> push(new Dictionary(new LinkedHashMap<>()));
      case ']', ')' -> push(new Sequence(new ArrayList<>()));
      case 't' -> push(new Sequence(popMark()));
      case 0x85 -> tuple(1);
      case 0x86 -> tuple(2);
      case 0x87 -> tuple(3);
      case 'a' -> appends(List.of(pop()));
      case 'e' -> appends(popMark());
      case 's' -> {
        Pickled value = pop();
        setItems(List.of(pop(), value));
      }
      case 'u' -> setItems(popMark());
      case 'q' -> memo.put((long) cursor.u8(), top());
      case 'r' -> memo.put(cursor.u32(), top());
      case 0x94 -> memo.put((long) memo.size(), top()); // MEMOIZE
      case 'h' -> push(recall(cursor.u8()));
      case 'j' -> push(recall(cursor.u32()));
      case 'c' -> push(global(line(), line()));
      case 0x93 -> { // STACK_GLOBAL
        String name = text(pop());
        push(global(text(pop()), name));
      }
      case 'Q' -> push(persistent(pop()));
      case 'R' -> {
        List<Pickled> arguments = sequence(pop());
        push(call(pop(), arguments));
      }
      case 'b' -> pop(); // BUILD: attributes of an OrderedDict, such as _metadata
      default -> push(constant(code));
    }
  }

  private Pickled constant(int code) {
    return switch (code) {
      case 'N' -> Nothing.NONE;
      case 0x88 -> new Whole(1);
      case 0x89 -> new Whole(0);
      case 'K' -> new Whole(cursor.u8());
      case 'M' -> new Whole(cursor.u16());
      case 'J' -> new Whole(cursor.i32());
      case 0x8a -> longInteger(cursor.u8());
      case 'G' -> new Fraction(Double.longBitsToDouble(Long.reverseBytes(cursor.i64())));
      case 'X' -> new Text(cursor.utf8(cursor.u32()));
      case 0x8c, 'U' -> new Text(cursor.utf8(cursor.u8()));
      case 'T' -> new Text(cursor.utf8(cursor.i32()));
      default ->
          throw refused(
              String.format(Locale.ROOT, "the pickle instruction 0x%02x", code)
                  + (code > ' ' && code < 127 ? " ('" + (char) code + "')" : ""));
    };
  }

  private WeightsException refused(String what) {
    return new WeightsException(
        origin + ": uses " + what + ", which no tensors need; it is refused, as it could run code");
  }

  private WeightsException broken(String why) {
    return new WeightsException(
        origin + ": is a broken pickle (" + why + " at byte " + cursor.position() + ")");
  }

  private void protocol() {
    int version = cursor.u8();
    if (version > 5) {
      throw broken("protocol " + version);
    }
  }

  private void push(Pickled value) {
    stack.add(value);
  }

  private Pickled pop() {
    if (stack.isEmpty()) {
      throw broken("nothing on the stack");
    }
    return stack.removeLast();
  }

  private Pickled top() {
    if (stack.isEmpty()) {
      throw broken("nothing on the stack");
    }
    return stack.getLast();
  }

  private void mark() {
    marks.push(stack);
    stack = new ArrayList<>();
  }

  private List<Pickled> popMark() {
    if (marks.isEmpty()) {
      throw broken("no mark on the stack");
    }
    List<Pickled> above = stack;
    stack = marks.pop();
    return above;
  }

  private void tuple(int size) {
    List<Pickled> items = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      items.addFirst(pop());
    }
    push(new Sequence(items));
  }

  private void appends(List<Pickled> items) {
    sequence(top()).addAll(items);
  }

  private void setItems(List<Pickled> keysAndValues) {
    if (!(top() instanceof Dictionary dictionary) || keysAndValues.size() % 2 != 0) {
      throw broken("no dictionary to set items of");
    }
    for (int i = 0; i < keysAndValues.size(); i += 2) {
      if (keysAndValues.get(i) instanceof Text key) {
        dictionary.items().put(key.value(), keysAndValues.get(i + 1));
      }
    }
  }

  private Pickled recall(long key) {
    Pickled value = memo.get(key);
    if (value == null) {
      throw broken("nothing is remembered as " + key);
    }
    return value;
  }

  private String line() {
    StringBuilder line = new StringBuilder();
    for (int c = cursor.u8(); c != '\n'; c = cursor.u8()) {
      if (line.length() > 200) {
        throw broken("a name of Python is too long");
      }
      line.append((char) c);
    }
    return line.toString();
  }

  private Pickled longInteger(int count) {
    byte[] bytes = cursor.bytes(count);
    long value = 0;
    for (int i = 0; i < Math.min(count, Long.BYTES); i++) {
      value |= (bytes[i] & 0xffL) << (8 * i);
    }
    if (count > 0 && count < Long.BYTES && bytes[count - 1] < 0) {
      value |= -1L << (8 * count);
    }
    return new Whole(value);
  }

  private Pickled global(String module, String name) {
    String full = module + "." + name;
    if (!GLOBALS.contains(full) && !STORAGES.containsKey(full)) {
      throw refused("Python's '" + full + "'");
    }
    return new Global(full);
  }

  private Pickled persistent(Pickled id) {
    List<Pickled> parts = sequence(id);
    if (parts.size() < 5 || !text(parts.get(0)).equals("storage")) {
      throw broken("a persistent id that is no storage");
    }
    Dtype dtype = parts.get(1) instanceof Global type ? STORAGES.get(type.name()) : null;
    if (dtype == null) {
      throw broken("a storage of no known type");
    }
    if (parts.size() > 5 && parts.get(5) != Nothing.NONE) {
      throw broken("a storage that is a view of another");
    }
    return new Elements(text(parts.get(2)), dtype, whole(parts.get(4)));
  }

  private Pickled call(Pickled function, List<Pickled> arguments) {
    String name = function instanceof Global global ? global.name() : "";
    return switch (name) {
      case "collections.OrderedDict" -> new Dictionary(new LinkedHashMap<>());
      case "torch.Size" -> new Sequence(arguments);
      case "torch._utils._rebuild_parameter" -> {
        if (arguments.isEmpty() || !(arguments.getFirst() instanceof Tensor tensor)) {
          throw broken("a parameter that is no tensor");
        }
        yield tensor;
      }
      case "torch._utils._rebuild_tensor_v2" -> {
        if (arguments.size() < 4 || !(arguments.getFirst() instanceof Elements elements)) {
          throw broken("a tensor without elements");
        }
        yield new Tensor(
            elements, whole(arguments.get(1)), wholes(arguments.get(2)), wholes(arguments.get(3)));
      }
      default -> throw broken("a call of what is no function");
    };
  }

  private List<Pickled> sequence(Pickled value) {
    if (value instanceof Sequence sequence) {
      return sequence.items();
    }
    throw broken("no sequence where one belongs");
  }

  private String text(Pickled value) {
    if (value instanceof Text text) {
      return text.value();
    }
    throw broken("no text where one belongs");
  }

  private long whole(Pickled value) {
    if (value instanceof Whole whole) {
      return whole.value();
    }
    throw broken("no integer where one belongs");
  }

  private List<Long> wholes(Pickled value) {
    return sequence(value).stream().map(this::whole).toList();
  }
}
