"""Writes the archives that NpzTest reads, as NumPy writes them.

    pip install numpy
    python npz_arrays.py ../resources/npz
"""
import sys

import numpy as np

random = np.random.default_rng(3)
c = random.standard_normal((3, 4)).astype(np.float32)
arrays = {
    "c": c,
    "f": np.asfortranarray(c * 2),
    "h": c.astype(np.float16),
    "d": c[:, 0].astype(np.float64),
    "i": np.arange(-2, 3),
    "b": np.array(True),
    "u": np.array([1, 255], dtype=np.uint8),
    "e": np.zeros((0, 3), np.float32),
}
np.savez(sys.argv[1] + "/stored.npz", **arrays)
np.savez_compressed(sys.argv[1] + "/packed.npz", **arrays)
np.savez(sys.argv[1] + "/objects.npz", o=np.array([None, {}], dtype=object))
