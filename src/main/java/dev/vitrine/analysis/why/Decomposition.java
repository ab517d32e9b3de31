package dev.vitrine.analysis.why;

import static dev.vitrine.tensor.Axis.D_MLP;
import static dev.vitrine.tensor.Axis.D_MODEL;
import static dev.vitrine.tensor.Axis.HEAD;
import static dev.vitrine.tensor.Axis.KEY;
import static dev.vitrine.tensor.Axis.POSITION;
import static dev.vitrine.tensor.Axis.QUERY;

import dev.vitrine.analysis.why.Term.Kind;
import dev.vitrine.model.Parameters;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.trace.Hook;
import dev.vitrine.trace.Site;
import dev.vitrine.trace.Trace;
import dev.vitrine.trace.edit.Target;
import dev.vitrine.weights.Config;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

/** Takes readings of a trace's residual stream apart. */
final class Decomposition {
  private final Trace trace;
  private final Config config;
  private final Parameters parameters;

  Decomposition(Trace trace) {
    this.trace = trace;
    this.config = trace.model().config();
    this.parameters = trace.model().parameters();
  }

  /** The logit of a token, or its difference to another's. */
  Term logit(int position, int token, OptionalInt against) {
    Tensor logits = trace.logits(position);
    double[] direction = parameters.unembedding(token).doubles();
    double value = logits.get(token);
    double bias = parameters.unembeddingBias(token);
    String label = "logit of " + name(token);
    if (against.isPresent()) {
      int other = against.getAsInt();
      double[] minus = parameters.unembedding(other).doubles();
      for (int i = 0; i < direction.length; i++) {
        direction[i] -= minus[i];
      }
      value -= logits.get(other);
      bias -= parameters.unembeddingBias(other);
      label += " - logit of " + name(other);
    }
    double constant = bias;
    return new Term(
        Kind.LOGIT,
        label,
        value,
        null,
        () -> {
          double[] through = direction;
          List<Term> biases = new ArrayList<>();
          if (config.layerNorm()) {
            double scale = at(Site.lnFinalScale(), position)[0];
            through =
                Reader.throughNorm(direction, parameters.finalGain().orElseGet(this::ones), scale);
            parameters
                .finalBias()
                .ifPresent(b -> biases.add(bias("ln_final b", Reader.dot(b.doubles(), direction))));
          }
          biases.add(bias("b_U", constant));
          List<Term> parts = written(new Reader(config.layers(), false, position, through));
          parts.addAll(biases);
          return parts;
        });
  }

  private String name(int token) {
    return "\"" + trace.model().piece(token) + "\"";
  }

  private String token(int position) {
    return position + " \"" + trace.tokens().string(position) + "\"";
  }

  private Tensor ones() {
    double[] ones = new double[config.dModel()];
    Arrays.fill(ones, 1);
    return Tensor.of(ones, D_MODEL.of(ones.length));
  }

  private static Term bias(String label, double value) {
    return Term.leaf(Kind.BIAS, label, value, null);
  }

  private double[] at(Site site, int position) {
    return trace.tensor(site).at(POSITION, position).doubles();
  }

  /** Everything that had written to the residual stream where it is read. */
  private List<Term> written(Reader reader) {
    int p = reader.position();
    List<Term> terms = new ArrayList<>();
    terms.add(embedding("embed", Site.embed(), reader));
    if (config.positions()) {
      terms.add(embedding("pos_embed", Site.posEmbed(), reader));
    }
    for (int layer = 0; layer < reader.blocks() + (reader.mid() ? 1 : 0); layer++) {
      Tensor results = trace.tensor(Site.result(layer)).at(POSITION, p);
      for (int head = 0; head < config.heads(); head++) {
        terms.add(head(layer, head, reader, results.at(HEAD, head).doubles()));
      }
      double[] bias = parameters.attentionOutputBias(layer).doubles();
      terms.add(bias("L" + layer + " b_O", Reader.dot(bias, reader.direction())));
      if (!config.attentionOnly() && layer < reader.blocks()) {
        terms.add(mlp(layer, reader));
      }
    }
    return terms;
  }

  private Term embedding(String label, Site site, Reader reader) {
    double value = Reader.dot(at(site, reader.position()), reader.direction());
    Target target = site.at(POSITION, reader.position());
    return Term.leaf(Kind.EMBEDDING, label, value, target);
  }

  // ---- heads

  private Term head(int layer, int head, Reader reader, double[] result) {
    int p = reader.position();
    return new Term(
        Kind.HEAD,
        "L" + layer + "H" + head,
        Reader.dot(result, reader.direction()),
        Site.result(layer).at(HEAD, head).at(POSITION, p),
        () -> sources(layer, head, reader));
  }

  /** What a head moved from each position: {@code pattern[q, k] · (v[k] W_O) · direction}. */
  private List<Term> sources(int layer, int head, Reader reader) {
    int p = reader.position();
    double[] output = parameters.tensor("blocks." + layer + ".attn.W_O").at(HEAD, head).doubles();
    double[] direction = Reader.times(output, reader.direction()); // [d_head]
    double[] pattern = trace.tensor(Site.pattern(layer)).at(HEAD, head).at(QUERY, p).doubles();
    Tensor values = trace.tensor(Site.v(layer)).at(HEAD, head);
    List<Term> terms = new ArrayList<>();
    for (int key = 0; key <= p; key++) {
      int from = key;
      double[] moved = Reader.scaled(direction, pattern[key]);
      terms.add(
          new Term(
              Kind.SOURCE,
              "from " + token(key),
              Reader.dot(values.at(POSITION, key).doubles(), moved),
              Site.pattern(layer).at(HEAD, head).at(QUERY, p).at(KEY, key),
              () -> throughValue(layer, head, from, moved)));
    }
    return terms;
  }

  /** A value, read along a direction: what had been written where the head read it. */
  private List<Term> throughValue(int layer, int head, int position, double[] direction) {
    String block = "blocks." + layer + ".attn.";
    double[] matrix = parameters.tensor(block + "W_V").at(HEAD, head).doubles();
    double[] read = Reader.times(matrix, direction); // [d_model], behind the layer norm
    double constant =
        Reader.dot(parameters.tensor(block + "b_V").at(HEAD, head).doubles(), direction);
    return throughNorm(
        layer, false, position, read, constant, "ln1", Site.of(Hook.LN1_SCALE, layer));
  }

  private List<Term> throughNorm(
      int layer,
      boolean mid,
      int position,
      double[] read,
      double constant,
      String norm,
      Site scale) {
    double[] through = read;
    double biases = constant;
    if (config.layerNorm()) {
      String name = "blocks." + layer + "." + norm;
      through = Reader.throughNorm(read, weight(name + ".w"), at(scale, position)[0]);
      biases += Reader.dot(weightOrZero(name + ".b"), read);
    }
    List<Term> terms = written(new Reader(layer, mid, position, through));
    terms.add(bias("biases on the way", biases));
    return terms;
  }

  private Tensor weight(String name) {
    return parameters.names().contains(name) ? parameters.tensor(name) : ones();
  }

  private double[] weightOrZero(String name) {
    return parameters.names().contains(name)
        ? parameters.tensor(name).doubles()
        : new double[config.dModel()];
  }

  // ---- MLPs

  private Term mlp(int layer, Reader reader) {
    int p = reader.position();
    return new Term(
        Kind.MLP,
        "L" + layer + " MLP",
        Reader.dot(at(Site.mlpOut(layer), p), reader.direction()),
        Site.mlpOut(layer).at(POSITION, p),
        () -> neurons(layer, reader));
  }

  /** What each neuron wrote: {@code post[n] · W_out[n] · direction}; then the bias. */
  private List<Term> neurons(int layer, Reader reader) {
    int p = reader.position();
    double[] weights =
        Reader.times(
            parameters.tensor("blocks." + layer + ".mlp.W_out").doubles(), reader.direction());
    double[] post = at(Site.mlpPost(layer), p);
    List<Term> terms = new ArrayList<>();
    for (int neuron = 0; neuron < post.length; neuron++) {
      int n = neuron;
      double weight = weights[n];
      terms.add(
          new Term(
              Kind.NEURON,
              "L" + layer + "N" + n,
              post[n] * weight,
              Site.mlpPost(layer).at(POSITION, p).at(D_MLP, n),
              () -> throughNeuron(layer, n, p, weight)));
    }
    double[] bias = parameters.tensor("blocks." + layer + ".mlp.b_out").doubles();
    terms.add(bias("L" + layer + " b_out", Reader.dot(bias, reader.direction())));
    return terms;
  }

  /** {@code post = gate · pre}, the gate frozen: what had been written where the neuron reads. */
  private List<Term> throughNeuron(int layer, int neuron, int position, double weight) {
    double pre = at(Site.mlpPre(layer), position)[neuron];
    double post = at(Site.mlpPost(layer), position)[neuron];
    double gate = pre == 0 ? 0 : post / pre;
    String block = "blocks." + layer + ".mlp.";
    double[] input = parameters.tensor(block + "W_in").at(D_MLP, neuron).doubles();
    double bias = parameters.tensor(block + "b_in").doubles()[neuron];
    return throughNorm(
        layer,
        true,
        position,
        Reader.scaled(input, gate * weight),
        bias * gate * weight,
        "ln2",
        Site.of(Hook.LN2_SCALE, layer));
  }
}
