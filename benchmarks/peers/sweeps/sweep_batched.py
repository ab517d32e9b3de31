"""The same 192 and 144 patches stacked into one batch by hand in transformers, as one who knows PyTorch would.

MODEL = a directory in Hugging Face's layout, of GPT-2 small's shape."""
import os, statistics, sys, time

os.environ.setdefault("HF_HUB_OFFLINE", "1")
import torch
from transformers import GPT2LMHeadModel

torch.set_num_threads(int(os.environ.get("THREADS", "2")))
model = GPT2LMHeadModel.from_pretrained(sys.argv[1], attn_implementation="sdpa").eval()
draw = torch.Generator().manual_seed(0)
T, L, H, D = 16, model.config.n_layer, model.config.n_head, model.config.n_embd
ids = torch.randint(0, 50257, (1, T), generator=draw)
clean = torch.randn(L, T, D, generator=draw)


def resid(layer):
    def patch(module, args):
        x = args[0].clone()
        for p in range(T):
            x[layer * T + p, p] = clean[layer, p]
        return (x,) + tuple(args[1:])
    return patch


def head(layer):
    def patch(module, args):
        x, width = args[0].clone(), D // H
        for h in range(H):
            x[layer * H + h, :, h * width:(h + 1) * width] = clean[layer, :, h * width:(h + 1) * width]
        return (x,) + tuple(args[1:])
    return patch


for name, count, modules in [("resid_pre", L * T, [(b, resid) for b in model.transformer.h]),
                             ("heads", L * H, [(b.attn.c_proj, head) for b in model.transformer.h])]:
    hooks = [m.register_forward_pre_hook(make(layer)) for layer, (m, make) in enumerate(modules)]
    batch, times = ids.expand(count, T).contiguous(), []
    with torch.inference_mode():
        for _ in range(4):
            start = time.perf_counter()
            logits = model(batch, logits_to_keep=1).logits
            times.append(time.perf_counter() - start)
    for hook in hooks:
        hook.remove()
    print(f"transformers  {name:10s} {count:6d} patches  {statistics.median(times[1:]):8.3f} s (least {min(times):.3f})", flush=True)
