#!/usr/bin/env python3
"""The future never leaks from tables in time order: rows of the test part are multiplied by a billion, and nothing else may change.

Recipes with windows, several series, steps ahead, fills, columns that look back, rows made of several, calendars and classes are
prepared and trained on twice: as they are, and with every row from the test's border on multiplied in every column but the time
(features and target; classes are exchanged). The samples of training and validation and every figure of every epoch must be equal to
the last digit printed, and the test samples must differ. Then the same from validation's border on: the samples of training, and the
figures of training, may not change. Where the borders lie is counted by hand and stands in the recipes.
"""
import csv
import datetime
import json
import math
import os
import shutil
import tempfile

from testing import Tally, arguments, run, wanted

SEQUENCE = "    input x\n    gru(4)\n    dense(%s)\n"
PLAIN = "    input x\n    dense(4, relu)\n    dense(1)\n"
TOWERS = "    input past\n    input now\n    p = past -> lstm(3)\n    n = now -> dense(3, relu)\n    concatenate(p, n)\n    dense(1)\n"
THIRDS = "split train 60%, validation 20%, test rest"

# title: (series, rows of each, row of a series with which validation begins, test begins, clauses, body of the model)
RECIPES = {
    "one window": (1, 80, 48, 64, ["order by t", "features a, b", "target y ahead 1", "scale standard", "scale y: standard", "window 5", THIRDS], SEQUENCE % 1),
    "the target's own past": (1, 80, 50, 65, ["order by t", "features y, a", "target y ahead 3", "scale a: robust", "scale y: minmax", "window 6 every 2",
                                              "split train 50, validation 15, test 15"], SEQUENCE % 1),
    "many steps ahead": (1, 90, 54, 72, ["order by t", "features y, b", "target y ahead 1..7", "scale y: standard", "scale b: minmax(-1, 1)",
                                         "window 4 stride 2", THIRDS], SEQUENCE % 7),
    "series": (3, 50, 30, 40, ["order by t", "group by shop", "features y, a", "target y ahead 1", "scale standard", "window 4", THIRDS], SEQUENCE % 1),
    "series, a scale each": (3, 50, 30, 40, ["order by t", "group by shop", "features y, a", "target y ahead 1..3", "scale y: standard per group",
                                             "scale a: minmax per group", "window 4", THIRDS], SEQUENCE % 3),
    "series, divided by dates": (2, 60, 37, 49, ["order by t", "group by shop", "features y, b", "target y ahead 2", "scale standard", "window 3",
                                                 "split train until \"2020-02-06\", validation until \"2020-02-18\", test rest"], SEQUENCE % 1),
    "gaps filled by a line": (1, 90, 54, 72, ["order by t", "fill gap: linear", "features gap, a", "target y ahead 1", "scale standard", "scale y: standard",
                                              "window 4", THIRDS], SEQUENCE % 1),
    "gaps filled by the row before": (2, 50, 30, 40, ["order by t", "group by shop", "fill gap: previous", "features gap, a", "target y ahead 1",
                                                      "drop missing", "scale standard", "window 4", THIRDS], SEQUENCE % 1),
    "gaps filled by what was learned": (2, 50, 30, 40, ["order by t", "group by shop", "fill gap: median", "features gap, a", "target y ahead 1",
                                                        "scale standard", "window 4", THIRDS], SEQUENCE % 1),
    "looking back": (1, 90, 54, 72, ["order by t", "derive before = shift(y, 2)", "derive step = diff(a, 1)", "derive usual = rolling_mean(y, 5)",
                                     "derive slow = ewm_mean(a, 4)", "features before, step, usual, slow", "target y ahead 1", "scale standard",
                                     "scale y: standard", "window 3", THIRDS], SEQUENCE % 1),
    "looking back without a window": (2, 50, 30, 40, ["order by t", "group by shop", "derive before = shift(y, 1)", "derive most = rolling_max(a, 4)",
                                                      "features before, most, b", "target y", "scale standard", "scale y: standard", THIRDS], PLAIN),
    "a week's rows made one": (1, 130, 68, 89, ["order by t every 1 week mean", "features y, a", "target y ahead 1", "scale standard", "window 2",
                                                "split train 10, validation 3, test rest"], SEQUENCE % 1),
    "as given, classes ahead": (1, 80, 48, 64, ["order as given", "features a, b", "target mood ahead 1", "scale standard", "window 4", THIRDS],
                                SEQUENCE % "2, softmax"),
    "two towers": (1, 80, 48, 64, ["order by t", "derive day = weekday(t)", "features past: y", "features now: a, b, day", "target y ahead 1",
                                   "scale standard", "window past: 5", THIRDS], TOWERS),
}
HEADER = ["t", "shop", "a", "b", "y", "gap", "mood"]


def table(series, rows):
    """One series after another, each day after day; a line is (row in its series, cells)."""
    lines = []
    for s in range(series):
        for i in range(rows):
            k = i + 37 * s
            lines.append((i, [(datetime.date(2020, 1, 1) + datetime.timedelta(days=i)).isoformat(), ("north", "south", "east")[s],
                              "%.4f" % (math.sin(k * 0.7) * 3 + 0.01 * k), "%.4f" % (math.cos(k * 1.3) * 5 + 1), "%.4f" % (math.sin(k * 0.45) * 4 + s + 0.02 * k),
                              "" if i % 7 in (3, 4) else "%.4f" % math.cos(k * 0.9), "good" if math.sin(k * 2.1) > 0 else "bad"]))
    return lines


def poisoned(cell):
    try:
        return repr(float(cell) * 1e9)
    except ValueError:
        return {"good": "bad", "bad": "good"}.get(cell, cell)


def prepared(nnl, folder, lines, border):
    """Samples of each part and epochs, with the rows from the border on poisoned."""
    with open(os.path.join(folder, "table.csv"), "w", encoding="utf-8", newline="") as f:
        w = csv.writer(f, lineterminator="\n")
        w.writerow(HEADER)
        w.writerows([poisoned(c) for c in cells] if border is not None and i >= border else cells for i, cells in lines)
    parts = {}
    for part in ("train", "validation", "test"):
        status, parts[part], err = run([nnl, "data", "case.nnl", "d", "--part", part], folder)
        if status != 0:
            raise RuntimeError("nnl data --part %s ended with %s: %s" % (part, status, err[-1500:]))
    status, _, err = run([nnl, "run", "case.nnl", "--quiet", "--log", "log.jsonl"], folder)
    if status != 0:
        raise RuntimeError("ended with %s: %s" % (status, err[-1500:]))
    with open(os.path.join(folder, "log.jsonl"), encoding="utf-8") as f:
        events = [json.loads(line) for line in f]
    return parts, [{k: v for k, v in e.items() if k != "seconds"} for e in events if e["event"] == "epoch"]


def case(nnl, recipe):
    series, n, validation, test, clauses, body = recipe
    folder = tempfile.mkdtemp(prefix="nnl-poison-")
    try:
        with open(os.path.join(folder, "case.nnl"), "w", encoding="utf-8") as f:
            f.write("allow W0445\ndata d from \"table.csv\" {\n%s}\n" % "".join("    %s\n" % line for line in clauses))
            f.write("model m {\n%s}\ntrain m on d {\n    epochs 3\n    batch 8\n}\n" % body)
        lines = table(series, n)
        clean, epochs = prepared(nnl, folder, lines, None)
        faults = ["no samples of %s" % part for part in clean if len(clean[part].splitlines()) < 2]
        if len(epochs) != 3 or "val_loss" not in epochs[0]:
            faults.append("3 epochs with val_loss expected, got %r" % epochs)

        dirty, after = prepared(nnl, folder, lines, test)
        faults += ["the %s samples changed with the test rows" % part for part in ("train", "validation") if clean[part] != dirty[part]]
        if clean["test"] == dirty["test"]:
            faults.append("the test samples did not change, so nothing was tested")
        if epochs != after:
            faults.append("figures of an epoch changed with the test rows:\n%r\n%r" % (epochs[-1], after[-1]))

        dirty, after = prepared(nnl, folder, lines, validation)
        if clean["train"] != dirty["train"]:
            faults.append("the training samples changed with the validation rows")
        if clean["validation"] == dirty["validation"]:
            faults.append("the validation samples did not change, so nothing was tested")
        if [e["loss"] for e in epochs] != [e["loss"] for e in after]:
            faults.append("the training loss changed with the validation rows:\n%r\n%r" % (epochs[-1], after[-1]))
        return faults
    except RuntimeError as e:
        return [str(e)]
    finally:
        shutil.rmtree(folder)


def main():
    a = arguments(__doc__)
    tally = Tally()
    for title, recipe in RECIPES.items():
        if wanted(title, a.only):
            tally.result("poison, " + title, case(a.nnl, recipe))
    tally.close()


if __name__ == "__main__":
    main()
