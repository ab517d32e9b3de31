"""Measures a model on the prompts of heldout.json."""

import json
import math

import torch
import torch.nn.functional as F
from tokenizers import Tokenizer


def skill_losses(sources, marks, losses):
    """Mean loss of each source: of its decided tokens where it has any, else of its text; "all" is everything but random tokens."""
    result = {"all": round(losses[marks % 4 > 0].mean().item(), 4)}
    for number, name in enumerate(sources):
        decided = losses[marks == number * 4 + 2]
        text = losses[marks == number * 4 + 1]
        result[name] = round((text if name == "stories" else decided).mean().item(), 4)
    return result


class Evaluation:
    def __init__(self, folder):
        self.tokenizer = Tokenizer.from_file(f"{folder}/tokenizer.json")
        self.prompts = json.load(open(f"{folder}/heldout.json"))

    def one(self, token):
        ids = self.tokenizer.encode(token).ids
        assert len(ids) == 1, f"{token!r} is {len(ids)} tokens"
        return ids[0]

    @torch.no_grad()
    def last_logits(self, model, texts):
        """The logits after each text; texts are run in batches of similar length, padded after their end."""
        encoded = [self.tokenizer.encode(text).ids for text in texts]
        order = sorted(range(len(texts)), key=lambda i: len(encoded[i]))
        result = [None] * len(texts)
        for start in range(0, len(order), 50):
            part = order[start : start + 50]
            longest = max(len(encoded[i]) for i in part)
            ids = torch.tensor([encoded[i] + [0] * (longest - len(encoded[i])) for i in part])
            hidden = model.residual(ids)
            for row, i in enumerate(part):
                result[i] = F.linear(hidden[row, len(encoded[i]) - 1], model.wte.weight)
        return result

    def skill(self, model, name, limit):
        prompts = self.prompts[name][:limit]
        logits = self.last_logits(model, [p["prompt"] for p in prompts])
        if name == "greater_than":
            margins = []
            for p, x in zip(prompts, logits):
                probabilities = x.softmax(-1)
                greater = sum(probabilities[self.one(t)].item() for t in p["greater"])
                margins.append(greater - sum(probabilities[self.one(t)].item() for t in p["less"]))
            return {"margin": sum(margins) / len(margins)}
        above = first = probability = 0.0
        for p, x in zip(prompts, logits):
            right = self.one(p["right"])
            above += all(x[right] > x[self.one(w)] for w in p["wrong"])
            first += x.argmax().item() == right
            probability += x.softmax(-1)[right].item()
        return {"above": above / len(prompts), "first": first / len(prompts), "probability": probability / len(prompts)}

    @torch.no_grad()
    def induction(self, model, limit):
        """Accuracy on the second half (without its first token), and each head's attention to the token after the last time."""
        right = total = 0
        scores = 0
        for p in self.prompts["induction"][:limit]:
            ids = torch.tensor([p["ids"]])
            half = ids.shape[1] // 2
            guesses = model(ids)[0].argmax(-1)
            right += (guesses[half:-1] == ids[0, half + 1 :]).sum().item()
            total += half - 1
            diagonal = model.patterns(ids)[:, 0].diagonal(1 - half, 2, 3)  # query t, key t - half + 1
            scores = scores + diagonal[..., 1:].mean(-1)
        return right / total, scores / len(self.prompts["induction"][:limit])

    @torch.no_grad()
    def perplexity(self, model, limit):
        losses = []
        for story in self.prompts["stories"][:limit]:
            ids = torch.tensor([self.tokenizer.encode(story["text"]).ids[:256]])
            losses.append(F.cross_entropy(model(ids)[0, :-1], ids[0, 1:], reduction="none"))
        return math.exp(torch.cat(losses).mean().item())

    def skills(self):
        return [name for name in self.prompts if name not in ("induction", "stories")]

    def quick(self, model):
        accuracy, scores = self.induction(model, 10)
        result = {"induction": round(accuracy, 3), "head": round(scores.max().item(), 3)}
        for name in self.skills():
            r = self.skill(model, name, 60)
            result[name] = round(r.get("margin", r.get("above")), 3)
        example = "When Mary and John went to the store, John gave a drink to"
        result["p(Mary)"] = round(self.last_logits(model, [example])[0].softmax(-1)[self.one(" Mary")].item(), 3)
        result["stories"] = round(self.perplexity(model, 10), 2)
        return result

    def full(self, model):
        accuracy, scores = self.induction(model, None)
        result = {"induction": accuracy, "induction_scores": [[round(s, 3) for s in layer] for layer in scores.tolist()]}
        for name in self.skills():
            result[name] = {key: round(value, 4) for key, value in self.skill(model, name, None).items()}
            result[name]["prompts"] = len(self.prompts[name])
        example = "When Mary and John went to the store, John gave a drink to"
        top = self.last_logits(model, [example])[0].softmax(-1).topk(5)
        result["example"] = [[self.tokenizer.decode([i]), round(p, 4)] for p, i in zip(top.values.tolist(), top.indices.tolist())]
        result["stories_perplexity"] = round(self.perplexity(model, None), 3)
        return result
