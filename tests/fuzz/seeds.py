#!/usr/bin/env python3
"""seeds.py FOLDER [--mutants N] [--seed S] [FILE.keras ...]: inputs for fuzz_model from model files: as they are, and as parts (see fuzz_model.c).

Without files: every model file of the tests that is not too large to be changed usefully. --mutants adds N inputs whose JSON is still JSON, but
has pieces of other files in it, other values, and keys that lack, stand twice or are misspelt: what a fuzzer of bytes reaches only rarely.
"""
import argparse
import copy
import glob
import json
import os
import random
import struct
import zipfile

LARGEST = 200000
ODD = [None, True, False, 0, 1, -1, 2, 3, 1e300, -1e-300, 2**31, 2**53, 2**63 - 1, 0.5, "", "x", "linear", "softmax", "none", [], {}, [[]], [None], [1, 2], [0],
       float("nan"), float("inf"), "../x", "a" * 300, "한글"]


def parts(path):
    with zipfile.ZipFile(path) as z:
        names = z.namelist()
        return [z.read(n) if n in names else b"" for n in ("config.json", "model.weights.h5", "nnl.json")]


def packed(form, members):
    return form + b"".join(struct.pack("<I", len(p)) + p for p in members)


def places(value, found):
    """Every (container, key) below a value."""
    if isinstance(value, dict):
        keys = list(value)
    elif isinstance(value, list):
        keys = range(len(value))
    else:
        return found
    for key in keys:
        found.append((value, key))
        places(value[key], found)
    return found


def change(draw, value, pool):
    """One change somewhere in a value; pool: what stands under each key in all files."""
    found = places(value, [])
    if not found:
        return
    container, key = draw.choice(found)
    way = draw.randrange(7)
    same = pool.get(key) if isinstance(key, str) else None
    if way == 0:
        container[key] = copy.deepcopy(draw.choice(ODD))
    elif way <= 2 and same:
        container[key] = copy.deepcopy(draw.choice(same))
    elif way == 3:
        del container[key]
    elif way == 4:
        other, other_key = draw.choice(found)
        container[key] = copy.deepcopy(other[other_key])
    elif isinstance(container, list):
        container.insert(draw.randrange(len(container) + 1), copy.deepcopy(container[key]))
        if way == 6:
            draw.shuffle(container)
    elif isinstance(container[key], (int, float)) and not isinstance(container[key], bool):
        container[key] = draw.choice([container[key] + 1, container[key] - 1, -container[key], container[key] * 1000003])
    else:
        word = draw.choice(list(pool))
        container[word] = copy.deepcopy(draw.choice(pool[word]))


def loaded(text):
    try:
        return json.loads(text)
    except ValueError:
        return None


def mutants(draw, members, n):
    """n inputs of form 'P' from the parts of many files."""
    good = [m for m in members if isinstance(loaded(m[0]), dict)]
    pool = {}
    for config, _, recipe in good:
        for text in (config, recipe):
            for container, key in places(loaded(text), []):
                if isinstance(key, str):
                    pool.setdefault(key, []).append(container[key])
    for _ in range(n):
        config, weights, recipe = draw.choice(good)
        tree, second = loaded(config), loaded(recipe)
        for _ in range(draw.choice([1, 1, 1, 2, 3, 8])):
            change(draw, second if second and draw.random() < 0.5 else tree, pool)
        yield packed(b"P", [json.dumps(tree).encode(), weights, json.dumps(second).encode() if second else recipe])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder")
    parser.add_argument("files", nargs="*")
    parser.add_argument("--mutants", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_intermixed_args()
    root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
    files = options.files or sorted(glob.glob(os.path.join(root, "**", "*.keras"), recursive=True))
    os.makedirs(options.folder, exist_ok=True)
    members = []

    def put(name, seed):
        if len(seed) <= LARGEST:
            with open(os.path.join(options.folder, name), "wb") as f:
                f.write(seed)

    for i, path in enumerate(files):
        name = "%03d_%s" % (i, os.path.basename(path))
        with open(path, "rb") as f:
            put(name + ".0", b"Z" + f.read())
        try:
            config, weights, recipe = parts(path)
        except (zipfile.BadZipFile, RuntimeError):
            continue
        if config:
            members.append((config, weights, recipe))
            put(name + ".1", packed(b"P", [config, weights, recipe]))
            put(name + ".2", packed(b"W", [config, weights, weights]))
    for i, seed in enumerate(mutants(random.Random(options.seed), members, options.mutants)):
        put("mutant_%06d" % i, seed)


if __name__ == "__main__":
    main()
