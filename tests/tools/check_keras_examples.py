#!/usr/bin/env python3
"""Models of the examples as files: check_keras_examples.py --nnl NNL. Needs numpy and h5py.

Each example is trained for an epoch and its models are saved. Each file must pass the check of keras_peer.py and, without its recipe, give the same
answers to made-up inputs there and by `nnl predict`, within 1e-5 relative + 1e-6 absolute."""
import csv
import json
import os
import random
import re
import shutil
import tempfile
import zipfile

import numpy as np

from check_keras import judge
from testing import ROOT, Tally, arguments, run, wanted

EXAMPLES = os.path.join(ROOT, "examples")
ROWS = 9


def strip(source, target):
    """The file without its recipe: then columns are plain numbers. -> config"""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for item in old.infolist():
            if item.filename != "nnl.json":
                new.writestr(item, old.read(item.filename))
        return json.loads(old.read("config.json"))


def make_inputs(config, base):
    """Names and files of made-up inputs."""
    whole = '"Embedding"' in json.dumps(config)
    layers = [l["config"] for l in config["config"]["layers"] if l["class_name"] == "InputLayer"]
    order = config["config"].get("input_layers")
    if order:
        names = [leaf[0] for leaf in (order if isinstance(order[0], list) else [order])]
        layers.sort(key=lambda c: names.index(c["name"]))
    files = []
    for k, layer in enumerate(layers):
        width = int(np.prod([d or 6 for d in layer["batch_shape"][1:]]))
        path = "%s.in_%d.csv" % (base, k)
        with open(path, "w", encoding="utf-8") as f:
            for _ in range(ROWS):
                f.write(",".join(str(random.randrange(2) if whole else round(random.uniform(-2, 2), 3)) for _ in range(width)) + "\n")
        files.append((layer["name"], path))
    return files


def one_model(nnl, work, name, saved):
    base = os.path.join(work, "plain_" + name)
    inputs = make_inputs(strip(saved, base + ".keras"), base)
    command = [nnl, "predict", base + ".keras", "-o", base + ".answers.csv"]
    for input_name, path in inputs:
        command += ["--input", "%s=%s" % (input_name, path)]
    code, _, errors = run(command, work)
    if code != 0:
        return ["nnl predict: exit code %s\n%s" % (code, errors)]
    with open(base + ".answers.csv", encoding="utf-8") as f:
        rows = list(csv.reader(f))
    widths = sum(len(open(p, encoding="utf-8").readline().split(",")) for _, p in inputs)
    answers = [row[widths:] if len(row) > widths and rows[0][0] not in ("", None) and len(rows[0]) > widths else row for row in rows[1:]]
    with open(base + ".out_0.csv", "w", encoding="utf-8") as f:
        f.write("\n".join(",".join(row) for row in answers) + "\n")
    faults, layers, largest, over = judge(base + ".keras")
    whole, _, _, _ = judge_check_only(saved)
    print("  %-36s %2d layers  largest difference %.2e (%.3f of what is allowed)" % (name, layers, largest, over))
    return ["%s: %s" % fault for fault in faults + whole]


def judge_check_only(path):
    import keras_peer as peer
    peer.FAULTS.clear()
    config, store = peer.read_zip(path)
    model, _ = peer.verify(config, store)
    peer.check_optimizer(config, model, store)
    peer.check_compile(config, model)
    return list(peer.FAULTS), 0, 0, 0


def one_example(nnl, example, tally):
    with open(os.path.join(EXAMPLES, example), encoding="utf-8") as f:
        text = f.read()
    models = list(dict.fromkeys(re.findall(r"^train\s+(\w+)\s+on", text, re.M)))
    if not models:
        return
    base = tempfile.mkdtemp()
    work = os.path.join(base, "tree", "examples")
    try:
        os.makedirs(work)
        beside = os.path.join(ROOT, "..", "shared")  # where larger tables may stand
        if os.path.isdir(beside):
            os.symlink(os.path.abspath(beside), os.path.join(base, "shared"))
        shutil.copytree(os.path.join(EXAMPLES, "data"), os.path.join(work, "data"))
        with open(os.path.join(work, example), "w", encoding="utf-8") as f:
            f.write(text + "\n" + "".join('save %s to "saved_%s.keras"\n' % (m, m) for m in models))
        code, out, errors = run([nnl, "run", example, "--quiet", "--epochs", "1"], work)
        if code == 3 and "there is no file `../../" in errors:
            tally.skip(example, "its table is not here")
            return
        if code != 0:
            tally.result(example, ["exit code %s\n%s" % (code, errors)])
            return
        for m in models:
            tally.result("%s: %s" % (example, m), one_model(nnl, work, "%s_%s" % (example[:-4], m), os.path.join(work, "saved_%s.keras" % m)))
    finally:
        shutil.rmtree(base)


def main():
    options = arguments(__doc__)
    random.seed(1)
    tally = Tally()
    for example in sorted(os.listdir(EXAMPLES)):
        if example.endswith(".nnl") and wanted(example, options.only):
            one_example(options.nnl, example, tally)
    tally.close()


main()
