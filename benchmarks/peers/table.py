#!/usr/bin/env python3
"""One table of ratios out of the figures: table.py results.jsonl (the last record of each figure counts)."""
import json
import sys

records = {}
for line in open(sys.argv[1]):
    r = json.loads(line)
    records[r["peer"], r["variant"], r["row"], str(r["param"])] = r


def get(peer, variant, row, param):
    return records.get((peer, variant, row, str(param)))


def figure(r):
    return "–" if r is None else f"{r['median']:.4g} {r['unit']}"


def ratio(ours, theirs):
    """How many times we are ahead; of times the smaller is ahead, of rates the larger."""
    if ours is None or theirs is None:
        return "–"
    a, b = ours["median"], theirs["median"]
    return f"{b / a if ours['unit'] in ('ms', 's', 'MiB') else a / b:.2f}"


def faster(*rs):
    rs = [r for r in rs if r]
    return min(rs, key=lambda r: r["median"], default=None)


print("| what | ours | the peer to beat | its figure | ours ahead by | range of ours | range of the peer |")
print("|---|---|---|---|---|---|---|")


def row(what, ours, theirs, unit=None):
    span = lambda r: "–" if r is None else f"{r['min']:.4g} … {r['max']:.4g}"  # noqa: E731
    name = "–" if theirs is None else f"{theirs['peer']} {theirs['variant']}"
    print(f"| {what} | {figure(ours)} | {name} | {figure(theirs)} | {ratio(ours, theirs)} | {span(ours)} | {span(theirs)} |")


for shape in ("768x2304", "768x768", "768x3072", "3072x768", "768x50257"):
    for n in (16, 64, 256, 1024):
        row(f"product {n} x {shape}", get("vitrine", "f32", "product", f"{n}x{shape}"),
            get("numpy sgemm", "f32", "sgemm", f"{n}x{shape}"))
for kind, words in (("prefill_all", "all logits"), ("prefill_last", "last logits")):
    for n in (16, 64, 256, 1024):
        row(f"prefill {n}, {words}", get("vitrine", "f32", kind, n),
            faster(get("hf-transformers", "sdpa", kind, n), get("llama.cpp", "f32", kind, n)))
for ours, theirs in (("f32", "f32"), ("bf16", "f16"), ("int8", "q8_0")):
    row(f"decode {ours}", get("vitrine", ours, "decode", 160), get("llama.cpp", theirs, "decode", "32+128"))
for n in (64, 256):
    row(f"every site, {n}: over our plain run", get("vitrine", "f32", "every_site", n), get("vitrine", "f32", "plain_forward", n))
    row(f"every site, {n}: against TransformerLens' plain forward", get("vitrine", "f32", "every_site", n),
        get("transformer-lens", "hooked", "prefill_all", n))
    row(f"every site, {n}: against run_with_cache", get("vitrine", "f32", "every_site", n),
        get("transformer-lens", "hooked", "run_with_cache", n))
for n in (16, 64, 256, 1024):
    row(f"prefill {n}, last logits: against Jlama", get("vitrine", "f32", "prefill_last", n), get("jlama", "vector-api", "prefill_last", n))
row("decode f32: against Jlama", get("vitrine", "f32", "decode", 160), get("jlama", "vector-api", "decode", "32+128"))
for peer in ("llama.cpp", "tl-hooked"):
    for kind, words in (("cold_wall", "time"), ("cold_rss", "memory")):
        row(f"start to first token, {words}: against {peer}", get("vitrine", "process", kind, "T16"), get(peer, "process", kind, "T16"))
print()
for key, r in records.items():
    if key[2].startswith("ceiling"):
        print(f"{key[2]}: {r['median']:.4g} {r['unit']} (best {r.get('best', r['max']):.4g})")
worst = max((r.get("foreign_cpus") or 0 for r in records.values()), default=0)
print(f"Other processes kept up to {worst} processors busy during a figure.")
