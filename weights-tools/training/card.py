"""Writes the model card from the training log and from measurements of the exported model.

    python card.py --run DIR --model DIR --out FOLDER
"""

import argparse
import json

import torch

from evaluate import Evaluation
from train import load

BARS = {
    "indirect_object": ("★ indirect object", "right name above wrong", "above", 0.95),
    "facts": ("★ facts", "right one above all others of its kind", "above", 0.95),
    "succession": ("★ succession", "right one above all others of its kind", "above", 0.95),
    "pronoun": ("★ pronoun", "right above wrong", "above", 0.95),
    "agreement": ("agreement across an attractor", "right above wrong", "above", 0.95),
    "greater_than": ("greater-than", "mass on greater minus less", "margin", 0.9),
    "state_tracking_1": ("state tracking, one fact", "right place above the other places named", "above", 0.9),
    "state_tracking_2": ("state tracking, two facts", "right place above the other places named", "above", 0.9),
    "state_tracking_3": ("state tracking, three facts", "right place above the other places named", "above", None),
    "in_context_rule": ("in-context rule", "right one above all others of its kind", "above", 0.9),
    "brackets": ("brackets and quotes", "right above wrong", "above", 0.95),
}
OPENINGS = ["One", "On", "It", "Once", "Mary", "Tom", "On Monday", "One Sunday", "Once upon", "When"]


@torch.no_grad()
def sample(model, evaluation, opening, seed, length=110, temperature=0.8):
    generator = torch.Generator().manual_seed(seed)
    ids = evaluation.tokenizer.encode(opening).ids
    end = evaluation.tokenizer.token_to_id("<|endoftext|>")
    while len(ids) < length:
        probabilities = (model(torch.tensor([ids]))[0, -1] / temperature).softmax(-1)
        ids.append(torch.multinomial(probabilities, 1, generator=generator).item())
        if ids[-1] == end:
            ids.pop()
            break
    return evaluation.tokenizer.decode(ids)


def chart(lines):
    """The loss of everything that can be predicted, and of the tokens that two skills decide, as an SVG."""
    series = [("all", "#222"), ("induction", "#c33"), ("indirect_object", "#36c"), ("stories", "#393")]
    last, top = lines[-1]["tokens"], 9.0
    x = lambda tokens: 40 + 540 * tokens / last
    y = lambda loss: 250 - 230 * loss / top
    parts = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 290" font-family="sans-serif" font-size="11">']
    parts.append('<rect width="640" height="290" fill="#fff"/>')
    for loss in range(0, 10, 3):
        parts.append(f'<path d="M40 {y(loss):.1f}H580" stroke="#ddd"/><text x="20" y="{y(loss) + 4:.1f}">{loss}</text>')
    for number, (name, color) in enumerate(series):
        points = [(line["tokens"], line["loss"][name]) for line in lines]
        path = " ".join(f"{x(t):.1f},{y(min(v, top)):.1f}" for t, v in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{color}"/>')
        parts.append(f'<text x="{60 + 130 * number}" y="282" fill="{color}">{name.replace("_", " ")}</text>')
    parts.append(f'<text x="500" y="266">{last / 1e6:.1f} million tokens</text></svg>')
    return "\n".join(parts) + "\n"


def loss_table(lines):
    names = ["all", "induction", "indirect_object", "facts", "succession", "pronoun", "state_tracking_1", "state_tracking_2", "stories"]
    rows = ["| step | tokens | " + " | ".join(n.replace("_", " ") for n in names) + " |", "|---" * (len(names) + 2) + "|"]
    lines = [line for line in lines if line["step"] % 20 == 0]  # the last one may speak of fewer steps
    chosen = sorted({round(i * (len(lines) - 1) / 11) for i in range(12)})
    for line in (lines[i] for i in chosen):
        rows.append(f"| {line['step']} | {line['tokens']:,} | " + " | ".join(f"{line['loss'][n]:.3f}" for n in names) + " |")
    return "\n".join(rows)


def skill_table(result, prompts):
    heads = [(score, layer, head) for layer, row in enumerate(result["induction_scores"]) for head, score in enumerate(row)]
    score, layer, head = max(heads)
    rows = ["| skill | measured | bar | result | met | right token is first of all | its probability | prompts |", "|---|---|---|---|---|---|---|---|"]
    met = lambda value, bar: "–" if bar is None else "yes" if value >= bar else "**no**"
    value = result["induction"]
    rows.append(f"| ★ induction on random tokens | accuracy on the second half | 0.9 | {value:.3f} | {met(value, 0.9)} | {value:.3f} | – | {len(prompts['induction'])} sequences |")
    rows.append(f"| ★ an induction head | score of head {layer}.{head} | 0.6 | {score:.3f} | {met(score, 0.6)} | – | – | {len(prompts['induction'])} sequences |")
    for name, (title, what, key, bar) in BARS.items():
        r = result[name]
        first = "–" if key == "margin" else f"{r['first']:.3f}"
        probability = "–" if key == "margin" else f"{r['probability']:.3f}"
        rows.append(f"| {title} | {what} | {bar or '–'} | {r[key]:.3f} | {met(r[key], bar)} | {first} | {probability} | {r['prompts']} |")
    return "\n".join(rows)


def score_table(scores):
    rows = ["| layer | " + " | ".join(f"head {h}" for h in range(len(scores[0]))) + " |", "|---" * (len(scores[0]) + 1) + "|"]
    rows += [f"| {layer} | " + " | ".join(f"{s:.3f}" for s in row) + " |" for layer, row in enumerate(scores)]
    return "\n".join(rows)


def main():
    parser = argparse.ArgumentParser()
    for name in ("run", "model", "out"):
        parser.add_argument("--" + name, required=True)
    args = parser.parse_args()
    torch.set_num_threads(2)
    lines = [json.loads(line) for line in open(f"{args.run}/log.jsonl")]
    lines = [line for line in lines if "loss" in line]
    model, evaluation = load(args.model), Evaluation(args.model)
    result = evaluation.full(model)
    samples = [sample(model, evaluation, opening, seed) for seed, opening in enumerate(OPENINGS, 1)]
    example = ", ".join(f"`{token}` {p:.3f}" for token, p in result["example"])
    card = open(f"{__file__.rsplit('/', 1)[0]}/card.md").read()
    values = {
        "PARAMETERS": f"{sum(p.numel() for p in model.parameters()):,}",
        "STEPS": f"{lines[-1]['step']:,}",
        "TOKENS": f"{lines[-1]['tokens']:,}",
        "MINUTES": f"{lines[-1]['seconds'] / 60:.0f}",
        "LOSSES": loss_table(lines),
        "SKILLS": skill_table(result, evaluation.prompts),
        "SCORES": score_table(result["induction_scores"]),
        "EXAMPLE": example,
        "PERPLEXITY": f"{result['stories_perplexity']:.3f}",
        "SAMPLES": "\n\n".join(f"{n}. " + text.replace("\n", "\n   ") for n, text in enumerate(samples, 1)),
    }
    for name, value in values.items():
        card = card.replace("{" + name + "}", value)
    with open(f"{args.out}/MODEL_CARD.md", "w") as file:
        file.write(card)
    with open(f"{args.out}/loss.svg", "w") as file:
        file.write(chart(lines))
    print(json.dumps(result))


if __name__ == "__main__":
    main()
