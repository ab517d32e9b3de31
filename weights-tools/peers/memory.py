#!/usr/bin/env python3
"""Makes a checkpoint of GPT-2 XL's shape (1.5 B parameters, random) and measures the memory that Vitrine takes to
load, inspect and convert it.

    python memory.py --work FOLDER [--vitrine ../../vitrine] [--layers 48]

FOLDER needs 15 GB of disk, loading 8 GB of memory. Everything is deleted at the end. Each step runs in a process of
its own with the heap that it is given; its peak is the resident memory that the kernel counts, the JVM and mapped
pages of the file included.
"""
import argparse
import json
import os
import shutil
import subprocess
import time
from pathlib import Path

import numpy as np

MIB = 1 << 20
D, HEADS, VOCAB, CONTEXT = 1600, 25, 50257, 1024


def shapes(layers):
    yield "wte.weight", (VOCAB, D)
    yield "wpe.weight", (CONTEXT, D)
    for i in range(layers):
        h = f"h.{i}."
        for norm in ("ln_1", "ln_2"):
            yield h + norm + ".weight", (D,)
            yield h + norm + ".bias", (D,)
        for name, rows, columns in (("attn.c_attn", D, 3 * D), ("attn.c_proj", D, D), ("mlp.c_fc", D, 4 * D),
                                    ("mlp.c_proj", 4 * D, D)):
            yield h + name + ".weight", (rows, columns)
            yield h + name + ".bias", (columns,)
    yield "ln_f.weight", (D,)
    yield "ln_f.bias", (D,)


def make(folder, layers):
    """Writes the file piece by piece: this script needs no memory either."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(
        {"model_type": "gpt2", "n_layer": layers, "n_head": HEADS, "n_embd": D, "n_positions": CONTEXT,
         "vocab_size": VOCAB, "layer_norm_epsilon": 1e-5, "activation_function": "gelu_new"}))
    header, offset = {}, 0
    for name, shape in shapes(layers):
        size = 4 * int(np.prod(shape))
        header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    noise = np.random.default_rng(1).normal(0, 0.02, 1 << 22).astype("<f4").tobytes()
    with open(folder / "model.safetensors", "wb") as out:
        out.write(len(text).to_bytes(8, "little") + text)
        left = offset
        while left > 0:
            left -= out.write(noise[:min(left, len(noise))])
    return offset // 4


def run(vitrine, heap, *words):
    """Seconds and peak MiB of one command."""
    environment = dict(os.environ, VITRINE_JAVA_OPTS=heap)
    start = time.monotonic()
    process = subprocess.Popen([vitrine, *map(str, words)], env=environment, stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if status:
        raise SystemExit(f"{' '.join(map(str, words))}\n{process.stderr.read().decode()}")
    return time.monotonic() - start, usage.ru_maxrss / 1024


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--work", type=Path, required=True)
    p.add_argument("--vitrine", default=str(Path(__file__).resolve().parents[2] / "vitrine"))
    p.add_argument("--layers", type=int, default=48)
    a = p.parse_args()
    xl, gguf, half = a.work / "xl", a.work / "xl.gguf", a.work / "half"
    try:
        parameters = make(xl, a.layers)
        packed = 4 * parameters / MIB
        print(f"{parameters:,} parameters, {packed:,.0f} MiB as F32")
        print(f"{'step':<34} {'heap':>8} {'seconds':>8} {'peak MiB':>9} {'beyond':>8}")

        def step(name, heap_mib, copy, *words, more=""):
            seconds, peak = run(a.vitrine, f"-Xmx{heap_mib}m {more}", *words)
            print(f"{name:<34} {heap_mib:>8,} {seconds:>8.0f} {peak:>9,.0f} {peak - copy:>8,.0f}", flush=True)

        # The young generation is small, so that the heap is nearly all for the packed copy.
        step("load, and one token through it", int(packed * 1.02) + 320, packed, "dump", "--model", xl, "--ids", "464",
             "--sites", "ln_final.hook_normalized", "--out", a.work / "one.safetensors", more="-Xmn64m")
        step("inspect", 128, 0, "weights", "inspect", xl, "--json")
        step("safetensors F32 to GGUF Q8_0", 160, 0, "weights", "convert", xl, gguf, "--dtype", "q8_0")
        step("GGUF Q8_0 to safetensors F16", 160, 0, "weights", "convert", gguf, half, "--dtype", "f16")
        gguf.unlink()
        shutil.rmtree(half)
        step("safetensors F32 to GGUF F32", 160, 0, "weights", "convert", xl, gguf)
        step("verify, the one against the other", 160, 0, "weights", "verify", gguf, "--against", xl)
        gguf.unlink()
        step("safetensors F32 to npz", 160, 0, "weights", "convert", xl, half / "xl.npz")
        step("verify the npz", 160, 0, "weights", "verify", half / "xl.npz")
    finally:
        shutil.rmtree(a.work, ignore_errors=True)


if __name__ == "__main__":
    main()
