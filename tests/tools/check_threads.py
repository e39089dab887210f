#!/usr/bin/env python3
"""The same script gives the same bits, whatever the number of threads: of trainings, and of tables large enough to be read in chunks.

Scripts with every recurrent layer, and what stands beside them, run with 1, 2 and 8 threads: every event of the log but for times,
every prediction, and every byte of the saved weights must be equal. Batches are large enough to be cut among threads.
"""
import json
import math
import os
import shutil
import tempfile
import zipfile

from testing import Tally, arguments, run, wanted

ROWS = 700
BATCH = 128
SERIES = """data d from "table.csv" {
    order by t
    features y, a, b
    target y ahead %s
    scale standard
    window 12
    split train 60%%, validation 20%%, test rest
}
"""
# title: (ahead, body of the model)
NETWORKS = {
    "simple_rnn": ("1", "simple_rnn(40, return_sequences=true)\nsimple_rnn(24)\ndense(1)"),
    "lstm": ("1", "lstm(40, return_sequences=true)\nlstm(24)\ndense(1)"),
    "lstm, other activations": ("1", "lstm(32, activation=relu, recurrent_activation=tanh, unit_forget_bias=false, use_bias=false)\ndense(1)"),
    "gru": ("1", "gru(40, return_sequences=true)\ngru(24)\ndense(1)"),
    "gru, reset before": ("1", "gru(40, reset_after=false)\ndense(1)"),
    "backwards": ("1", "lstm(24, go_backwards=true)\ndense(1)"),
    "dropout": ("1", "gru(32, dropout=0.2, recurrent_dropout=0.2, return_sequences=true)\nspatial_dropout1d(0.1)\nlstm(16, dropout=0.1, recurrent_dropout=0.1)\n"
                     "dropout(0.2)\ndense(1)"),
    "bidirectional": ("1", "bidirectional(lstm(24, return_sequences=true), merge_mode=sum)\nbidirectional(gru(16, return_sequences=true), merge_mode=ave)\n"
                           "bidirectional(simple_rnn(16), merge_mode=mul)\ndense(1)"),
    "bidirectional, side by side": ("1", "bidirectional(gru(20))\ndense(1)"),
    "encoder and decoder": ("1..4", "seq, h, c = x -> lstm(24, return_sequences=true, return_state=true)\ny = h -> repeat_vector(4)\n"
                                    "g = seq -> global_average_pooling1d -> repeat_vector(4)\n"
                                    "concatenate(y, g) -> lstm(24, return_sequences=true, initial_state=[h, c]) -> time_distributed(dense(1)) -> flatten"),
    "masking": ("1", "masking\ngru(24, return_sequences=true)\nlstm(16)\ndense(1)"),
    "normalized and compared": ("1", "h = x -> layer_normalization -> dense(48, mish)\nn = h -> layer_normalization(axis=1) -> prelu(shared_axes=1)\n"
                                     "m = maximum(h, n) -> layer_normalization(axis=[1, 2])\nl = minimum(h, n)\nsubtract(m, l) -> gru(16) -> dense(1)"),
    "convolution": ("1..3", "conv1d(32, 3, padding=causal, activation=relu)\nmax_pooling1d(2)\nconv1d(16, 3, padding=same, groups=2)\nbatch_normalization\n"
                            "average_pooling1d(2)\nflatten\ndense(3)"),
}
TAIL = """train m on d {
    epochs 3
    batch %d
    metrics mae
    callback early_stopping(patience=1)
}
evaluate m on d.test
predict m on d to "answers.csv"
save m to "m.keras"
""" % BATCH

LARGE_ROWS = 100000
LARGE_SCRIPT = """data d from "table.csv" {
    target y
    features kind, a
    encode kind: one_hot
    fill kind: "none"
    drop missing
}
"""


def table():
    lines = ["t,a,b,y"]
    for i in range(ROWS):
        lines.append("%d,%.4f,%.4f,%.4f" % (i, math.sin(i * 0.37), math.cos(i * 0.11) * 4, math.sin(i * 0.26) * 3 + 0.002 * i))
    return "\n".join(lines) + "\n"


def without(value):
    if isinstance(value, dict):
        return {k: without(v) for k, v in value.items() if k not in ("seconds", "threads")}
    return [without(v) for v in value] if isinstance(value, list) else value


def left_behind(folder):
    """Log, answers and weights of a run: name -> what must be equal."""
    found = {}
    with open(os.path.join(folder, "log.jsonl"), encoding="utf-8") as f:
        for number, line in enumerate(f, 1):
            event = without(json.loads(line))
            found["line %d of the log (%s)" % (number, event["event"])] = event
    with open(os.path.join(folder, "answers.csv"), encoding="utf-8") as f:
        found["answers.csv"] = f.read()
    with zipfile.ZipFile(os.path.join(folder, "m.keras")) as z:
        found["the weights"] = z.read("model.weights.h5")
    return found


def case(nnl, text):
    folder = tempfile.mkdtemp(prefix="nnl-threads-")
    try:
        with open(os.path.join(folder, "table.csv"), "w", encoding="utf-8") as f:
            f.write(table())
        with open(os.path.join(folder, "case.nnl"), "w", encoding="utf-8") as f:
            f.write(text)
        one = None
        for threads in (1, 2, 8):
            status, _, err = run([nnl, "run", "case.nnl", "--quiet", "--threads", str(threads), "--log", "log.jsonl"], folder)
            if status != 0:
                return ["with %d threads it ended with %s: %s" % (threads, status, err[-1500:])]
            got = left_behind(folder)
            if one is None:
                one = got
                if not any("(epoch)" in k for k in one) or len(one.get("answers.csv", "").splitlines()) < ROWS / 2:
                    return ["nothing was compared"]
                continue
            faults = ["%s differs between 1 and %d threads:\n%.300s\n%.300s" % (k, threads, one.get(k), got.get(k))
                      for k in sorted(set(one) | set(got)) if one.get(k) != got.get(k)]
            if faults:
                return faults[:3]
        return []
    finally:
        shutil.rmtree(folder)


# What a large table holds in some of its rows -> what `nnl data` ends with.
LARGE = {"good": 0, "a text among numbers": 1, "too many cells": 3, "too large a number": 3}


def large_table(title):
    lines = ["id,a,kind,day,y"]
    for i in range(LARGE_ROWS):
        odd = i % 40000 == 39000
        a = "unknown" if odd and title == "a text among numbers" else "1e999" if odd and title == "too large a number" else "%.17g" % math.sin(i)
        lines.append("row %d,%s,%s,2021-%02d-%02d,%d%s" % (i, a, "red" if i % 3 else "NA" if i % 7 else "blue", i % 12 + 1, i % 28 + 1, i % 1000,
                                                            ",1" if odd and title == "too many cells" else ""))
    return "\n".join(lines) + "\n"


def large(nnl, title):
    folder = tempfile.mkdtemp(prefix="nnl-threads-")
    try:
        with open(os.path.join(folder, "table.csv"), "w", encoding="utf-8") as f:
            f.write(large_table(title))
        with open(os.path.join(folder, "case.nnl"), "w", encoding="utf-8") as f:
            f.write(LARGE_SCRIPT)
        one = None
        for threads in (1, 2, 8):
            status, out, err = run([nnl, "data", "case.nnl", "-o", "out.csv", "--threads", str(threads)], folder)
            if status != LARGE[title]:
                return ["with %d threads it ended with %s: %s" % (threads, status, err[-1500:])]
            got = [out, err]
            if status == 0:
                with open(os.path.join(folder, "out.csv"), encoding="utf-8") as f:
                    got.append(f.read())
            one = one or got
            if got != one:
                return ["what was told or written differs between 1 and %d threads:\n%.500s\n%.500s" % (threads, one[1], err)]
        return []
    finally:
        shutil.rmtree(folder)


def main():
    a = arguments(__doc__)
    tally = Tally()
    for title in LARGE:
        if wanted(title, a.only):
            tally.result("a large table, " + title, large(a.nnl, title))
    for title, (ahead, body) in NETWORKS.items():
        if wanted(title, a.only):
            text = SERIES % ahead + "model m {\n    input x\n" + "".join("    %s\n" % line for line in body.split("\n")) + "}\n" + TAIL
            tally.result("threads, " + title, case(a.nnl, text))
    tally.close()


if __name__ == "__main__":
    main()
