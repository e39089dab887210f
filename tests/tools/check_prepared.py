#!/usr/bin/env python3
"""Prepared samples against scikit-learn and pandas: every case of tests/oracles/prep.json as a script, answered by `nnl data`.

The header and the source lines must be equal, figures within 1e-5 relative plus 1e-6 absolute.
"""
import csv
import json
import os
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


def main():
    a = arguments(__doc__)
    tally = Tally()
    with open(os.path.join(FOLDER, "prep.json"), encoding="utf-8") as f:
        cases = json.load(f)["samples"]
    for c in cases:
        if wanted(c["title"], a.only):
            tally.result("prep.json, " + c["title"], case(c, a.nnl))
    tally.close()


if __name__ == "__main__":
    main()
