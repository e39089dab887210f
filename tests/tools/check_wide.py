#!/usr/bin/env python3
"""Tables of 50,000 columns: checked, trained on, predicted from, and asked for 20,000 columns that are not there.

Each command has some seconds of processor time, many times what it takes; one that looks through all columns for each column needs more.
"""
import os
import random
import shutil
import tempfile

from testing import Tally, arguments, run, wanted

COLUMNS = 50000
UNKNOWN = 20000
ROWS = 40
SECONDS = 30
SCRIPT = """data d from "wide.csv" {
    target y
    features all
    scale standard
    split train 60%, validation 20%, test rest
}
model m {
    input x
    dense(8, relu)
    dense(1)
}
train m on d {
    epochs 1
    loss mse
}
evaluate m on d.test
save m to "m.keras"
"""


def written(folder, name, text):
    with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
        f.write(text)


def limited(command, folder):
    """The command with a limit of processor time, which ends it by a signal."""
    return run(["sh", "-c", "ulimit -t %d; exec \"$@\"" % SECONDS, "sh"] + command, folder)


def main():
    a = arguments(__doc__)
    tally = Tally()
    folder = tempfile.mkdtemp(prefix="nnl-wide-")
    try:
        draw = random.Random(1)
        names = ["column_%d" % i for i in range(COLUMNS - 1)] + ["y"]
        rows = [",".join("%.2f" % draw.gauss(0, 1) for _ in names) for _ in range(ROWS)]
        written(folder, "wide.csv", "\n".join([",".join(names)] + rows) + "\n")
        written(folder, "wide.nnl", SCRIPT)
        unknown = ", ".join("unknown_%d" % i for i in range(UNKNOWN))
        written(folder, "unknown.nnl", "data d from \"wide.csv\" {\n    target y\n    features %s\n    scale %s: standard\n}\n" % (unknown, unknown))
        written(folder, "named.nnl", SCRIPT.replace("features all", "features " + ", ".join(names[:-1])).replace("scale standard", "scale numbers: standard"))
        for title, command, expected in (
                ("check", ["check", "wide.nnl"], 0), ("names in a list", ["check", "named.nnl"], 0), ("run", ["run", "wide.nnl"], 0),
                ("data", ["data", "wide.nnl"], 0), ("predict", ["predict", "m.keras", "wide.csv", "-o", "answers.csv"], 0),
                ("unknown names", ["check", "unknown.nnl"], 1), ("unknown names, one line each", ["check", "--short", "unknown.nnl"], 1)):
            if not wanted(title, a.only):
                continue
            status, _, err = limited([a.nnl] + command, folder)
            faults = [] if status == expected else ["ended with %s in place of %d: %s" % (status, expected, err[-500:])]
            if expected == 1 and err.count("no column `unknown_") != UNKNOWN:
                faults.append("%d of %d unknown names were told" % (err.count("no column `unknown_"), UNKNOWN))
            tally.result("%d columns, %s" % (COLUMNS, title), faults)
    finally:
        shutil.rmtree(folder)
    tally.close()


if __name__ == "__main__":
    main()
