#!/usr/bin/env python3
"""Prepared samples against scikit-learn and pandas: every case of tests/oracles/prep.json and series.json as a script, answered by
`nnl data`.

The header and the source lines must be equal, figures within 1e-5 relative plus 1e-6 absolute. The rows that each part of a split gets,
in order and class by class, must be the recorded ones.
"""
import csv
import json
import os
import re
import shutil
import tempfile

from testing import ROOT, Tally, arguments, is_crash, run, wanted

FOLDER = os.path.join(ROOT, "tests", "oracles")


def close(got, expected):
    try:
        return abs(float(got) - expected) <= 1e-6 + 1e-5 * abs(expected)
    except ValueError:
        return False


def compare(path, header, rows):
    with open(path, encoding="utf-8", newline="") as f:
        got = list(csv.reader(f))
    if not got or got[0] != header:
        return ["the header is %s, expected %s" % (got[0] if got else "missing", header)]
    if [r[0] for r in got[1:]] != [str(r[0]) for r in rows]:
        return ["rows of the lines %s, expected %s" % (" ".join(r[0] for r in got[1:]), " ".join(str(r[0]) for r in rows))]
    faults = []
    for g, e in zip(got[1:], rows):
        faults += ["line %d, %s is %s, expected %r" % (e[0], name, a, b) for name, a, b in zip(header[1:], g[1:], e[1:]) if not close(a, b)]
    return faults[:5]


def case(c, nnl):
    folder = tempfile.mkdtemp(prefix="nnl-prepared-")
    try:
        shutil.copy(os.path.join(FOLDER, "data", c["file"]), folder)
        with open(os.path.join(folder, "case.nnl"), "w", encoding="utf-8") as f:
            f.write("data d from \"%s\" {\n%s}\n" % (c["file"], "".join("    %s\n" % line for line in c["clauses"])))
        faults = []
        for part, rows in c["parts"].items():
            command = [nnl, "data", "case.nnl", "d", "--part", part, "-o", "samples.csv"]
            status, _, err = run(command, folder)
            if status != 0 or is_crash(status):
                return ["`nnl data --part %s` ended with %s:\n%s" % (part, status, err[-1500:])]
            faults += ["%s: %s" % (part, f) for f in compare(os.path.join(folder, "samples.csv"), c["header"], rows)]
        return faults
    finally:
        shutil.rmtree(folder)


PARTS = {2: ("train", "test"), 3: ("train", "validation", "test")}


def parts_of(rows, split, nnl):
    """rows: the targets of a table of one feature. -> part -> the `y` column of its prepared samples, or a fault."""
    folder = tempfile.mkdtemp(prefix="nnl-split-")
    try:
        with open(os.path.join(folder, "t.csv"), "w", encoding="utf-8") as f:
            f.write("x,y\n" + "".join("%d,%s\n" % (i * 7 % 11, y) for i, y in enumerate(rows)))
        with open(os.path.join(folder, "case.nnl"), "w", encoding="utf-8") as f:
            f.write("data d from \"t.csv\" {\n    features x\n    target y\n    split %s\n}\n" % split)
        found = {}
        for part in re.findall("[a-z]+(?= [0-9])", split):
            status, _, err = run([nnl, "data", "case.nnl", "d", "--part", part, "-o", "samples.csv"], folder)
            if status != 0:
                return "`nnl data --part %s` ended with %s: %s" % (part, status, err[-400:])
            with open(os.path.join(folder, "samples.csv"), encoding="utf-8", newline="") as f:
                found[part] = [r["y:y"] for r in csv.DictReader(f)]
        return found
    finally:
        shutil.rmtree(folder)


def split_case(c, nnl, classes):
    names = PARTS[len(c["shares"])]
    split = ", ".join("%s %d%%" % p for p in zip(names, c["shares"]))
    if classes:
        found = parts_of(["few"] * c["class_rows"] + ["many"] * 40, split, nnl)
    else:
        found = parts_of([i + 0.5 for i in range(c["rows"])], split + " in order", nnl)
    if isinstance(found, str):
        return [found]
    counts = [sum(y == "0" for y in found[n]) if classes else len(found[n]) for n in names]
    return [] if counts == c["counts"] else ["%s: rows %s, expected %s" % (split, counts, c["counts"])]


def main():
    a = arguments(__doc__)
    tally = Tally()
    with open(os.path.join(FOLDER, "prep.json"), encoding="utf-8") as f:
        recorded = json.load(f)
    for c in recorded["samples"]:
        if wanted(c["title"], a.only):
            tally.result("prep.json, " + c["title"], case(c, a.nnl))
    with open(os.path.join(FOLDER, "series.json"), encoding="utf-8") as f:
        for c in json.load(f)["cases"]:
            if wanted(c["title"], a.only):
                tally.result("series.json, " + c["title"], case(c, a.nnl))
    for key, classes in (("split", False), ("strata", True)):
        for c in recorded[key]:
            # A part without any row is a mistake of its own; a class that a part lacks is not.
            if (classes or min(c["counts"]) > 0) and wanted(key, a.only):
                tally.result("prep.json, %s of %d rows" % (key, c["class_rows" if classes else "rows"]), split_case(c, a.nnl, classes))
    tally.close()


if __name__ == "__main__":
    main()
