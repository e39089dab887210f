#!/usr/bin/env python3
"""Trainings as whole programs: Ctrl-C and SIGTERM, a loss gone wrong, --epochs and --seed, a second training, weights of rows and
classes, and the same bits with 1, 2 and 8 threads. The tables are written here, by formula; what is expected follows from the language's
rules or from running the same thing said in another way.
"""
import json
import math
import os
import random
import shutil
import signal
import subprocess
import tempfile
import time

from testing import Tally, arguments, run, wanted

TABLE_ROWS = 240


def tables(folder):
    """Two features, a number and two classes; `twice` weighs class yes twice; `wide` is larger."""
    random.seed(3)
    with open(os.path.join(folder, "t.csv"), "w", encoding="utf-8") as f:
        f.write("a,b,y,label,twice\n")
        for _ in range(TABLE_ROWS):
            a, b = random.gauss(0, 1), random.gauss(0, 1)
            yes = a + 0.5 * b + random.gauss(0, 0.5) > 0.8
            f.write("%.4f,%.4f,%.4f,%s,%d\n" % (a, b, math.sin(a) + 0.3 * b, "yes" if yes else "no", 2 if yes else 1))
    with open(os.path.join(folder, "wide.csv"), "w", encoding="utf-8") as f:
        f.write(",".join("x%d" % i for i in range(20)) + ",y\n")
        for _ in range(3000):
            x = [random.gauss(0, 1) for _ in range(20)]
            f.write(",".join("%.3f" % v for v in x) + ",%.4f\n" % (x[0] * x[1] + x[2]))


NUMBERS = """data d from "t.csv" {
    features a, b
    target   y
    split    train 60%%, validation 20%%, test 20%%
}
model m {
    input x
    dense(%(units)d, tanh)
    dense(1)
}
train m on d {
    epochs  %(epochs)d
    batch   16
    %(more)s
}
"""

CLASSES = """data d from "t.csv" {
    features a, b
    target   label positive "yes"
    split    train 60%%, validation 20%%, test 20%%
    %(data)s
}
model m {
    input x
    dense(4, tanh)
    dense(1, sigmoid)
}
train m on d {
    epochs  5
    batch   16
    metrics accuracy
    %(train)s
}
evaluate m on d.validation
"""


class Bench:
    def __init__(self, nnl):
        self.nnl = nnl
        self.folder = tempfile.mkdtemp(prefix="nnl-running-")
        self.n = 0
        tables(self.folder)

    def script(self, text):
        self.n += 1
        path = os.path.join(self.folder, "s%d.nnl" % self.n)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return path

    def events(self, log):
        with open(log, encoding="utf-8") as f:
            return [json.loads(line) for line in f if line.endswith("\n")]

    def run(self, text, *options):
        """Status, events, standard output, standard error."""
        path = self.script(text)
        log = path + ".jsonl"
        status, out, err = run([self.nnl, "run", "--log", log, *options, path], self.folder)
        return status, self.events(log), out, err

    def interrupted(self, text, signals, after):
        """Sends signals once the log holds that many epochs; the first at once, others 0.3 seconds apart."""
        path = self.script(text)
        log = path + ".jsonl"
        process = subprocess.Popen([self.nnl, "run", "--log", log, path], cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        limit = time.time() + 60
        while time.time() < limit and process.poll() is None:
            events = self.events(log) if os.path.exists(log) else []
            if of(events, "model") and len(of(events, "epoch")) >= after:
                break
            time.sleep(0.01)
        for number in signals:
            if process.poll() is None:
                process.send_signal(number)
        out, err = process.communicate(timeout=60)
        return process.returncode, self.events(log), out.decode(), err.decode()


def wait_for(process, test, seconds=60):
    limit = time.time() + seconds
    while time.time() < limit and process.poll() is None and not test():
        time.sleep(0.01)


def of(events, kind):
    return [e for e in events if e.get("event") == kind]


def equal(what, got, expected):
    return [] if got == expected else ["%s: expected %r, got %r" % (what, expected, got)]


def figures(events):
    """Everything a log says about numbers, without times and threads."""
    kept = []
    for e in events:
        e = {k: v for k, v in e.items() if k not in ("seconds", "threads", "file", "params")}
        kept.append(json.dumps(e, sort_keys=True))
    return kept


def first_difference(what, a, b):
    for x, y in zip(a, b):
        if x != y:
            return ["%s differ:\n  %s\n  %s" % (what, x, y)]
    return [] if len(a) == len(b) else ["%s: %d events and %d" % (what, len(a), len(b))]


LONG = NUMBERS % {"units": 8, "epochs": 1000000, "more": "callback early_stopping(patience=1000000)"}


def ctrl_c(b):
    status, events, out, err = b.interrupted(LONG + "evaluate m on d.validation\npredict m on d.test to \"p.csv\"\n", [signal.SIGINT], 20)
    faults = equal("exit code", status, 0)
    epochs, stops, scores = of(events, "epoch"), of(events, "stop"), of(events, "evaluate")
    if len(stops) != 1 or len(scores) != 1:
        return faults + ["the script did not go on: %r\n%s" % ([e["event"] for e in events[-5:]], err[-500:])]
    faults += equal("reason", stops[0]["reason"], "interrupted")
    faults += equal("the last logged epoch", epochs[-1]["epoch"], stops[0]["epoch"])
    losses = [e["val_loss"] for e in epochs]
    faults += equal("best epoch", stops[0]["best_epoch"], losses.index(min(losses)) + 1)
    faults += equal("loss of the restored weights", scores[0]["loss"], min(losses))
    faults += equal("verdict", of(events, "verdict")[0]["verdict"], "unclear")
    faults += [] if os.path.exists(os.path.join(b.folder, "p.csv")) else ["the prediction was not written"]
    return faults


def ctrl_c_twice(b):
    """The second comes while the batch still runs, or outside the training: 130 either way, unless the script had already ended."""
    heavy = NUMBERS.replace("t.csv", "wide.csv").replace("features a, b", "features all") % {"units": 4000, "epochs": 100000, "more": "optimizer sgd"}
    heavy = heavy.replace("batch   16", "batch   1800").replace("dense(4000, tanh)", "dense(4000, tanh)\n    dense(2000, tanh)")
    status, events, _, err = b.interrupted(heavy, [signal.SIGINT, signal.SIGINT], 0)
    return equal("exit code", status, 130) + ([] if not of(events, "stop") else ["the training still ended by itself"])


def ctrl_c_in_folds(b):
    """There is no result of folds that were cut short, and the script goes on; SIGTERM ends it."""
    long = (NUMBERS % {"units": 8, "epochs": 2000000, "more": ""}) + "cross_validate m on d folds 3\nevaluate m on d.validation\n"
    faults = []
    for number, code, evaluations in ((signal.SIGINT, 0, 1), (signal.SIGTERM, 143, 0)):
        path = b.script(long)
        log = path + ".jsonl"
        process = subprocess.Popen([b.nnl, "run", "--log", log, path], cwd=b.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        wait_for(process, lambda: os.path.exists(log) and of(b.events(log), "epoch"))
        process.send_signal(signal.SIGINT)
        wait_for(process, lambda: of(b.events(log), "verdict"))
        time.sleep(0.3)
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
        events = b.events(log)
        faults += equal("exit code", process.returncode, code) + equal("evaluations", len(of(events, "evaluate")), evaluations)
        faults += equal("results of folds", len(of(events, "cross_validate")), 0)
        if code == 0 and "was interrupted: there is no result" not in out.decode():
            faults.append("it does not say that there is no result:\n" + out.decode())
    return faults


def sigterm(b):
    status, events, out, _ = b.interrupted(LONG + "evaluate m on d.validation\n", [signal.SIGTERM], 5)
    faults = equal("exit code", status, 143) + equal("reason", [e["reason"] for e in of(events, "stop")], ["interrupted"])
    return faults + equal("evaluations", len(of(events, "evaluate")), 0)


def nan(b):
    script = NUMBERS % {"units": 4, "epochs": 50, "more": "optimizer sgd(learning_rate=1e25)"} + "evaluate m on d.validation\n"
    script = script.replace("dense(4, tanh)", "dense(4, relu)")
    status, events, _, err = b.run(script)
    faults = equal("exit code", status, 4)
    for word in ("error[E0710]", "epoch ", "batch ", "`dense"):
        faults += [] if word in err else ["the message lacks %r:\n%s" % (word, err[-900:])]
    faults += equal("evaluations", len(of(events, "evaluate")), 0)
    status, events, _, err = b.run(script.replace("batch   16", "batch   16\n    callback terminate_on_nan"))
    faults += equal("exit code with terminate_on_nan", status, 0)
    faults += equal("reason", [e["reason"] for e in of(events, "stop")], ["nan"])
    return faults + equal("evaluations after terminate_on_nan", len(of(events, "evaluate")), 1)


def options(b):
    script = NUMBERS % {"units": 4, "epochs": 6, "more": "metrics mae"}
    status, plain, _, _ = b.run(script)
    faults = equal("exit code", status, 0) + equal("epochs", len(of(plain, "epoch")), 6)
    _, short, _, _ = b.run(script, "--epochs", "2")
    faults += equal("epochs with --epochs 2", len(of(short, "epoch")), 2)
    faults += first_difference("the first two epochs", figures(of(short, "epoch")), figures(of(plain, "epoch"))[:2])
    _, other, _, _ = b.run(script, "--seed", "9")
    faults += equal("the run's seed", of(other, "run")[0]["seed"], 9)
    faults += equal("the data", of(other, "data"), of(plain, "data"))
    faults += [] if of(other, "epoch")[0]["loss"] != of(plain, "epoch")[0]["loss"] else ["another seed changes nothing"]
    _, again, _, _ = b.run("seed 9\n" + script)
    return faults + first_difference("`seed 9` and --seed 9", figures(of(other, "epoch")), figures(of(again, "epoch")))


def second(b):
    script = NUMBERS % {"units": 4, "epochs": 5, "more": "optimizer sgd(learning_rate=0.05)\n    shuffle false"}
    train = script[script.index("train m"):]
    status, events, _, err = b.run(script + train)
    faults = equal("exit code", status, 0) + equal("numbers of the epochs", [e["epoch"] for e in of(events, "epoch")], [1, 2, 3, 4, 5] * 2)
    faults += [] if "goes on from its weights" in err else ["it does not say that it goes on:\n" + err]
    # Without shuffling and without state, 5 + 5 epochs are 10 epochs.
    _, ten, _, _ = b.run(script.replace("epochs  5", "epochs  10"))
    faults += equal("losses", [e["loss"] for e in of(events, "epoch")], [e["loss"] for e in of(ten, "epoch")])
    # With shuffling, the draws of the second training are others than those of the first.
    script = script.replace("shuffle false", "shuffle true").replace("dense(4, tanh)", "dense(4, tanh)\n    dropout(0.4)").replace("sgd(learning_rate=0.05)", "sgd(learning_rate=0)")
    train = script[script.index("train m"):]
    _, events, _, _ = b.run(script + train)
    losses = [e["loss"] for e in of(events, "epoch")]
    return faults + ([] if len(set(losses)) == 10 else ["with a rate of 0 ten epochs of dropout should all differ: %r" % losses])


def weights(b):
    plain = b.run(CLASSES % {"data": "", "train": ""})
    rows = b.run(CLASSES % {"data": "weight twice", "train": ""})
    classes = b.run(CLASSES % {"data": "", "train": 'class_weight "yes": 2'})
    faults = equal("exit codes", [plain[0], rows[0], classes[0]], [0, 0, 0])
    if faults:
        return faults + [classes[3][-600:]]
    faults += first_difference("`weight` and `class_weight` of the same weights", figures(of(rows[1], "epoch")), figures(of(classes[1], "epoch")))
    faults += [] if of(plain[1], "epoch")[0]["loss"] < of(rows[1], "epoch")[0]["loss"] else ["weights do not raise the loss"]
    # Validation is not weighted: the last val_loss is the loss that `evaluate` finds with the same weights of the network.
    faults += equal("val_loss", of(rows[1], "epoch")[-1]["val_loss"], of(rows[1], "evaluate")[0]["loss"])
    # balanced: rows / (classes * rows of the class), over the training rows.
    samples = of(plain[1], "data")[0]["samples"]["train"]
    status, out, err = run([b.nnl, "data", b.script(CLASSES % {"data": "", "train": ""}), "d", "--part", "train"], b.folder)
    ones = sum(1 for line in out.splitlines()[1:] if line.endswith(",1"))
    faults += equal("training rows", len(out.splitlines()) - 1, samples)
    said = b.run(CLASSES % {"data": "", "train": 'class_weight "no": %.17g, "yes": %.17g' % (samples / 2 / (samples - ones), samples / 2 / ones)})
    balanced = b.run(CLASSES % {"data": "", "train": "class_weight balanced"})
    return faults + first_difference("`balanced` and the same figures by hand", figures(of(said[1], "epoch")), figures(of(balanced[1], "epoch")))


def threads(b):
    scripts = [
        NUMBERS % {"units": 8, "epochs": 3, "more": "metrics mae, rmse, r2"} + "evaluate m on d.test\n",
        CLASSES % {"data": "", "train": "class_weight balanced"},
        (NUMBERS % {"units": 64, "epochs": 2, "more": "optimizer adam\n    metrics mae"}).replace("t.csv", "wide.csv").replace("features a, b", "features all")
        .replace("dense(64, tanh)", "dense(64, relu)\n    batch_normalization\n    dropout(0.3)\n    dense(32, tanh)").replace("batch   16", "batch   256")
        + "evaluate m on d.test\n",
    ]
    faults = []
    for number, script in enumerate(scripts):
        one = None
        for n in ("1", "2", "8"):
            status, events, _, err = b.run(script, "--threads", n)
            if status != 0:
                return faults + ["script %d with --threads %s ended with %s: %s" % (number, n, status, err[-500:])]
            if one is None:
                one = figures(events)
            faults += first_difference("script %d with 1 and %s threads" % (number, n), one, figures(events))
    return faults


TESTS = [ctrl_c, ctrl_c_twice, ctrl_c_in_folds, sigterm, nan, options, second, weights, threads]


def main():
    a = arguments(__doc__)
    tally = Tally()
    bench = Bench(a.nnl)
    try:
        for test in TESTS:
            if wanted(test.__name__, a.only):
                tally.result("running: " + test.__name__, test(bench))
    finally:
        shutil.rmtree(bench.folder)
    tally.close()


if __name__ == "__main__":
    main()
