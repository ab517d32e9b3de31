"""Writes random quantised blocks and what the gguf package makes of them.

    pip install gguf safetensors numpy
    python gguf_blocks.py ../resources/gguf/blocks.safetensors

Each type gives two tensors: TYPE/blocks (U8) and TYPE/floats (F32). Scales are kept finite.
"""
import sys

import numpy as np
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType
from gguf.quants import dequantize
from safetensors.numpy import save_file

BLOCKS = 24
# Where each type keeps its float16 numbers.
HALVES = {
    "Q8_0": [0], "Q4_0": [0], "Q4_1": [0, 2], "Q5_0": [0], "Q5_1": [0, 2],
    "Q4_K": [0, 2], "Q5_K": [0, 2], "Q6_K": [208],
}

random = np.random.default_rng(7)
tensors = {}
for name, halves in HALVES.items():
    kind = GGMLQuantizationType[name]
    _, size = GGML_QUANT_SIZES[kind]
    blocks = random.integers(0, 256, (BLOCKS, size), dtype=np.uint8)
    for at in halves:
        scale = (random.standard_normal(BLOCKS) * 10.0 ** random.integers(-7, 3, BLOCKS))
        blocks[:, at:at + 2] = scale.astype(np.float16).reshape(-1, 1).view(np.uint8)
    tensors[f"{name}/blocks"] = blocks
    tensors[f"{name}/floats"] = dequantize(blocks, kind).astype(np.float32)
save_file(tensors, sys.argv[1])
