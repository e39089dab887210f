#!/usr/bin/env python3
"""Draws the tables of the benchmark with fixed seeds: NAME.csv for nnl and pandas, NAME.npy with the same float32 figures.

    make_data.py FOLDER NAME        NAME is small, pair, digits, wide, table, rnn, lstm or gru
"""
import os
import sys

import numpy as np


def write_csv(path, header, block, decimals):
    """Many rows with one format string: fifty times faster than savetxt."""
    rows, columns = block.shape
    line = ",".join(["%." + str(d) + "f" if d else "%d" for d in decimals]) + "\n"
    with open(path + ".part", "w", encoding="ascii") as f:
        f.write(",".join(header) + "\n")
        step = max(1, 200_000 // columns)
        for a in range(0, rows, step):
            part = block[a:a + step]
            f.write(line * len(part) % tuple(part.ravel().tolist()))
    os.replace(path + ".part", path)


def save(folder, name, x, y, decimals, target_decimals, names=None):
    block = np.column_stack([np.round(x, decimals), np.round(y, target_decimals)]) + 0.0
    header = (names or ["c%d" % (i + 1) for i in range(x.shape[1])]) + ["y"]
    np.save(os.path.join(folder, name + ".npy"), block.astype(np.float32))
    write_csv(os.path.join(folder, name + ".csv"), header, block, [decimals] * x.shape[1] + [target_decimals])


def small(folder):
    """10,000 rows of 12 numbers; a smooth function of them, and noise."""
    r = np.random.default_rng(1)
    x = r.normal(size=(10_000, 12))
    y = np.sin(x[:, 0]) + x[:, 1] * x[:, 2] * 0.5 + x[:, 3:] @ r.normal(size=9) * 0.3 + r.normal(size=10_000) * 0.5
    save(folder, "small", x, y, 4, 4)


def pair(folder):
    """10,000 rows in two groups, of 5 and of 8 numbers."""
    r = np.random.default_rng(2)
    x = r.normal(size=(10_000, 13))
    y = np.tanh(x[:, :5] @ r.normal(size=5) * 0.5) + x[:, 5:] @ r.normal(size=8) * 0.3 + r.normal(size=10_000) * 0.5
    save(folder, "pair", x, y, 4, 4, ["a%d" % (i + 1) for i in range(5)] + ["b%d" % (i + 1) for i in range(8)])


def digits(folder):
    """20,000 rows of 784 figures between 0 and 1, ten classes: a pattern each, and much noise."""
    r = np.random.default_rng(3)
    label = r.integers(0, 10, 20_000)
    pattern = r.random((10, 784)) < 0.2
    x = np.clip(pattern[label] * 0.25 + r.random((20_000, 784)) * 0.75, 0, 0.99)
    flip = r.random(20_000) < 0.15
    save(folder, "digits", x, np.where(flip, r.integers(0, 10, 20_000), label), 2, 0)


def wide(folder):
    """8,192 rows of 1,024 numbers, of which 16 matter: learned slowly and evenly, so that seeds differ little."""
    r = np.random.default_rng(4)
    x = r.normal(size=(8_192, 1_024)).astype(np.float32)
    y = x[:, :16].sum(1) * 0.5 + r.normal(size=8_192) * 0.5
    save(folder, "wide", x, y, 3, 3)


def table(folder):
    """1,000,000 rows of 20 numbers, some 200 MB of text; only read, never learned from."""
    r = np.random.default_rng(5)
    x = r.normal(size=(1_000_000, 20)) * 40
    write_csv(os.path.join(folder, "table.csv"), ["c%d" % (i + 1) for i in range(20)], x, [6] * 20)


def series(folder, name, seed, rows, features):
    """A table in order of time: slow random columns, and a target that what they were lately moves. With no features, the target alone."""
    r = np.random.default_rng(seed)
    n = max(features, 1)
    x = np.zeros((rows, n))
    for i in range(1, rows):
        x[i] = 0.9 * x[i - 1] + r.normal(size=n) * 0.4
    mixed = np.convolve(x @ (r.normal(size=n) / np.sqrt(n)), [0, 0.4, 0.3, 0.2, 0.1])[:rows]
    y = np.tanh(mixed) + r.normal(size=rows) * 0.2 if features else x[:, 0]
    save(folder, name, x[:, :features], y, 4, 4)


def rnn(folder):
    """5,000 windows of 3 steps, and the step ahead."""
    series(folder, "rnn", 6, 5_003, 0)


def lstm(folder):
    """10,000 windows of 48 steps of 8 numbers."""
    series(folder, "lstm", 7, 10_048, 8)


def gru(folder):
    """4,000 windows of 96 steps of 16 numbers."""
    series(folder, "gru", 8, 4_096, 16)


if __name__ == "__main__":
    folder, name = sys.argv[1:]
    {"small": small, "pair": pair, "digits": digits, "wide": wide, "table": table, "rnn": rnn, "lstm": lstm, "gru": gru}[name](folder)
