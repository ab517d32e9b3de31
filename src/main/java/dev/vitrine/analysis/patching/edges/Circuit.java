package dev.vitrine.analysis.patching.edges;

import dev.vitrine.tensor.drawing.picture.Card;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * A circuit: some edges and the parts that they join, drawn from the embedding at the bottom to the
 * logits at the top. A line is the thicker, the more patching its edge changes the metric; blue
 * raises it, orange lowers it.
 */
final class Circuit {
  private static final double WIDTH = 82;
  private static final double HEIGHT = 26;
  private static final double GAP = 22;
  private static final double RISE = 74;
  private static final double MARGIN = 24;
  private static final double PORT = 24;

  /** A part of the model in the picture. */
  private record Node(String name, int rank, int order) {}

  /** Where a node's centre lies. */
  private record Place(double x, double y) {}

  private final List<EdgeEffects.Effect> effects;
  private final String metric;
  private final Map<Node, Place> places = new LinkedHashMap<>();
  private double width;
  private double height;

  private Circuit(List<EdgeEffects.Effect> effects, String metric) {
    this.effects = effects;
    this.metric = metric;
    lay();
  }

  static Circuit of(List<EdgeEffects.Effect> effects, String metric) {
    return new Circuit(effects, metric);
  }

  private static Node node(Sender sender) {
    return switch (sender.kind()) {
      case EMBED -> new Node("embed", -1, 0);
      case HEAD -> new Node(sender.toString(), 2 * sender.layer(), sender.head());
      case MLP -> new Node(sender.toString(), 2 * sender.layer() + 1, 0);
    };
  }

  private static Node node(Receiver receiver) {
    return switch (receiver.kind()) {
      case Q, K, V -> node(Sender.head(receiver.layer(), receiver.head()));
      case MLP -> node(Sender.mlp(receiver.layer()));
      case LOGITS -> new Node("logits", 2 * receiver.layer(), 0);
    };
  }

  /** One row for each rank that has a node, each row centred. */
  private void lay() {
    Map<Integer, Map<Integer, Node>> rows = new TreeMap<>();
    for (EdgeEffects.Effect effect : effects) {
      for (Node node : List.of(node(effect.edge().from()), node(effect.edge().to()))) {
        rows.computeIfAbsent(node.rank(), _ -> new TreeMap<>()).put(node.order(), node);
      }
    }
    int widest = rows.values().stream().mapToInt(Map::size).max().orElse(0);
    width = Math.max(widest * (WIDTH + GAP) - GAP, 340) + 2 * MARGIN;
    height = 44 + rows.size() * RISE;
    int line = 0;
    for (Map<Integer, Node> row : rows.values()) {
      double y = height - RISE / 2 - line * RISE;
      double step = (width - 2 * MARGIN) / row.size();
      // Rows are set off by turns, so that lines past a row do not run through its middle.
      double shift = row.size() == widest ? 0 : (line % 2 == 0 ? -1 : 1) * Math.min(step / 6, 30);
      int i = 0;
      for (Node node : row.values()) {
        places.put(node, new Place(MARGIN + step * (i + 0.5) + shift, y));
        i++;
      }
      line++;
    }
  }

  String svg() {
    StringBuilder body = new StringBuilder();
    double most = effects.stream().mapToDouble(e -> Math.abs(e.change())).max().orElse(1);
    List<EdgeEffects.Effect> faintFirst = new ArrayList<>(effects).reversed();
    for (EdgeEffects.Effect effect : faintFirst) {
      line(body, effect, most == 0 ? 0 : effect.change() / most);
    }
    places.forEach((node, place) -> box(body, node, place));
    faintFirst.stream().map(EdgeEffects.Effect::edge).distinct().forEach(edge -> port(body, edge));
    String title =
        "the %d strongest edges: %s, %s at most"
            .formatted(effects.size(), metric, String.format(Locale.ROOT, "%+.3g", signedMost()));
    double least = 2 * MARGIN + title.length() * 8.2;
    return Card.of(title, Math.max(width, least), height + MARGIN / 2, body);
  }

  private double signedMost() {
    return effects.isEmpty() ? 0 : effects.getFirst().change();
  }

  private void line(StringBuilder svg, EdgeEffects.Effect effect, double share) {
    Place from = places.get(node(effect.edge().from()));
    Place to = places.get(node(effect.edge().to()));
    if (from == null || to == null) {
      return;
    }
    double x1 = from.x();
    double y1 = from.y() - HEIGHT / 2;
    double x2 = to.x() + port(effect.edge().to());
    double y2 = to.y() + HEIGHT / 2;
    double bend = Math.max((y1 - y2) / 2, 14);
    double strength = 0.35 + 0.55 * Math.abs(share);
    svg.append("<path fill=\"none\" stroke-linecap=\"round\" stroke=\"")
        .append(Card.colour(share < 0 ? -strength : strength))
        .append("\" stroke-width=\"" + Card.number(0.8 + 5 * Math.abs(share)))
        .append("\" d=\"M" + Card.number(x1) + " " + Card.number(y1))
        .append(" C" + Card.number(x1) + " " + Card.number(y1 - bend))
        .append(" " + Card.number(x2) + " " + Card.number(y2 + bend))
        .append(" " + Card.number(x2) + " " + Card.number(y2) + "\"><title>")
        .append(Card.escaped(effect.edge().toString()))
        .append(String.format(Locale.ROOT, ": %+.4g", effect.change()))
        .append("</title></path>\n");
  }

  private static double port(Receiver receiver) {
    return switch (receiver.kind()) {
      case Q -> -PORT;
      case V -> PORT;
      default -> 0;
    };
  }

  private static void box(StringBuilder svg, Node node, Place place) {
    svg.append("<rect class=\"b\" rx=\"6\" x=\"" + Card.number(place.x() - WIDTH / 2))
        .append("\" y=\"" + Card.number(place.y() - HEIGHT / 2))
        .append("\" width=\"" + Card.number(WIDTH) + "\" height=\"" + Card.number(HEIGHT))
        .append("\"/>\n");
    Card.line(svg, "c o", place.x(), place.y() + 2, node.name());
  }

  private void port(StringBuilder svg, Edge edge) {
    Place place = places.get(node(edge.to()));
    if (edge.to().isHead() && place != null) {
      String name = edge.to().kind().name().toLowerCase(Locale.ROOT);
      Card.line(svg, "a o", place.x() + port(edge.to()), place.y() + HEIGHT / 2 - 2, name);
    }
  }
}
