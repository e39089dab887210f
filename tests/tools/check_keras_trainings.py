#!/usr/bin/env python3
"""Trainings from Keras's own weights: every figure of every epoch beside Keras's history.

tests/fixtures/keras/train/CASE/script.nnl is run as it stands, in a copy of its folder. Each figure must lie within 2e-5 relative of history.csv,
or 30 times the case's own `drift_of_one_ulp` where that is more; the same epoch must be the last and the best, the same checkpoints written."""
import csv
import glob
import json
import os
import shutil
import tempfile

from testing import ROOT, Tally, arguments, run, wanted

FOLDER = os.path.join(ROOT, "tests", "fixtures", "keras", "train")


def events(path):
    with open(path, encoding="utf-8") as f:
        return [json.loads(line) for line in f]


def drift_of(settings, name):
    drift = settings.get("drift_of_one_ulp", 0)
    if isinstance(drift, dict):
        drift = drift.get(name, 0)
    return max(drift) if isinstance(drift, list) else drift


def judge(case, nnl, tally):
    folder = os.path.join(FOLDER, case)
    with open(os.path.join(folder, "settings.json"), encoding="utf-8") as f:
        settings = json.load(f)
    with open(os.path.join(folder, "history.csv"), encoding="utf-8") as f:
        history = list(csv.DictReader(f))
    work = tempfile.mkdtemp()
    try:
        for path in glob.glob(os.path.join(folder, "*")):
            shutil.copy(path, work)
        before = set(os.listdir(work))
        code, _, errors = run([nnl, "run", "script.nnl", "--quiet", "--log", "log.jsonl"], work)
        if code and ("E0900" in errors or "there is no layer" in errors):
            tally.skip(case, errors.strip().split("\n")[0])
            return
        if code != 0:
            tally.result(case, ["exit code %s\n%s" % (code, errors)])
            return
        log = events(os.path.join(work, "log.jsonl"))
        epochs = [e for e in log if e["event"] == "epoch"]
        stop = [e for e in log if e["event"] == "stop"][-1]
        faults = []
        if len(epochs) != len(history):
            faults.append("%d epochs, Keras ran %d" % (len(epochs), len(history)))
        worst = (0.0, "", 0, 0.0, 1.0)
        for ours, theirs in zip(epochs, history):
            for name, text in theirs.items():
                if name in ("epoch", "learning_rate"):
                    continue
                if name not in ours:
                    faults.append("epoch %s has no %s" % (theirs["epoch"], name))
                    continue
                want = float(text)
                bound = max(2e-5, 30 * drift_of(settings, name))
                drift = abs(float(ours[name]) - want) / max(abs(want), 1e-12)
                if drift / bound >= worst[0]:
                    worst = (drift / bound, name, int(theirs["epoch"]), drift, bound)
                if not drift <= bound:
                    faults.append("epoch %s: %s is %r, Keras has %s (off by %.2e, allowed %.2e)" % (theirs["epoch"], name, ours[name], text, drift, bound))
        if settings.get("best_epoch") and stop.get("best_epoch") != settings["best_epoch"]:
            faults.append("the best epoch is %s, in Keras %s" % (stop.get("best_epoch"), settings["best_epoch"]))
        if settings.get("stopped_epoch") and stop.get("epoch") != len(history):
            faults.append("it stopped in epoch %s, Keras after %d" % (stop.get("epoch"), len(history)))
        written = sorted(f for f in set(os.listdir(work)) - before if f != "log.jsonl")
        if "checkpoints" in settings and written != sorted(settings["checkpoints"]):
            faults.append("it wrote %s, Keras %s" % (written, settings["checkpoints"]))
        print("  %-28s %2d epochs  largest drift %.2e beside %.2e (%s, epoch %d)" % (case, len(epochs), worst[3], worst[4], worst[1], worst[2]))
        tally.result(case, faults[:12])
    finally:
        shutil.rmtree(work)


def main():
    options = arguments(__doc__)
    tally = Tally()
    for case in sorted(os.listdir(FOLDER)):
        if wanted(case, options.only):
            judge(case, options.nnl, tally)
    tally.close()


main()
