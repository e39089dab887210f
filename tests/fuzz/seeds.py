#!/usr/bin/env python3
"""seeds.py FOLDER [FILE.keras ...]: inputs for fuzz_model from model files: as they are, and as parts (see fuzz_model.c).

Without files: every model file of the tests that is not too large to be changed usefully.
"""
import glob
import os
import struct
import sys
import zipfile

LARGEST = 200000


def parts(path):
    with zipfile.ZipFile(path) as z:
        names = z.namelist()
        return [z.read(n) if n in names else b"" for n in ("config.json", "model.weights.h5", "nnl.json")]


def main():
    folder = sys.argv[1]
    root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
    files = sys.argv[2:] or sorted(glob.glob(os.path.join(root, "**", "*.keras"), recursive=True))
    os.makedirs(folder, exist_ok=True)
    for i, path in enumerate(files):
        with open(path, "rb") as f:
            whole = f.read()
        try:
            config, weights, recipe = parts(path)
        except (zipfile.BadZipFile, RuntimeError):
            config = weights = recipe = b""
        seeds = [b"Z" + whole, b"P" + b"".join(struct.pack("<I", len(p)) + p for p in (config, weights, recipe)),
                 b"W" + b"".join(struct.pack("<I", len(p)) + p for p in (config, weights, weights))]
        for k, seed in enumerate(seeds):
            if len(seed) <= LARGEST and (config or k == 0):
                with open(os.path.join(folder, "%03d_%s.%d" % (i, os.path.basename(path), k)), "wb") as f:
                    f.write(seed)


if __name__ == "__main__":
    main()
