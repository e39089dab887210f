#!/usr/bin/env python3
"""Trainings that are killed: started again, they must end with the same bits as one that was left alone.

Every example that trains (and hard.nnl) gets `backup_and_restore`, checkpoints and a log of its own. One run is left alone. Another is killed with
SIGKILL at random instants and started again until it is through; some runs are ended by SIGTERM and by Ctrl-C as well. Then
everything that both wrote is compared: weights, figures of every epoch, checkpoints, predictions, what is printed. Only times may differ.

    resume.py --nnl PATH [--kills N] [--seed S] [PART OF A NAME ...]
"""
import argparse
import glob
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zipfile

ROOT = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
sys.path.insert(0, os.path.join(ROOT, "tests", "tools"))
from testing import Tally, difference, wanted  # noqa: E402

SECONDS = 120
# How the variants keep their backups: arguments of backup_and_restore.
WAYS = ["save_freq=1", "save_freq=3", "save_freq=epoch", "save_freq=2, double_checkpoint=true"]


def variant(text, way):
    """The example with callbacks, and with everything it learned written to files. Long trainings are cut to 40 epochs, those on the large
    tables to 2."""
    epochs = 40
    if '"../../' in text:
        text = text.replace('"../../', '"%s/' % os.path.abspath(os.path.join(ROOT, "..")))
        way = re.sub(r"(save_freq=\d)", r"\g<1>0", way)
        epochs = 2
    text = re.sub(r"^(\s*epochs\s+)(\d+)", lambda m: m.group(1) + str(min(int(m.group(2)), epochs)), text, flags=re.M)
    names, trained = {}, []

    def train(match):
        name = match.group(1)
        names[name] = match.group(2)
        trained.append(name)
        label = name + "2" * (trained.count(name) - 1)
        return (match.group(0) + "\n    callback  backup_and_restore(\"backup_%s\", %s)" % (label, way) +
                "\n    callback  model_checkpoint(\"%s/{epoch:03d}-{loss:.3f}.keras\", monitor=loss, save_best_only=true)" % label +
                "\n    callback  model_checkpoint(\"%s_last.weights.h5\", save_weights_only=true, save_freq=5)" % label +
                "\n    callback  csv_logger(\"%s.csv\")" % label)

    text = re.sub(r"^train\s+(\w+)\s+on\s+(\w+)\s*\{.*$", train, text, flags=re.M)
    for name, data in names.items():
        text += "\nsave %s to \"%s_final.keras\"\npredict %s on %s to \"%s_answers.csv\"\n" % (name, name, name, data, name)
    return text if names else None


def without_times(value):
    if isinstance(value, dict):
        return {k: without_times(v) for k, v in value.items() if k not in ("seconds", "threads")}
    if isinstance(value, list):
        return [without_times(v) for v in value]
    return value


def contents(folder):
    """What a run left behind: name -> something to compare."""
    found = {}
    for base, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(base, name)
            key = os.path.relpath(path, folder)
            if key.startswith("data" + os.sep) or key.endswith(".nnl"):
                continue
            if name.endswith(".keras"):
                with zipfile.ZipFile(path) as z:
                    for member in z.namelist():
                        data = z.read(member)
                        if member.endswith(".json"):
                            data = without_times(json.loads(data))
                        found[key + ":" + member] = data
            elif name.endswith(".jsonl"):
                with open(path, encoding="utf-8") as f:
                    found[key] = [without_times(json.loads(line)) for line in f]
            else:
                with open(path, "rb") as f:
                    found[key] = f.read()
    return found


def compare(expected, got, gentle):
    """After a Ctrl-C the script goes on from weights half trained: what a later training then put into files whose names hold its figures
    is no part of the comparison."""
    if gentle:
        got = {k: v for k, v in got.items() if k in expected or not re.search(r"/\d{3}-", k)}
    faults = []
    for key in sorted(set(expected) | set(got)):
        if key not in got:
            faults.append("the killed run lacks %s" % key)
        elif key not in expected:
            faults.append("the killed run left %s" % key)
        elif expected[key] != got[key]:
            if isinstance(expected[key], list):
                faults.append("%s differs:\n%s" % (key, difference("\n".join(map(str, expected[key])), "\n".join(map(str, got[key])))))
            else:
                faults.append("%s differs" % key)
    return faults[:6]


class Example:
    def __init__(self, nnl, name, text):
        self.nnl = nnl
        self.name = name
        self.folder = tempfile.mkdtemp(prefix="nnl-resume-")
        self.text = text

    def fresh(self, which):
        folder = os.path.join(self.folder, which)
        shutil.rmtree(folder, ignore_errors=True)
        os.mkdir(folder)
        os.symlink(os.path.join(ROOT, "examples", "data"), os.path.join(folder, "data"))
        with open(os.path.join(folder, self.name), "w", encoding="utf-8") as f:
            f.write(self.text)
        return folder

    def start(self, folder, threads):
        command = [self.nnl, "run", self.name, "--quiet", "--threads", str(threads), "--log", "log.jsonl"]
        return subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                env=dict(os.environ, NO_COLOR="1", LC_ALL="C.UTF-8"))

    def finish(self, process):
        """Exit status, output without times, errors."""
        try:
            out, err = process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
        return process.returncode, re.sub(rb"in [0-9.e+-]+ s", b"in T s", out), err.decode("utf-8", "replace")


def alone(example):
    """The run that nobody disturbs, how long it takes, faults."""
    folder = example.fresh("alone")
    begin = time.monotonic()
    status, out, err = example.finish(example.start(folder, 1))
    seconds = time.monotonic() - begin
    if status == 3 and "E0501" in err:
        return None, None, None, []
    if status != 0:
        return None, None, 0, ["left alone, it ends with status %s:\n%s" % (status, err[-2000:])]
    return contents(folder), out, seconds, []


def disturbed(example, dice, kills, seconds, gentle):
    """A run that is killed until `kills` signals found it alive, or it is through. Returns the signals sent, its output, faults."""
    folder = example.fresh("killed")
    hits = 0
    for _ in range(20 * kills + 20):
        process = example.start(folder, dice.choice([1, 2]))
        sign = dice.choice([signal.SIGTERM, signal.SIGHUP, signal.SIGINT]) if gentle else signal.SIGKILL
        if hits < kills:
            # The start of the program takes its share; progress must be likely.
            time.sleep(dice.uniform(0.0, 0.15 + 0.6 * seconds))
            if process.poll() is None:
                process.send_signal(sign)
                hits += 1
        status, out, err = example.finish(process)
        # Ctrl-C ends the training, and the script goes on; outside a training the signals end the program. In its first instants it does not
        # listen yet, and the system ends it.
        ended = (-sign,) + {signal.SIGKILL: (), signal.SIGTERM: (143,), signal.SIGHUP: (143,), signal.SIGINT: (130, 0)}[sign]
        if status == 0 and not (sign == signal.SIGINT and any(n.startswith("backup_") for n in os.listdir(folder))):
            return hits, contents(folder), out, []
        if status not in ended and status != 0:
            return hits, None, None, ["after %d signals it ends with status %s:\n%s" % (hits, status, err[-2000:])]
    return hits, None, None, ["is not through after %d starts" % (20 * kills + 20)]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nnl", default=os.path.join(ROOT, "build", "nnl"))
    parser.add_argument("--kills", type=int, default=8, help="signals in all")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("only", nargs="*")
    a = parser.parse_args()
    a.nnl = os.path.abspath(a.nnl)
    seed = a.seed if a.seed is not None else random.SystemRandom().randrange(10 ** 6)
    dice = random.Random(seed)
    tally = Tally()
    examples = []
    scripts = glob.glob(os.path.join(ROOT, "examples", "*.nnl")) + glob.glob(os.path.join(ROOT, "tests", "resume", "*.nnl"))
    for path in sorted(scripts, key=os.path.basename):
        with open(path, encoding="utf-8") as f:
            text = f.read()
        # Tables outside the examples are large, and not everywhere: only where there is time.
        if variant(text, WAYS[0]) and wanted(path, a.only) and ('"../' not in text or a.only or a.kills >= 100):
            examples.append((os.path.basename(path), text))
    if a.kills < 2 * len(examples):
        examples = dice.sample(examples, max(1, min(len(examples), a.kills // 2)))
    total = kinds = barren = softly = 0
    while total < a.kills and barren < 5:
        before = total
        for name, text in examples:
            way = WAYS[kinds % len(WAYS)]
            gentle = kinds % 5 == 4
            kinds += 1
            example = Example(a.nnl, name, variant(text, way))
            expected, out, seconds, faults = alone(example)
            if seconds is None:
                tally.skip(name, "its table is not there")
                continue
            if not faults:
                share = max(2, min(8, (a.kills - total + len(examples) - 1) // len(examples)))
                hits, got, told, faults = disturbed(example, dice, share, seconds, gentle)
                total += hits
                softly += hits if gentle else 0
                if not faults:
                    faults = compare(expected, got, gentle)
                    if told != out:
                        faults.append("prints something else:\n%s" % difference(out.decode(), told.decode()))
            tally.result("%s, %s%s (seed %d)" % (name, way, ", gently" if gentle else "", seed), faults)
            shutil.rmtree(example.folder)
            if total >= a.kills:
                break
        barren = barren + 1 if total == before else 0
    print("%d times SIGKILL, %d times SIGTERM or Ctrl-C" % (total - softly, softly))
    tally.close()


if __name__ == "__main__":
    main()
