"""Writes src/test/resources/torch/transformerlens.pth: the state_dict of an attention-only model as
HookedTransformer.state_dict() has it and torch.save writes it, the buffers `mask` and `IGNORE` among it.

    pip install torch numpy
    python transformerlens_pth.py ../resources/torch
"""
import json
import sys
from pathlib import Path

import torch

LAYERS, HEADS, D, D_HEAD, CONTEXT, VOCAB = 2, 2, 4, 3, 5, 7
out = Path(sys.argv[1])
out.mkdir(parents=True, exist_ok=True)
state, next_value = {}, 0


def add(name, *shape):
    """Elements count on through the file, so that a test knows each of them."""
    global next_value
    size = int(torch.tensor(shape).prod())
    state[name] = torch.arange(next_value, next_value + size, dtype=torch.float32).reshape(shape) / 64
    next_value += size


add("embed.W_E", VOCAB, D)
add("pos_embed.W_pos", CONTEXT, D)
for layer in range(LAYERS):
    attn = f"blocks.{layer}.attn."
    for part in "QKV":
        add(attn + "W_" + part, HEADS, D, D_HEAD)
    add(attn + "W_O", HEADS, D_HEAD, D)
    for part in "QKV":
        add(attn + "b_" + part, HEADS, D_HEAD)
    add(attn + "b_O", D)
    state[attn + "mask"] = torch.tril(torch.ones(CONTEXT, CONTEXT)).bool()
    state[attn + "IGNORE"] = torch.tensor(-torch.inf)
add("unembed.W_U", D, VOCAB)
add("unembed.b_U", VOCAB)
torch.save(state, out / "transformerlens.pth")
(out / "tl_config.json").write_text(json.dumps({
    "n_layers": LAYERS, "n_heads": HEADS, "d_model": D, "d_head": D_HEAD, "n_ctx": CONTEXT, "d_vocab": VOCAB,
    "attn_only": True, "normalization_type": None, "act_fn": "relu"}) + "\n")
