#!/usr/bin/env python3
"""Whole scripts on real tables: examples/*.nnl and tests/train/*.nnl, run to the end with `--log`.

Each must end with 0 and say nothing of an error; each evaluation must beat its naive baselines, or its report must say that it does
not; and what the table is known for must come out (FACTS). Scripts whose table is not there are skipped.
"""
import csv
import glob
import json
import math
import os
import re
import shutil
import tempfile

from testing import ROOT, Tally, arguments, is_crash, run, wanted

HIGHER = ("accuracy", "auc", "f1", "r2")
LOWER = ("mae", "rmse")


def figures(event):
    """Figures of an evaluation without the names of outputs: key -> figure."""
    return {k: v for k, v in event.items() if isinstance(v, (int, float)) and not isinstance(v, bool)}


def better(key, mine, naive):
    """Whether the model beats the baseline by this figure; None where the figure does not tell."""
    word = key.split("_")[-1]
    if word in LOWER:
        return mine < naive
    if word in HIGHER:
        return mine > naive
    return None


def beats(event):
    """For each output the leading figure (accuracy for classes, else rmse) against each baseline."""
    losses = []
    mine = figures(event)
    for name, naive in (event.get("baseline") or {}).items():
        for key, value in figures(naive).items():
            word = key.split("_")[-1]
            if word not in ("accuracy", "rmse") or key not in mine:
                continue
            if not better(key, mine[key], value):
                losses.append("%s %.6g, `%s` reaches %.6g" % (key, mine[key], name, value))
    return losses


def of(events, kind):
    return [e for e in events if e.get("event") == kind]


def near(what, got, expected, tolerance):
    return [] if got is not None and abs(got - expected) <= tolerance else ["%s is %s, publicly known as %s" % (what, got, expected)]


def anscombe(events, folder):
    evaluation = of(events, "evaluate")[0]
    faults = near("r2", evaluation.get("r2"), 0.6665425, 1e-5)
    with open(os.path.join(folder, "answers.csv"), encoding="utf-8", newline="") as f:
        answers = [float(r["predicted_y1"]) for r in csv.DictReader(f)]
    return faults + near("the beginning of the line", answers[0], 3.0000909, 2e-5) + near("its slope", answers[1] - answers[0], 0.5000909, 2e-5)


def anscombe_four(events, _):
    evaluation = of(events, "evaluate")[0]
    known = {"line1": 0.6665425, "line2": 0.6662420, "line3": 0.6663240, "line4": 0.6667073}
    return [f for name, r2 in known.items() for f in near(name + "_r2", evaluation.get(name + "_r2"), r2, 1e-4)]


def rows(n, **samples):
    def check(events, _):
        data = of(events, "data")[0]
        return ([] if data.get("rows") == n else ["the table has %s rows, expected %d" % (data.get("rows"), n)]) + [
            "%s has %s samples, expected %d" % (k, data.get("samples", {}).get(k), v) for k, v in samples.items() if data.get("samples", {}).get(k) != v]
    return check


def best_naive(n, key, name, value, tolerance):
    """The n-th evaluation: the best baseline and its figure, counted apart from the table; the model has to beat it by a tenth."""
    def check(events, _):
        event = of(events, "evaluate")[n]
        naive = {k: v.get(key) for k, v in event.get("baseline", {}).items()}
        best = min(naive, key=naive.get)
        faults = [] if best == name else ["the best baseline is `%s`, expected `%s`" % (best, name)]
        faults += near("its %s" % key, naive[best], value, tolerance)
        return faults + ([] if event[key] < 0.9 * naive[best] else ["%s is %.6g beside %.6g of `%s`" % (key, event[key], naive[best], best)])
    return check


def shop(_, folder):
    """The rule of data/shop.awk carried on, the fourth day being a holiday."""
    known = [40 + 12 * math.cos(2 * math.pi * i / 7) + i / 10 + (25 if i == 183 else 0) for i in range(180, 187)]
    with open(os.path.join(folder, "ahead.csv"), encoding="utf-8", newline="") as f:
        got = [float(r["predicted_sold"]) for r in csv.DictReader(f)]
    return ["the forecast of day %d is %.1f, by the rule %.1f" % (i + 1, g, k) for i, (g, k) in enumerate(zip(got, known)) if abs(g - k) > 5] + (
        [] if len(got) == 7 else ["%d days are forecast" % len(got)])


def read_again(events, _):
    """A network read from its file scores as the one that was saved, and goes on learning."""
    saved, again, later = of(events, "evaluate")
    return ([] if saved["loss"] == again["loss"] else ["saved with loss %r, read with %r" % (saved["loss"], again["loss"])]) + (
        [] if later["loss"] != again["loss"] else ["nothing was learned after reading"])


def at_least(key, bound):
    def check(events, _):
        got = of(events, "evaluate")[0].get(key)
        return [] if got is not None and got >= bound else ["%s is %s, expected at least %s" % (key, got, bound)]
    return check


FACTS = {
    "anscombe": [rows(11), anscombe],
    "anscombe_four": [rows(11), anscombe_four],
    "iris": [rows(150, train=105, validation=24, test=21), at_least("accuracy", 0.8)],
    "titanic": [at_least("accuracy", 0.72)],
    "two_inputs": [rows(32)],
    "mtcars": [rows(32)],
    "airquality": [rows(153)],
    "sequence_columns": [rows(132, train=92, validation=20, test=20)],
    "airline": [rows(144, train=89, validation=21, test=22), best_naive(0, "rmse", "same_season", 51.78276, 1e-4), best_naive(1, "rmse", "same_season", 51.78276, 1e-4)],
    "shop": [rows(180, train=137, validation=36), best_naive(0, "rmse", "same_season", 11.75679, 1e-4), shop],
    "temperature": [rows(265, train=156, validation=53, test=53), best_naive(0, "rmse", "same_season", 3.315819, 1e-5)],
    "seoul_bikes": [rows(8760, train=6108, validation=1314, test=1314), best_naive(0, "rmse", "last_value", 311.7000, 1e-3)],
    "two_towers": [rows(8760), best_naive(0, "rmse", "last_value", 501.8845, 1e-3)],
    "save_and_load": [rows(150), read_again],
    "churn": [rows(20000, train=14000, validation=3000, test=3000), at_least("auc", 0.70)],
    "carseats": [rows(400, train=240, validation=80, test=80), at_least("r2", 0.6)],
}
# What a script is asked beyond itself.
MORE = {"anscombe": 'predict line on "data/anscombe_ask.csv" to "answers.csv"\n',
        "shop": 'forecast next_day on shop for 7 steps using "data/shop_calendar.csv" to "ahead.csv"\n'}


def writes(path):
    """Whether a script leaves files behind; it is then run in a copy of its folder."""
    with open(path, encoding="utf-8") as f:
        return re.search(r'^(save|predict|forecast)\b.* to "', f.read(), re.M) is not None


def script(path, nnl):
    name = os.path.basename(path)[:-4]
    folder = os.path.dirname(path)
    temporary = None
    try:
        if name in MORE or writes(path):
            temporary = tempfile.mkdtemp(prefix="nnl-training-")
            shutil.copytree(os.path.join(folder, "data"), os.path.join(temporary, "data"))
            shutil.copy(path, temporary)
            folder = temporary
        if name in MORE:
            with open(os.path.join(folder, name + ".nnl"), "a", encoding="utf-8") as f:
                f.write(MORE[name])
        log = tempfile.NamedTemporaryFile(suffix=".jsonl")
        status, out, err = run([nnl, "run", "--quiet", "--log", log.name, name + ".nnl"], folder)
        if status != 0 or is_crash(status):
            return ["ended with %s:\n%s" % (status, err[-1500:])]
        faults = ["says on standard error: " + line for line in err.splitlines() if re.match(r"(error|warning)\[", line)]
        with open(log.name, encoding="utf-8") as f:
            events = [json.loads(line) for line in f]
        if not of(events, "evaluate"):
            faults.append("evaluates nothing")
        for event in of(events, "evaluate"):
            if not event.get("baseline"):
                faults.append("an evaluation without a baseline")
            lost = beats(event)
            if lost and "does NOT beat the" not in out:
                faults.append("no better than a naive answer, and does not say so: " + "; ".join(lost))
        for fact in FACTS.get(name, []) if not faults else []:
            faults += fact(events, folder)
        return faults
    finally:
        if temporary:
            shutil.rmtree(temporary)


def table_of(path):
    with open(path, encoding="utf-8") as f:
        found = re.search(r'^data \S+ from "([^"]+)"', f.read(), re.M)
    return os.path.join(os.path.dirname(path), found.group(1)) if found else None


def main():
    a = arguments(__doc__)
    tally = Tally()
    for path in sorted(glob.glob(os.path.join(ROOT, "examples", "*.nnl"))) + sorted(glob.glob(os.path.join(ROOT, "tests", "train", "*.nnl"))):
        if not wanted(path, a.only):
            continue
        table = table_of(path)
        if table and not os.path.exists(table):
            tally.skip(os.path.relpath(path, ROOT), "its table %s is not here" % os.path.basename(table))
        else:
            tally.result(os.path.relpath(path, ROOT), script(path, a.nnl))
    tally.close()


if __name__ == "__main__":
    main()
