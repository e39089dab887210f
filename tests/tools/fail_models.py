#!/usr/bin/env python3
"""fail_models.py --nnl PATH [--step N]: model files when memory or the disk gives out.

The 1st, 2nd, 3rd … allocation, and the 1st, 2nd, 3rd … step of writing a file, is made to fail while a script saves, writes checkpoints
and backups, resumes, loads and predicts. Each time the program must end with its exit code (71, 3) and a message, leave no half-written
file, and every file must be what it was before or what it should become. PATH is a debug or sanitizer build. With --step N only every
N-th allocation is tried.
"""
import argparse
import os
import re
import shutil
import tempfile
import zipfile

from testing import Tally, is_crash, run

DATA = """data points from "points.csv" {
    features x
    target y
    split train 70%, validation 30%
}
"""
MODEL = """model line {
    input x
    dense(3, relu)
    dropout(0.2)
    dense(1)
}
"""
TRAIN = """train line on points {
    epochs   %d
    batch    2
    callback backup_and_restore("kept", save_freq=2, double_checkpoint=true, delete_checkpoint=false)
    callback model_checkpoint("files/{epoch}.keras")
    callback model_checkpoint("last.weights.h5", save_weights_only=true)
}
"""
SCRIPT = DATA + MODEL + """model again from "first.keras"
""" + TRAIN % 2 + """save line to "line.keras"
train again on points {
    epochs 1
}
save again to "again.keras"
predict again on points to "answers.csv"
"""
FIRST = DATA + MODEL + "train line on points { epochs 1 }\nsave line to \"first.keras\"\n"
COMMANDS = {"a script": ["run", "--quiet", "script.nnl"],
            "a prediction": ["predict", "first.keras", "points.csv", "-o", "predicted.csv"],
            "an export": ["export", "first.keras", "-o", "exported.py"]}


def write(folder, name, text):
    with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
        f.write(text)


def backup(path):
    """Whether a backup's checksum is right: that of runtime/train/digest.c."""
    with open(path, "rb") as f:
        words = [int.from_bytes(word, "little") for word in iter(lambda: f.read(8), b"")]
    total = 0
    for word in words[:-1]:
        total = (total ^ word) * 0x9E3779B97F4A7C15 % 2 ** 64
        total ^= total >> 29
    return "whole" if words and total == words[-1] else "damaged"


def contents(folder):
    """name -> what counts of it: times are no part of it."""
    found = {}
    for base, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(base, name)
            key = os.path.relpath(path, folder)
            if name.endswith(".keras"):
                try:
                    with zipfile.ZipFile(path) as z:
                        found[key] = [z.read("config.json"), z.read("model.weights.h5"), len(z.namelist())]
                except (zipfile.BadZipFile, KeyError) as e:
                    found[key] = str(e)
            elif name.startswith("training.backup") and not name.endswith(".part"):
                found[key] = backup(path)  # it holds times, and those of any batch are good
            else:
                with open(path, "rb") as f:
                    found[key] = f.read()
    return found


def faults_of(before, after, folder):
    faults = []
    got = contents(folder)
    for key in sorted(got):
        if key.endswith(".part"):
            faults.append("left %s" % key)
        elif got[key] not in (before.get(key), after.get(key)):
            faults.append("%s is neither what it was nor what it should become" % key)
    for key in before:
        if key not in got:
            faults.append("%s is gone" % key)
    return faults


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nnl", required=True)
    parser.add_argument("--step", type=int, default=1)
    a = parser.parse_args()
    nnl = os.path.abspath(a.nnl)
    tally = Tally()
    top = tempfile.mkdtemp(prefix="nnl-fail-")
    start, whole, folder = (os.path.join(top, n) for n in ("start", "whole", "now"))
    os.mkdir(start)
    write(start, "points.csv", "x,y\n" + "".join("%d,%.1f\n" % (i, 2 * i + i % 3 / 10) for i in range(9)))
    write(start, "first.nnl", FIRST)
    write(start, "begin.nnl", DATA + MODEL + TRAIN % 1)
    write(start, "script.nnl", SCRIPT)
    for script in ("first.nnl", "begin.nnl"):
        status, _, err = run([nnl, "run", "--quiet", script], start)
        if status != 0:
            tally.result(script, ["ends with status %s:\n%s" % (status, err)])
            tally.close()
    before = contents(start)
    if "damaged" in before.values():
        tally.result("the backup", ["its checksum is wrong"])

    def attempt(command, variable, n):
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(start, folder)
        return run([nnl] + command, folder, env={variable: str(n), "ASAN_OPTIONS": "detect_leaks=0:exitcode=99"})

    for what, command in COMMANDS.items():
        shutil.rmtree(whole, ignore_errors=True)
        shutil.copytree(start, whole)
        status, _, err = run([nnl] + command, whole)
        if status != 0:
            tally.result(what, ["ends with status %s:\n%s" % (status, err)])
            continue
        after = contents(whole)
        for variable, code, step in (("NNL_FAIL_WRITE", 3, 1), ("NNL_FAIL_ALLOCATION", 71, a.step)):
            n, tried = 1, 0
            while True:
                status, out, err = attempt(command, variable, n)
                if status == 0:
                    break
                tried += 1
                faults = []
                if status != code:
                    faults.append("expected exit code %d, got %s:\n%s" % (code, status, err[-1500:]))
                elif code == 71 and len(re.findall(r"^nnl: out of memory", err, re.M)) != 1:
                    faults.append("expected one message of lack of memory, got:\n%s" % err[-1500:])
                elif code == 3 and not re.search(r"^error\[E0701\]: `[^`]+` cannot be written: Input/output error", err, re.M):
                    faults.append("expected a message that names the file and why, got:\n%s" % err[-1500:])
                faults += faults_of(before, after, folder)
                tally.result("%s, %s=%d" % (what, variable, n), faults)
                if is_crash(status) or tally.failed > 20:
                    tally.close()
                n += step
            if not tried:
                tally.result(what, ["no %s had any effect: this is no debug build" % variable])
            else:
                print("%s: %d failures by %s" % (what, tried, variable))
    shutil.rmtree(top)
    tally.close()


if __name__ == "__main__":
    main()
