#!/usr/bin/env python3
"""Figures of an evaluation report: classes and numbers, from scikit-learn.

Made with scikit-learn's confusion_matrix, precision_recall_fscore_support, roc_auc_score (exact, ties counted half), mean errors
and r2_score, in float64. The best F1 threshold is found by trying every cut. Written to report.json.
"""
import warnings

import numpy as np
import sklearn
from sklearn import metrics as M

from common import f64, write

RNG = np.random.default_rng(11)
warnings.filterwarnings("ignore")


def counts_report(y, predicted, labels):
    p, r, f, n = M.precision_recall_fscore_support(y, predicted, labels=labels, zero_division=0)
    return {"confusion": M.confusion_matrix(y, predicted, labels=labels), "accuracy": M.accuracy_score(y, predicted),
            "per_class": [{"precision": a, "recall": b, "f1": c, "rows": d} for a, b, c, d in zip(p, r, f, n)],
            "macro": {"precision": p.mean(), "recall": r.mean(), "f1": f.mean()}}


def best_f1(y, p):
    """Each cut between neighbouring probabilities; a row is called 1 where p > threshold. Every threshold in [at_least, below) cuts alike."""
    cuts = np.unique(p)
    tried = [(-np.inf, cuts[0])] + [(a, b) for a, b in zip(cuts, cuts[1:])]
    scored = [(M.f1_score(y, p > (a if np.isfinite(a) else b - 1), zero_division=0), a, b) for a, b in tried]
    best = max(s for s, _, _ in scored)
    return {"f1": best, "at_least_below": [[a, b] for s, a, b in scored if abs(s - best) < 1e-12]}


def binary(title, y, p, thresholds=(0.5,)):
    y, p = np.asarray(y), np.round(np.asarray(p, dtype=float), 3)
    c = {"title": title, "y": y, "p": p, "auc": M.roc_auc_score(y, p) if 0 < y.sum() < len(y) else None,
         "best_threshold": best_f1(y, p) if y.sum() else None, "thresholds": []}
    for t in thresholds:
        q = p > t
        c["thresholds"].append({"threshold": t, **counts_report(y, q.astype(int), [0, 1]),
                                "precision": M.precision_score(y, q, zero_division=0), "recall": M.recall_score(y, q, zero_division=0),
                                "f1": M.f1_score(y, q, zero_division=0)})
    return c


n = 40
y = (RNG.random(n) < 0.4).astype(int)
noisy = np.clip(0.35 * y + RNG.random(n) * 0.65, 0, 1)
BINARY = [
    binary("noisy", y, noisy, (0.5, 0.3, 0.7)),
    binary("many ties: one decimal", y, np.round(noisy, 1), (0.5, 0.4)),
    binary("all the same figure: auc is one half", y, np.full(n, 0.5), (0.5, 0.4)),
    binary("exactly one half is not above one half", [0, 1, 1, 0, 1], [0.5, 0.5, 0.501, 0.499, 0.9]),
    binary("perfect", [0, 0, 1, 1], [0.1, 0.2, 0.8, 0.9]),
    binary("the wrong way round", [1, 1, 0, 0], [0.1, 0.2, 0.8, 0.9]),
    binary("nobody is called 1: precision has nothing to divide by", [0, 1, 0, 1], [0.1, 0.2, 0.3, 0.4]),
    binary("everybody is called 1", [0, 1, 0, 1], [0.9, 0.8, 0.7, 0.95]),
    binary("one class only: there is no auc", [1, 1, 1], [0.4, 0.6, 0.7]),
]


def classes(title, y, p, k):
    y, p = np.asarray(y), np.round(np.asarray(p), 4)
    c = {"title": title, "classes": k, "y": y, "p": p, **counts_report(y, p.argmax(1), list(range(k)))}
    if len(set(y.tolist())) == k and k > 2:
        one_against_rest = [M.roc_auc_score(y == i, p[:, i]) for i in range(k)]
        c["auc_one_against_rest"], c["auc"] = one_against_rest, float(np.mean(one_against_rest))
    return c


y3 = RNG.integers(0, 3, 30)
z = RNG.normal(size=(30, 3)) + 1.3 * np.eye(3)[y3]
p3 = np.exp(z) / np.exp(z).sum(1, keepdims=True)
never = p3.copy()
never[:, 1] *= 1e-3
CLASSES = [
    classes("three classes", y3, p3, 3),
    classes("a class that is never named", y3, never / never.sum(1, keepdims=True), 3),
    classes("a class of which there is no row", [0, 0, 2, 2, 2], [[.8, .1, .1], [.2, .7, .1], [.1, .1, .8], [.3, .3, .4], [.6, .2, .2]], 3),
    classes("equal largest figures: the first counts", [0, 1, 2], [[.4, .4, .2], [.4, .4, .2], [.3, .35, .35]], 3),
]


def numbers(title, y, p, baseline):
    y, p = np.round(np.asarray(y, dtype=float), 3), np.round(np.asarray(p, dtype=float), 3)
    keep = y != 0

    def figures(q):
        return {"mae": M.mean_absolute_error(y, q), "rmse": M.mean_squared_error(y, q) ** 0.5,
                "mape": 100 * M.mean_absolute_percentage_error(y[keep], q[keep]) if keep.any() else None,
                "r2": M.r2_score(y, q) if len(set(y.tolist())) > 1 else None}
    return {"title": title, "y": y, "p": p, **figures(p), "training_mean": baseline, "baseline_mean": figures(np.full(len(y), baseline))}


t = RNG.normal(size=25) * 10 + 20
NUMBERS = [
    numbers("a fair fit", t, t + RNG.normal(size=25) * 3, 21.5),
    numbers("rows with 0 are left out of mape", [0, 2, 0, -4, 5], [1, 2.5, -1, -3, 5], 1.0),
    numbers("worse than the mean: r2 below 0", [1, 2, 3, 4], [4, 3, 2, 1], 2.5),
    numbers("perfect", [1, 2, 3.5], [1, 2, 3.5], 0.0),
    numbers("a target that never changes: r2 has nothing to explain", [3, 3, 3], [2, 3, 4], 3.0),
    numbers("only zeros: no mape", [0, 0], [1, -1], 0.5),
]

write("report.json", {
    "made_by": "report.py, scikit-learn %s" % sklearn.__version__,
    "note": "binary: p is the figure for class 1, and a row is called 1 where p > threshold (strictly); confusion[i][j] counts rows of class i called j; precision, recall and f1 beside it are "
            "those of class 1, and 0 where there is nothing to divide by; auc is exact, ties count half. best_threshold: the largest f1 that any cut reaches, and the ranges [a, b) of "
            "thresholds that reach it. classes: named is the first largest figure; macro is the plain mean over all classes. numbers: mape in percent without the rows whose "
            "target is 0; null: there is no such figure. float64.",
    "binary": f64(BINARY), "classes": f64(CLASSES), "numbers": f64(NUMBERS)}, depth=2)
