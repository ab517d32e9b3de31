"""Trains the built-in model: a GPT-2 in every respect, small, on the rows that GenerateCorpus wrote.

    python train.py train   --corpus DIR --run DIR [--corpus DIR ...]
    python train.py export  --corpus DIR --run DIR --out DIR
    python train.py measure --corpus DIR --model DIR

Training resumes from the run's checkpoint. A file named "decay" in the run's folder starts the decay of the learning rate at
once; otherwise it starts when --decay-at seconds of training have passed. Decay lasts --decay-steps steps.
"""

import argparse
import json
import math
import os
import time

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("GOMP_SPINCOUNT", "0")

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from evaluate import Evaluation, skill_losses

CONTEXT = 256
EMBEDDING = 0.1  # a stream in which tokens and positions are not drowned by what the first block adds
RANDOM, TEXT, DECIDED = 0, 1, 2


def waves(width):
    """Sines and cosines of the position: from these, a head that looks one back is found in far fewer steps."""
    frequency = 10000 ** (-torch.arange(0, width, 2) / width)
    angle = torch.arange(CONTEXT)[:, None] * frequency
    return EMBEDDING * math.sqrt(2) * torch.cat([angle.sin(), angle.cos()], 1)


class Block(nn.Module):
    def __init__(self, width, heads, hidden):
        super().__init__()
        self.heads = heads
        self.ln_1, self.ln_2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.proj = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.fc, self.out = nn.Linear(width, hidden), nn.Linear(hidden, width)

    def qkv_heads(self, x):
        b, t, d = x.shape
        return [p.view(b, t, self.heads, -1).transpose(1, 2) for p in self.qkv(self.ln_1(x)).split(d, 2)]

    def forward(self, x):
        q, k, v = self.qkv_heads(x)
        z = F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).reshape(x.shape)
        x = x + self.proj(z)
        return x + self.out(F.gelu(self.fc(self.ln_2(x)), approximate="tanh"))


class GPT2(nn.Module):
    def __init__(self, vocabulary, width, heads, layers):
        super().__init__()
        self.shape = dict(vocabulary=vocabulary, width=width, heads=heads, layers=layers)
        self.wte, self.wpe = nn.Embedding(vocabulary, width), nn.Embedding(CONTEXT, width)
        self.h = nn.ModuleList(Block(width, heads, 4 * width) for _ in range(layers))
        self.ln_f = nn.LayerNorm(width)
        for name, p in self.named_parameters():  # as in GPT-2, but for the positions
            if p.ndim == 2:
                last = name.endswith(("proj.weight", "out.weight"))
                nn.init.normal_(p, std=0.02 / math.sqrt(2 * layers) if last else 0.02)
            elif name.endswith("bias"):
                nn.init.zeros_(p)
        with torch.no_grad():
            self.wte.weight.mul_(EMBEDDING / 0.02)
            self.wpe.weight.copy_(waves(width))

    @torch.no_grad()
    def wire(self, heads=3, sharp=5.0, write=0.3, match=2.5, copy=1.0):
        """Starts some heads of the first two blocks as what training takes longest to find: heads that look one back and write
        down what they saw, and heads that look for what was so written of the present token, an induction circuit (Olsson et
        al. 2022), still blurred. Training sharpens or unlearns it like any other weight."""
        width = self.wte.weight.shape[1]
        size, half = width // self.h[0].heads, width // 2
        waves = torch.arange(size // 2) * 3  # fast ones and slower ones
        own = torch.cat([waves, waves + half])  # coordinates that speak of positions alone at first
        frequency = 10000 ** (-2 * waves / width)
        cos, sin, i = frequency.cos() * sharp, frequency.sin() * sharp, torch.arange(size // 2)
        self.wte.weight[:, own] = 0
        for head in range(heads):
            q, k = torch.zeros(size, width), torch.zeros(size, width)
            q[i, waves] = q[i + size // 2, waves + half] = sharp
            k[i, waves], k[i, waves + half] = cos, sin  # turned by one position
            k[i + size // 2, waves + half], k[i + size // 2, waves] = cos, -sin
            read, note, shown = (torch.linalg.qr(torch.randn(width, size))[0].T for _ in range(3))
            read[:, own] = note[:, own] = shown[:, own] = 0
            rows = slice(head * size, (head + 1) * size)
            for block, parts in ((self.h[0], (q, k, read)), (self.h[1], (read * match, note * match, shown))):
                for part, values in zip(block.qkv.weight.view(3, width, width), parts):
                    part[rows] = values
            self.h[0].proj.weight[:, rows] = note.T * write
            self.h[1].proj.weight[:, rows] = shown.T * copy

    def residual(self, ids):
        x = self.wte(ids) + self.wpe(torch.arange(ids.shape[1]))
        for block in self.h:
            x = block(x)
        return self.ln_f(x)

    def forward(self, ids):
        return F.linear(self.residual(ids), self.wte.weight)

    def patterns(self, ids):
        """The attention pattern of every layer: [layer, batch, head, query, key]."""
        x, patterns = self.wte(ids) + self.wpe(torch.arange(ids.shape[1])), []
        for block in self.h:
            q, k, _ = block.qkv_heads(x)
            scores = q @ k.transpose(2, 3) / math.sqrt(q.shape[-1])
            mask = torch.triu(torch.ones(ids.shape[1], ids.shape[1], dtype=torch.bool), 1)
            patterns.append(scores.masked_fill(mask, -torch.inf).softmax(-1))
            x = block(x)
        return torch.stack(patterns)

    def huggingface(self):
        """The weights under GPT-2's names, its Conv1D layers as [in, out]."""
        names = {"qkv": "attn.c_attn", "proj": "attn.c_proj", "fc": "mlp.c_fc", "out": "mlp.c_proj"}
        result = {}
        for name, p in self.state_dict().items():
            parts = name.split(".")
            if parts[0] == "h" and parts[2] in names:
                p = p.T if parts[3] == "weight" else p
                name = f"h.{parts[1]}.{names[parts[2]]}.{parts[3]}"
            result["transformer." + name] = p.contiguous()
        return result

    def load_huggingface(self, tensors):
        own = {"attn.c_attn": "qkv", "attn.c_proj": "proj", "mlp.c_fc": "fc", "mlp.c_proj": "out"}
        state = {}
        for name, p in tensors.items():
            name, p = name.removeprefix("transformer."), p.float()
            for theirs, mine in own.items():
                if theirs in name:
                    name, p = name.replace(theirs, mine), p.T if name.endswith("weight") else p
                    break
            state[name] = p
        self.load_state_dict(state)


class Rows:
    """Rows of one or several corpora, each row once, in order."""

    def __init__(self, folders):
        self.ids = [np.memmap(f"{f}/rows.bin", "<u2", "r").reshape(-1, CONTEXT) for f in folders]
        self.marks = [np.memmap(f"{f}/marks.bin", "u1", "r").reshape(-1, CONTEXT) for f in folders]

    def batch(self, corpus, row, size):
        ids = self.ids[corpus][row : row + size]
        marks = self.marks[corpus][row : row + size]
        if len(ids) < size:
            raise SystemExit("the corpus is used up: generate another with a new seed")
        return torch.from_numpy(ids.astype(np.int64)), torch.from_numpy(marks.astype(np.int64))


def loss_of(model, ids, marks, decided_weight):
    losses = F.cross_entropy(model(ids[:, :-1]).flatten(0, 1), ids[:, 1:].flatten(), reduction="none")
    mark = marks[:, 1:].flatten() % 4
    weight = (mark == TEXT).float() + decided_weight * (mark == DECIDED).float()
    return (losses * weight).sum() / weight.sum(), losses.detach()


class Muon(torch.optim.Optimizer):
    """Momentum, made orthogonal by Newton-Schulz steps, for matrices (Jordan 2024). Queries, keys and values count apart."""

    def __init__(self, parameters, lr, momentum=0.95, decay=0.1):
        super().__init__(parameters, dict(lr=lr, momentum=momentum, decay=decay))

    @staticmethod
    def orthogonal(g):
        tall = g.shape[-2] > g.shape[-1]
        x = g.mT if tall else g
        x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
        for _ in range(5):
            gram = x @ x.mT
            x = 3.4445 * x + (-4.775 * gram + 2.0315 * gram @ gram) @ x
        return x.mT if tall else x

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                memory = self.state[p].setdefault("momentum", torch.zeros_like(p))
                memory.lerp_(p.grad, 1 - group["momentum"])
                g = p.grad.lerp(memory, group["momentum"])
                g = g.view(3, -1, g.shape[1]) if g.shape[0] == 3 * g.shape[1] else g[None]
                update = self.orthogonal(g) * 0.2 * max(g.shape[-2:]) ** 0.5  # as large as Adam's
                p.mul_(1 - group["lr"] * group["decay"]).add_(update.reshape(p.shape), alpha=-group["lr"])


def optimisers(model, args):
    matrices = [p for n, p in model.h.named_parameters() if p.ndim == 2]
    vectors = [p for p in model.parameters() if p.ndim == 1]
    groups = [
        dict(params=[model.wte.weight] + vectors, lr=args.adam_rate),
        dict(params=[model.wpe.weight], lr=args.adam_rate / 5),
    ]
    return Muon(matrices, args.muon_rate), torch.optim.AdamW(groups, betas=(0.9, 0.98), weight_decay=0.0)


def train(args):
    torch.manual_seed(args.seed)
    torch.set_num_threads(args.threads)
    vocabulary = len(json.load(open(f"{args.corpus[0]}/vocab.json")))
    model = GPT2(vocabulary, args.width, args.heads, args.layers)
    if args.wire:
        model.wire()
    opts = optimisers(model, args)
    base = [[g["lr"] for g in o.param_groups] for o in opts]
    state = dict(step=0, tokens=0, seconds=0.0, corpus=len(args.corpus) - 1, row=0, decay_from=None)
    os.makedirs(args.run, exist_ok=True)
    checkpoint = f"{args.run}/checkpoint.pt"
    if os.path.exists(checkpoint):
        saved = torch.load(checkpoint)
        model.load_state_dict(saved["model"])
        for o, s in zip(opts, saved["optimisers"]):
            o.load_state_dict(s)
        state = saved["state"]
        if state["corpus"] != len(args.corpus) - 1:
            state.update(corpus=len(args.corpus) - 1, row=0)
    rows, evaluation = Rows(args.corpus), Evaluation(args.corpus[-1])
    sources = open(f"{args.corpus[-1]}/sources.txt").read().split()
    log = open(f"{args.run}/log.jsonl", "a")
    began, spent, marks_seen, losses_seen, saved_at = time.time(), state["seconds"], [], [], time.time()
    print(f"{sum(p.numel() for p in model.parameters()):,} parameters", flush=True)
    while True:
        state["seconds"] = spent + time.time() - began
        early = os.path.exists(f"{args.run}/decay") or state["seconds"] > args.decay_at
        if state["decay_from"] is None and early:
            state["decay_from"] = state["step"]
        rate = min(1.0, (state["step"] + 1) / args.warmup)
        if state["decay_from"] is not None:
            rate *= 1 - (state["step"] - state["decay_from"]) / args.decay_steps
        for o, rates in zip(opts, base):
            for group, lr in zip(o.param_groups, rates):
                group["lr"] = lr * max(rate, 0.0)
        finished = rate <= 0
        if not finished:
            ids, marks = rows.batch(state["corpus"], state["row"], args.batch)
            loss, losses = loss_of(model, ids, marks, args.decided_weight)
            for o in opts:
                o.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            for o in opts:
                o.step()
            state["step"] += 1
            state["row"] += args.batch
            state["tokens"] += ids.numel()
            marks_seen.append(marks[:, 1:].flatten())
            losses_seen.append(losses)
        if state["step"] % args.report == 0 or finished:
            line = dict(step=state["step"], tokens=state["tokens"], seconds=round(state["seconds"]), rate=round(rate, 4))
            if losses_seen:
                line["loss"] = skill_losses(sources, torch.cat(marks_seen), torch.cat(losses_seen))
            if state["step"] % (args.report * args.evaluate) == 0 or finished:
                line["accuracy"] = evaluation.quick(model)
            marks_seen, losses_seen = [], []
            log.write(json.dumps(line) + "\n")
            log.flush()
            print(json.dumps(line), flush=True)
        if finished or time.time() - saved_at > 180:
            saved_at = time.time()
            torch.save(
                dict(model=model.state_dict(), optimisers=[o.state_dict() for o in opts], state=state, shape=model.shape),
                checkpoint + ".new",
            )
            os.replace(checkpoint + ".new", checkpoint)
        if finished:
            return


def export(args):
    from safetensors.torch import save_file

    saved = torch.load(f"{args.run}/checkpoint.pt")
    model = GPT2(**saved["shape"])
    model.load_state_dict(saved["model"])
    os.makedirs(args.out, exist_ok=True)
    tensors = {name: p.to(torch.float16) for name, p in model.huggingface().items()}
    save_file(tensors, f"{args.out}/model.safetensors", metadata={"format": "pt"})
    shape = saved["shape"]
    config = dict(
        model_type="gpt2", architectures=["GPT2LMHeadModel"], vocab_size=shape["vocabulary"], n_positions=CONTEXT,
        n_ctx=CONTEXT, n_embd=shape["width"], n_layer=shape["layers"], n_head=shape["heads"], n_inner=None,
        activation_function="gelu_new", layer_norm_epsilon=1e-5, initializer_range=0.02, resid_pdrop=0.0, embd_pdrop=0.0,
        attn_pdrop=0.0, scale_attn_weights=True, scale_attn_by_inverse_layer_idx=False, reorder_and_upcast_attn=False,
        tie_word_embeddings=True, bos_token_id=shape["vocabulary"] - 1, eos_token_id=shape["vocabulary"] - 1,
        torch_dtype="float16",
    )
    with open(f"{args.out}/config.json", "w") as file:
        json.dump(config, file, indent=2)
        file.write("\n")
    for name in ("tokenizer.json", "vocab.json", "merges.txt", "heldout.json"):
        with open(f"{args.corpus[-1]}/{name}", "rb") as source, open(f"{args.out}/{name}", "wb") as target:
            target.write(source.read())


def load(folder):
    from safetensors.torch import load_file

    config = json.load(open(f"{folder}/config.json"))
    model = GPT2(config["vocab_size"], config["n_embd"], config["n_head"], config["n_layer"])
    model.load_huggingface(load_file(f"{folder}/model.safetensors"))
    return model.eval()


def measure(args):
    torch.set_num_threads(args.threads)
    print(json.dumps(Evaluation(args.model).full(load(args.model)), indent=1))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("verb", choices=["train", "export", "measure"])
    parser.add_argument("--corpus", action="append", default=[])
    parser.add_argument("--run")
    parser.add_argument("--out")
    parser.add_argument("--model")
    parser.add_argument("--width", type=int, default=256)
    parser.add_argument("--heads", type=int, default=8)
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument("--wire", action="store_true", help="start with an induction circuit, blurred")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--warmup", type=int, default=100)
    parser.add_argument("--muon-rate", type=float, default=0.0015)
    parser.add_argument("--adam-rate", type=float, default=0.0015)
    parser.add_argument("--decided-weight", type=float, default=3.0)
    parser.add_argument("--decay-at", type=float, default=1e9)
    parser.add_argument("--decay-steps", type=int, default=800)
    parser.add_argument("--report", type=int, default=20)
    parser.add_argument("--evaluate", type=int, default=10)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    {"train": train, "export": export, "measure": measure}[args.verb](args)


if __name__ == "__main__":
    main()
