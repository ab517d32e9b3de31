#!/usr/bin/env python3
"""Loads checkpoints that Vitrine wrote in transformers and llama.cpp, and compares what they compute.

    python compare.py [--vitrine ../../vitrine] [--model embedded] [--text "..."] [--work FOLDER]

Each row is one file in one program: the greatest difference of any logit to Vitrine's own (its double-precision
backend, run on that same file). Exit code 1 if a row that must agree does not, within 1e-4.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

TOLERANCE = 1e-4
TEXT = ("When Mary and John went to the store, John gave a drink to Mary. Then Anna and Paul went to the garden, "
        "and Anna gave a ring to")


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--vitrine", default=str(Path(__file__).resolve().parents[2] / "vitrine"))
    p.add_argument("--model", default="embedded", help="whatever vitrine takes for --model")
    p.add_argument("--text", default=TEXT)
    p.add_argument("--work", help="keep the files in this folder")
    return p.parse_args()


class Vitrine:
    """The command line, as a person calls it."""

    def __init__(self, command):
        self.command = command

    def run(self, *words):
        return subprocess.run([self.command, *map(str, words)], check=True, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True).stdout

    def convert(self, model, out, *flags):
        return json.loads(self.run("weights", "convert", model, out, "--overwrite", "--json", *flags))

    def ids(self, model, text):
        return [t["id"] for t in json.loads(self.run("tokens", "--model", model, text, "--json"))["tokens"]]

    def logits(self, model, ids, work):
        from safetensors.numpy import load_file
        out = work / "logits.safetensors"
        self.run("dump", "--model", model, "--ids", ",".join(map(str, ids)), "--backend", "reference",
                 "--sites", "logits", "--out", out)
        return next(v for v in load_file(out).values() if v.ndim == 3)[0].astype(np.float64)


class Table:
    def __init__(self):
        self.failed = False
        print(f"{'file':<26} {'read by':<30} {'max |difference|':>16}  of {'max |logit|':>11}  same argmax")

    def row(self, file, peer, theirs, ours, must=True):
        difference = np.abs(theirs - ours).max()
        same = (theirs.argmax(-1) == ours.argmax(-1)).mean()
        verdict = "ok" if difference <= TOLERANCE else "DIFFERS" if must else "(see README)"
        self.failed |= must and not difference <= TOLERANCE
        print(f"{file:<26} {peer:<30} {difference:>16.2e}  of {np.abs(ours).max():>11.4f}  {same:>10.0%}  {verdict}",
              flush=True)

    def fact(self, file, peer, what, good):
        self.failed |= not good
        print(f"{file:<26} {peer:<30} {what}  {'ok' if good else 'DIFFERS'}", flush=True)


def in_transformers(folder, ids):
    """Weights as stored, arithmetic in float32."""
    import torch
    from transformers import AutoModelForCausalLM
    from transformers.utils import logging
    logging.disable_progress_bar()
    model, info = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, output_loading_info=True)
    missing = set(info["missing_keys"]) - {"lm_head.weight"} or info["unexpected_keys"] or info["mismatched_keys"]
    if missing:
        sys.exit(f"{folder}: transformers misses or does not know {missing}")
    model.eval()
    with torch.no_grad():
        return model(torch.tensor([ids])).logits[0].numpy().astype(np.float64)


class Llama:
    """llama.cpp, its cache in float32. Its CPU code rounds GELU's input and output to half precision unless it
    was built without GGML_GELU_FP16, and multiplies weights of half precision or in blocks with activations that
    it rounds to the same."""

    def __init__(self, file, context):
        import llama_cpp
        self.llm = llama_cpp.Llama(str(file), n_ctx=context, n_batch=context, n_ubatch=context, logits_all=True,
                                   type_k=0, type_v=0, verbose=False)

    def logits(self, ids):
        self.llm.reset()
        self.llm.eval(ids)
        return np.array(self.llm.scores[:len(ids)], dtype=np.float64)

    def tokens(self, text):
        return self.llm.tokenize(text.encode(), add_bos=False)


def widen(file, out):
    """llama.cpp reads all weights of a file and writes them in float32."""
    import llama_cpp
    p = llama_cpp.llama_model_quantize_default_params()
    p.ftype, p.allow_requantize, p.nthread = llama_cpp.LLAMA_FTYPE_ALL_F32, True, 2
    if llama_cpp.llama_model_quantize(str(file).encode(), str(out).encode(), p) != 0:
        sys.exit(f"{file}: llama.cpp cannot read it")


def equal_tensors(file, plain, dequantise):
    """Whether a program's own reading of each tensor is ours, to the bit; ours is in `plain`, a GGUF of float32."""
    from gguf import GGUFReader
    theirs = {t.name: dequantise(t) for t in GGUFReader(file).tensors}
    ours = {t.name: dequantise(t) for t in GGUFReader(plain).tensors}
    return theirs.keys() == ours.keys() and all(np.array_equal(theirs[n].ravel(), ours[n].ravel()) for n in ours)



def main():
    a = arguments()
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(a.work or temporary).resolve()
        work.mkdir(parents=True, exist_ok=True)
        compare(a, Vitrine(a.vitrine), work)


def compare(a, vitrine, work):
    ids = vitrine.ids(a.model, a.text)
    table = Table()
    for dtype in ("f32", "f16", "bf16"):
        folder = work / f"hf-{dtype}"
        vitrine.convert(a.model, folder, "--dtype", dtype)
        ours = vitrine.logits(folder, ids, work)
        table.row(f"safetensors {dtype}", "transformers", in_transformers(folder, ids), ours)
    try:
        from transformers import AutoTokenizer
        theirs = AutoTokenizer.from_pretrained(work / "hf-f32")(a.text)["input_ids"]
        table.fact("tokenizer files", "transformers", f"{len(ids)} tokens", theirs == ids)
    except OSError:
        print("the model has no tokenizer")

    from gguf.quants import dequantize
    dequantise = lambda t: dequantize(t.data, t.tensor_type)  # noqa: E731
    config = json.loads((work / "hf-f32/config.json").read_text())
    context = config["n_positions"]
    exact = None
    for dtype in ("f32", "f16", "bf16", "q8_0"):
        file = work / f"{dtype}.gguf"
        vitrine.convert(a.model, file, "--dtype", dtype)
        ours = vitrine.logits(file, ids, work)
        again = work / f"{dtype}-again.gguf"
        vitrine.convert(file, again, "--dtype", "f32")
        table.fact(f"gguf {dtype}", "gguf (Python), to the bit", "each tensor", equal_tensors(file, again, dequantise))
        llama = Llama(file, context)
        theirs = llama.logits(ids)
        if exact is None:
            exact = np.abs(theirs - ours).max() <= TOLERANCE
        table.row(f"gguf {dtype}", "llama.cpp", theirs, ours, must=exact and dtype == "f32")
        if dtype == "f32":
            table.fact("gguf tokenizer", "llama.cpp", f"{len(ids)} tokens", llama.tokens(a.text) == ids)
        else:
            widened = work / f"{dtype}-by-llama.gguf"
            widen(file, widened)
            table.fact(f"gguf {dtype}", "llama.cpp, to the bit", "each tensor",
                       equal_tensors(widened, again, dequantise))
            table.row(f"gguf {dtype}", "llama.cpp, widened to f32", Llama(widened, context).logits(ids), ours,
                      must=exact)
    if not exact:
        print("This llama.cpp rounds GELU to half precision: its rows are not held to 1e-4 (see README).")
    sys.exit(1 if table.failed else 0)


if __name__ == "__main__":
    os.environ.setdefault("TRANSFORMERS_OFFLINE", "1")
    main()
