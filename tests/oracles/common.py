"""What the oracle scripts of this folder share: drawing numbers and writing them so that reading gives them back."""
import json
import os

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))


def f32(value):
    """A nested list of numbers, each with the fewest digits that give the same float32 back."""
    a = np.asarray(value)
    if a.dtype.kind in "bi":
        return a.astype(int).tolist()

    def one(x):
        if np.isnan(x):
            return "nan"
        if np.isinf(x):
            return "inf" if x > 0 else "-inf"
        return float(str(np.float32(x)))

    def walk(x):
        return [walk(y) for y in x] if isinstance(x, list) else one(x)
    return walk(a.astype(np.float64).tolist())


def f64(value):
    """The same in float64; JSON's own repr is the shortest."""
    def one(x):
        if isinstance(x, (str, bool)) or x is None:
            return x
        if isinstance(x, (int, np.integer)):
            return int(x)
        x = float(x)
        return "nan" if np.isnan(x) else ("inf" if x > 0 else "-inf") if np.isinf(x) else x

    def walk(x):
        if isinstance(x, np.ndarray):
            x = x.tolist()
        if isinstance(x, (list, tuple)):
            return [walk(y) for y in x]
        if isinstance(x, dict):
            return {k: walk(v) for k, v in x.items()}
        return one(x)
    return walk(value)


def compact(value, depth):
    """JSON with one item a line down to `depth`, flat below it: small files that still compare well."""
    if depth == 0 or not isinstance(value, (dict, list)) or not value:
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, dict):
        inner = ",\n".join(json.dumps(k, ensure_ascii=False) + ": " + compact(v, depth - 1) for k, v in value.items())
        return "{\n" + inner + "\n}"
    return "[\n" + ",\n".join(compact(v, depth - 1) for v in value) + "\n]"


def write(name, value, depth=2):
    text = compact(value, depth) + "\n"
    with open(os.path.join(HERE, name), "w", encoding="utf-8") as f:
        f.write(text)
    print("%s: %d bytes" % (name, len(text.encode())))
