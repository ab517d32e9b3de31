"""TransformerLens's own sweeps: 192 patches of the residual stream and 144 of heads, one run after another.

MODEL = a directory in Hugging Face's layout, of GPT-2 small's shape; HookedTransformer, so TransformerLens before 4."""
import contextlib, io, logging, os, random, sys, time, warnings

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TQDM_DISABLE", "1")
warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)
import torch
from transformer_lens import HookedTransformer, patching
from transformer_lens import loading_from_pretrained as loading

torch.set_num_threads(int(os.environ.get("THREADS", "2")))
torch.set_grad_enabled(False)
loading.get_official_model_name = lambda name: name  # it knows hub names only; let a directory through
model = HookedTransformer.from_pretrained_no_processing(sys.argv[1], device="cpu", default_prepend_bos=False)
draw = random.Random(7)
clean, corrupted = (torch.tensor([[draw.randrange(50257) for _ in range(16)]]) for _ in range(2))
_, cache = model.run_with_cache(clean)


def metric(logits):
    return logits[0, -1, 11] - logits[0, -1, 22]


for name, sweep in [("resid_pre", patching.get_act_patch_resid_pre), ("heads", patching.get_act_patch_attn_head_out_all_pos)]:
    model(corrupted)
    start = time.perf_counter()
    with contextlib.redirect_stderr(io.StringIO()):
        result = sweep(model, corrupted, cache, metric)
    print(f"transformer-lens  {name:10s} {result.numel():6d} patches  {time.perf_counter() - start:8.3f} s", flush=True)
