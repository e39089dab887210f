#!/usr/bin/env python3
"""The future never leaks: every number of every test row is multiplied by a billion, and nothing else may change.

For several recipes the rows of the test part are looked up (`nnl data --part test`), their numbers are multiplied in a copy of
the table (the target too, where it is a number), and both tables are prepared and trained on. The samples of training and
validation, and every figure of every epoch, must be equal to the last digit printed; the test samples must differ.
"""
import csv
import json
import math
import os
import shutil
import tempfile

from testing import Tally, arguments, run, wanted

ROWS = 60
HEADER = ["a", "b", "c", "kind", "plan", "fold", "y", "left"]

RECIPES = {
    "shuffled, all scales, fills": (["fill a: median", "fill c: mean", "fill plan: most_common", "encode plan: one_hot", "features a, b, c, plan", "target y",
                                     "scale a: standard", "scale b: minmax", "scale c: robust", "scale y: standard"], "split train 60%, validation 20%, test 20%", "1"),
    "in order, numbers as categories": (["fill a: most_common", "encode kind: one_hot(drop_first=true)", "features a, b, kind", "target y", "scale standard"],
                                        "split train 60%, validation 20%, test 20% in order", "1"),
    "classes, stratified": (["fill a: mean", "features a, b", "target left", "scale minmax(-1, 1)"], "split train 60%, validation 20%, test 20%", "1, sigmoid"),
    "by a column, index": (["drop missing", "encode kind: index", "features a, b, kind", "target y", "scale a, b: standard"],
                           "split by fold: train \"t\", validation \"v\", test \"e\"", "1"),
    "derived columns": (["derive ratio = b / (1 + kind)", "derive high = if(b > 0, 1, 0)", "features ratio, high", "target y", "scale robust"],
                        "split train 60%, validation rest, test 10", "1"),
}


def table():
    rows = []
    for i in range(ROWS):
        rows.append(["" if i % 7 == 3 else "%.4f" % (math.sin(i * 2.0) * 10), "%.4f" % (math.cos(i * 3.1) * 5 + 1), "" if i % 11 == 5 else "%.4f" % math.sin(i * i),
                     str(i % 3 + 1), "" if i % 13 == 4 else ["basic", "pro", "max"][i * 5 % 3], "ttvte"[i % 5], "%.4f" % math.cos(i * 1.7),
                     "Yes" if (i * 7) % 10 < 4 else "No"])
    return rows


def poisoned(cell):
    try:
        return repr(float(cell) * 1e9)
    except ValueError:
        return cell


def write(path, rows):
    with open(path, "w", encoding="utf-8", newline="") as f:
        w = csv.writer(f, lineterminator="\n")
        w.writerow(HEADER)
        w.writerows(rows)


def samples(nnl, folder, part):
    status, out, err = run([nnl, "data", "case.nnl", "d", "--part", part], folder)
    return out if status == 0 else "ended with %s: %s" % (status, err[-1500:])


def epochs(nnl, folder):
    status, _, err = run([nnl, "run", "case.nnl", "--quiet", "--log", "log.jsonl"], folder)
    if status != 0:
        return ["ended with %s: %s" % (status, err[-1500:])]
    with open(os.path.join(folder, "log.jsonl"), encoding="utf-8") as f:
        events = [json.loads(line) for line in f]
    return [{k: v for k, v in e.items() if k != "seconds"} for e in events if e["event"] == "epoch"]


def prepared(nnl, folder, rows):
    write(os.path.join(folder, "table.csv"), rows)
    return {part: samples(nnl, folder, part) for part in ("train", "validation", "test")}, epochs(nnl, folder)


def case(nnl, recipe):
    clauses, split, output = recipe
    folder = tempfile.mkdtemp(prefix="nnl-poison-")
    try:
        with open(os.path.join(folder, "case.nnl"), "w", encoding="utf-8") as f:
            f.write("data d from \"table.csv\" {\n%s}\n" % "".join("    %s\n" % line for line in clauses + [split]))
            f.write("model m {\n    input x\n    dense(4, relu)\n    dense(%s)\n}\ntrain m on d { epochs 4 }\n" % output)
        rows = table()
        clean, clean_epochs = prepared(nnl, folder, rows)
        lines = [int(line.split(",")[0]) for line in clean["test"].splitlines()[1:]]
        if not lines:
            return ["no test samples: %s" % clean["test"]]
        dirty_rows = [[poisoned(c) for c in r] if i + 2 in lines else r for i, r in enumerate(rows)]
        dirty, dirty_epochs = prepared(nnl, folder, dirty_rows)
        faults = ["the %s samples changed" % part for part in ("train", "validation") if clean[part] != dirty[part] or "," not in clean[part]]
        if clean["test"] == dirty["test"]:
            faults.append("the test samples did not change, so nothing was tested")
        if len(clean_epochs) != 4:
            faults.append("4 epochs expected, got %r" % clean_epochs)
        if clean_epochs != dirty_epochs:
            faults.append("figures of an epoch changed:\n%r\n%r" % (clean_epochs[-1], dirty_epochs[-1]))
        return faults
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
