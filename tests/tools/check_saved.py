#!/usr/bin/env python3
"""Models that a script saves and takes up again.

What must hold: a model from a file answers with the same bits; training that goes on from a file ends with the same bits as training that goes on
in the same script; frozen layers keep their weights; weights alone fill a wired model; a file that a line wrote is judged by that line; saving takes next to no
memory beside the model, loading little more than file and model."""
import json
import os
import shutil
import subprocess
import tempfile
import zipfile

from testing import ROOT, Tally, arguments, run, wanted

DATA = """data d from "t.csv" {
    features age, plan, income
    target   y
    encode   plan: one_hot
    scale    age, income, y: standard
    split    train 70%, validation 15%, test 15%
}
"""
MODEL = """model m {
    input x
    h = dense(8, relu)
    dropout(0.2)
    dense(1)
}
"""


def table(path):
    state = 7
    lines = ["age,plan,income,y"]
    for _ in range(120):
        draws = []
        for _ in range(3):
            state = (state * 1103515245 + 12345) % 2147483648
            draws.append(state / 2147483648)
        age, plan, income = 20 + int(draws[0] * 60), ["basic", "pro", "max"][int(draws[1] * 3)], 30 + draws[2] * 40
        lines.append("%d,%s,%.2f,%.3f" % (age, plan, income, age * 0.3 + income * 0.1 + (2 if plan == "pro" else 0)))
    with open(path, "w", encoding="utf-8") as f:
        f.write("\n".join(lines) + "\n")


class Place:
    """A folder with the table, in which scripts run."""

    def __init__(self, nnl):
        self.nnl = nnl
        self.folder = tempfile.mkdtemp()
        table(self.path("t.csv"))

    def path(self, name):
        return os.path.join(self.folder, name)

    def script(self, text, *more):
        with open(self.path("s.nnl"), "w", encoding="utf-8") as f:
            f.write(text)
        return run([self.nnl, "run", "s.nnl", "--quiet", "--log", "log.jsonl", *more], self.folder)

    def good(self, text):
        code, out, errors = self.script(text)
        assert code == 0, "exit code %s\n%s%s" % (code, out, errors)
        with open(self.path("log.jsonl"), encoding="utf-8") as f:
            return [json.loads(line) for line in f]

    def peak(self, *command):
        """Most bytes that a command held at a time. Python's own count too, from before it became the command."""
        with open(os.devnull, "w") as nothing:
            child = subprocess.Popen([self.nnl, *command], cwd=self.folder, stdout=nothing, stderr=nothing)
            usage = os.wait4(child.pid, 0)[2]
        child.returncode = 0
        return 1024 * usage.ru_maxrss

    def weights(self, name):
        return zipfile.ZipFile(self.path(name)).read("model.weights.h5")

    def config(self, name):
        return json.loads(zipfile.ZipFile(self.path(name)).read("config.json"))

    def recipe(self, name):
        return json.loads(zipfile.ZipFile(self.path(name)).read("nnl.json"))

    def text(self, name):
        with open(self.path(name), encoding="utf-8") as f:
            return f.read()


def same_answers(p):
    log = p.good(DATA + MODEL + 'train m on d { epochs 4 }\nsave m to "a/m.keras"\nevaluate m on d.test\npredict m on "t.csv" to "1.csv"\n')
    assert [e["file"] for e in log if e["event"] == "save"] == ["a/m.keras"], "no event `save`"
    again = p.good(DATA + 'model n from "a/m.keras"\nevaluate n on d.test\npredict n on "t.csv" to "2.csv"\npredict n on d to "3.csv"\nsave n to "b.keras"\n')
    assert p.text("1.csv") == p.text("2.csv"), "other answers from the file"
    assert p.weights("a/m.keras") == p.weights("b.keras"), "saved again, the weights differ"
    assert p.recipe("a/m.keras") == p.recipe("b.keras"), "saved again, the recipe differs"
    first, second = [[e for e in l if e["event"].startswith("evaluat")][0] for l in (log, again)]
    keys = [k for k in first if isinstance(first[k], float)]
    assert keys and all(first[k] == second[k] for k in keys), "other scores: %s %s" % (first, second)
    assert any(e["event"] == "model" and e["name"] == "n" and e["parameters"] == 57 for e in again), "no event `model` of the model from the file"


def one_script(p):
    p.good(DATA + MODEL + 'train m on d { epochs 3 }\nsave m to "m.keras"\npredict m on "t.csv" to "1.csv"\n'
           'model n from "m.keras"\npredict n on "t.csv" to "2.csv"\n')
    assert p.text("1.csv") == p.text("2.csv"), "other answers from the file that the script wrote"


def goes_on(p):
    train = "train %s on d {\n    epochs 3\n    optimizer adam(learning_rate=0.01)\n}\n"
    p.good(DATA + MODEL + train % "m" + train % "m" + 'save m to "whole.keras"\n')
    p.good(DATA + MODEL + train % "m" + 'save m to "half.keras"\n')
    p.good(DATA + 'model m from "half.keras"\n' + train % "m" + 'save m to "rest.keras"\n')
    assert p.weights("whole.keras") == p.weights("rest.keras"), "training from the file ends with other bits"
    # Without `optimizer` the file's goes on.
    p.good(DATA + 'model m from "half.keras"\ntrain m on d { epochs 3 }\nsave m to "plain.keras"\n')
    assert p.weights("whole.keras") == p.weights("plain.keras"), "without a line `optimizer` the file's optimizer does not go on"


def frozen(p):
    p.good(DATA + MODEL + 'train m on d { epochs 2 }\nsave m to "m.keras"\n')
    p.good(DATA + 'model m from "m.keras" {\n    freeze h\n}\ntrain m on d { epochs 3 }\nsave m to "f.keras"\n')
    flags = {l["config"]["name"]: l["config"].get("trainable", True) for l in p.config("f.keras")["config"]["layers"]}
    assert flags["h"] is False and flags["dense"] is True, "the flags in the file are %s" % flags
    try:
        import io
        import h5py
        import numpy as np
    except ImportError:
        return
    before, after = [h5py.File(io.BytesIO(p.weights(name)), "r") for name in ("m.keras", "f.keras")]
    for i in ("0", "1"):
        a, b = before["layers/dense/vars/" + i][()], after["layers/dense/vars/" + i][()]
        assert np.array_equal(a, b), "a frozen layer changed"
        assert not np.array_equal(before["layers/dense_1/vars/" + i][()], after["layers/dense_1/vars/" + i][()]), "a layer that is trained did not change"
    assert len(after["optimizer/vars"]) == 2 + 4, "the optimizer keeps %d arrays" % len(after["optimizer/vars"])
    log = p.good(DATA + 'model m from "f.keras" {\n    unfreeze h\n}\ntrain m on d { epochs 1 }\nsave m to "u.keras"\n')
    flags = {l["config"]["name"]: l["config"].get("trainable", True) for l in p.config("u.keras")["config"]["layers"]}
    assert all(flags.values()), "the flags after unfreeze are %s" % flags
    model = [e for e in log if e["event"] == "model"][0]
    assert model["trainable"] == model["parameters"], "the event says %s" % model


def weights_alone(p):
    p.good(DATA + MODEL + 'train m on d { epochs 3 }\nsave m to "m.keras"\npredict m on d to "1.csv"\n')
    with open(p.path("m.weights.h5"), "wb") as f:
        f.write(p.weights("m.keras"))
    wired = MODEL.replace("    dense(1)\n", '    dense(1)\n    weights from "%s"\n')
    for name in ("m.weights.h5", "m.keras"):
        p.good(DATA + wired % name + 'train m on d {\n    epochs 1\n    optimizer sgd(learning_rate=0.0000000001)\n}\npredict m on d to "2.csv"\n')
        assert p.text("1.csv") == p.text("2.csv"), "weights alone do not fill the model"


def checked_first(p):
    code, _, errors = p.script(DATA + MODEL + 'train m on d { epochs 1 }\nsave m to "m.keras"\nmodel n from "m.keras" {\n    freeze nothing\n}\ntrain n on d { epochs 1 }\n')
    assert code == 1 and "E0802" in errors, "exit code %s\n%s" % (code, errors)
    assert not os.path.exists(p.path("m.keras")), "something ran before the mistake was found"
    other = MODEL.replace("dense(8, relu)", "dense(9, relu)").replace("model m", "model n").replace("    dense(1)\n", '    dense(1)\n    weights from "m.keras"\n')
    code, _, errors = p.script(DATA + MODEL + 'train m on d { epochs 1 }\nsave m to "m.keras"\n' + other + "train n on d { epochs 1 }\n")
    assert code and "E0816" in errors, "exit code %s\n%s" % (code, errors)


def younger_keras(p):
    """What only later versions of Keras know is said to be for them, wherever in the model it stands."""
    for layer, version in (("dense(4, relu)", "3.3.3"), ("dense(4, squareplus)", "3.9.0"), ("lstm(4, recurrent_activation=sparse_sigmoid)", "3.12.0")):
        inner = "reshape([2, 1])\n    bidirectional(%s)" % layer if layer.startswith("lstm") else layer
        code, out, errors = p.script('data d from "t.csv" {\n    features age, income\n    target y\n}\nmodel m {\n    input x\n    %s\n    dense(1)\n}\n'
                                     "train m on d { epochs 1 }\nsave m to \"m.keras\"\n" % inner)
        assert code == 0, errors
        with zipfile.ZipFile(p.path("m.keras")) as z:
            told = json.loads(z.read("metadata.json"))["keras_version"]
        assert told == version, "%s is saved for Keras %s" % (layer, told)
        code, out, errors = run([p.nnl, "run", "s.nnl"], p.folder)
        assert (version == "3.3.3") != ("(for Keras %s and later)" % version[:-2] in out), out


def memory(p):
    wide = "model m {\n    input x\n    dense(2000, relu)\n    dense(2000, relu)\n    dense(1)\n}\ntrain m on d { epochs 1 }\n"
    p.good(DATA + wide)
    without = p.peak("run", "s.nnl", "--quiet")
    p.good(DATA + wide + 'save m to "m.keras"\n')
    size = os.path.getsize(p.path("m.keras"))
    saving = p.peak("run", "s.nnl", "--quiet")
    assert saving < without + size / 4, "saving %d bytes takes %d bytes more" % (size, saving - without)
    p.good('model m from "m.keras"\nsave m to "again.keras"\n')
    for command in (["predict", "m.keras", "t.csv", "-o", "1.csv"], ["run", "s.nnl", "--quiet"]):
        peak = p.peak(*command)
        assert peak < 2.5 * size + 40e6, "%s of %d bytes takes %d" % (command[0], size, peak)
    with zipfile.ZipFile(p.path("bomb.keras"), "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("metadata.json", "{}")
        z.writestr("config.json", "{}")
        z.writestr("model.weights.h5", bytes(200 << 20))
    code, _, errors = run([p.nnl, "predict", "bomb.keras", "t.csv"], p.folder)
    assert code == 3 and "would unpack to far more than it is" in errors, "a bomb: exit code %s\n%s" % (code, errors)
    assert p.peak("predict", "bomb.keras", "t.csv") < 60e6, "a bomb was unpacked"


def main():
    options = arguments(__doc__)
    tally = Tally()
    for case in (same_answers, one_script, goes_on, frozen, weights_alone, checked_first, younger_keras, memory):
        if not wanted(case.__name__, options.only):
            continue
        place = Place(options.nnl)
        faults = []
        try:
            case(place)
        except AssertionError as e:
            faults.append(str(e))
        finally:
            shutil.rmtree(place.folder)
        tally.result(case.__name__, faults)
    tally.close()


main()
