#!/usr/bin/env python3
"""`nnl export`, for every example, every model of Keras among the fixtures, and recipes with everything that prepares data:

- the script compiles;
- run with a stand-in for Keras that only writes down what is called, it makes the layers that config.json of the model file names, with
  the same arguments, wired alike (for files of Keras that is Keras's own word for it);
- run with pandas, it prepares the table's rows as `nnl data` says the model sees them, to the last bit of float32.
"""
import glob
import json
import os
import random
import shutil
import sys
import tempfile
import types
import zipfile

from testing import ROOT, Tally, arguments, run, wanted

try:
    import numpy as np
    import pandas as pd
except ImportError:
    np = pd = None

sys.dont_write_bytecode = True


# ---- A stand-in for Keras ---------------------------------------------------------------------------------------------------


class Tensor:
    def __init__(self, layer, call, result):
        self.layer, self.call, self.result = layer, call, result

    def history(self):
        return [self.layer.name, self.call, self.result]

    def __iter__(self):
        """A layer of several results: as many as are asked for."""
        return (Tensor(self.layer, self.call, i) for i in range(3))


class Made:
    """A layer, or any other object of Keras."""

    def __init__(self, class_name, kwargs):
        self.class_name, self.kwargs, self.calls = class_name, kwargs, []
        self.name = kwargs.get("name")

    def __call__(self, tensors, *more, **named):
        given = list(tensors) if isinstance(tensors, list) else [tensors]
        given += list(more) + [t for value in named.values() for t in value]
        self.calls.append([t.history() for t in given])
        return Tensor(self, len(self.calls) - 1, 0)


class Module(types.ModuleType):
    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda **kwargs: self.made.make(name, kwargs)


class Recorder:
    def __init__(self):
        self.layers, self.models, self.loaded, self.compiled = [], [], None, None

    def make(self, class_name, kwargs):
        self.layers.append(Made(class_name, kwargs))
        return self.layers[-1]

    def modules(self):
        keras = types.ModuleType("keras")
        for name in ("layers", "regularizers", "initializers", "constraints", "losses", "metrics", "optimizers"):
            module = Module("keras." + name)
            module.made = self
            setattr(keras, name, module)
        keras.optimizers.schedules = Module("keras.optimizers.schedules")
        keras.optimizers.schedules.made = self
        keras.Input = lambda shape, name: Tensor(self.make("InputLayer", {"name": name, "shape": list(shape)}), 0, 0)
        keras.Model = self.model
        keras.Sequential = lambda layers, name: self.inner("Sequential", {"name": name, "layers": layers})
        return {"keras": keras, "keras.layers": keras.layers}

    def inner(self, class_name, kwargs):
        made = self.make(class_name, kwargs)
        made.compile = lambda **settings: setattr(self, "compiled", settings)
        made.load_weights = lambda path: setattr(self, "loaded", path)
        return made

    def model(self, inputs, outputs, name):
        return self.inner("Functional", {"name": name, "inputs": [t.history() for t in inputs], "outputs": [t.history() for t in outputs]})


def load(path, recorder):
    """The exported script as a module, with the stand-in in place of Keras."""
    kept = {name: sys.modules.get(name) for name in ("keras", "keras.layers")}
    sys.modules.update(recorder.modules())
    module = types.ModuleType("exported")
    module.__file__ = path
    try:
        with open(path, encoding="utf-8") as f:
            exec(compile(f.read(), path, "exec"), module.__dict__)
    finally:
        for name, old in kept.items():
            sys.modules.pop(name)
            if old:
                sys.modules[name] = old
    return module


# ---- Against config.json ------------------------------------------------------------------------------------------------------


def plain(value):
    """A value of config.json or of the script in one form."""
    if isinstance(value, Made):
        return {"class_name": value.class_name, "config": {k: plain(v) for k, v in value.kwargs.items()}}
    if isinstance(value, dict):
        if value.get("class_name") == "function":
            return value["config"]
        return {"class_name": value.get("class_name"), "config": {k: plain(v) for k, v in value.get("config", {}).items()}}
    if isinstance(value, (list, tuple)):
        value = [plain(v) for v in value]
        return value[0] if len(value) == 1 else value
    return value


def agree(said, found):
    """Whether what a script says is what the file holds; the script leaves out what is Keras's default."""
    if isinstance(said, str) and isinstance(found, dict):
        return said.replace("_", "").lower() == found["class_name"].replace("_", "").lower()
    if isinstance(said, dict) and isinstance(found, dict):
        return said["class_name"] == found["class_name"] and all(agree(v, found["config"].get(k)) for k, v in said["config"].items())
    return said == found


def feeders(node):
    """Where the inputs of a call come from, in order."""
    found = []

    def walk(value):
        if isinstance(value, dict) and value.get("class_name") == "__keras_tensor__":
            found.append(value["config"]["keras_history"])
        elif isinstance(value, dict):
            for item in value.values():
                walk(item)
        elif isinstance(value, list):
            for item in value:
                walk(item)

    walk(node["args"])
    walk(node["kwargs"])
    return found


def hold_layer(layer, made, faults):
    config = layer["config"]
    name = config["name"]
    if name not in made:
        return faults.append("the layer %r is not made" % name)
    one = made[name]
    if one.class_name != layer["class_name"]:
        faults.append("%r is a %s, not a %s" % (name, one.class_name, layer["class_name"]))
    for key, value in one.kwargs.items():
        if key not in ("name", "shape", "layers", "inputs", "outputs") and not agree(plain(value), plain(config.get(key))):
            faults.append("%r: %s is %r, the file has %r" % (name, key, plain(value), plain(config.get(key))))
    if "layers" in config:
        hold_graph(layer, made, faults)
    if layer["class_name"] == "InputLayer" and one.kwargs["shape"] != config["batch_shape"][1:]:
        faults.append("%r has the shape %r" % (name, one.kwargs["shape"]))


def hold_graph(model, made, faults):
    before = None
    for layer in model["config"]["layers"]:
        hold_layer(layer, made, faults)
        name = layer["config"]["name"]
        if name not in made or layer["class_name"] == "InputLayer":
            before = name
            continue
        calls = [[history[0] for history in call] for call in made[name].calls]
        if model["class_name"] == "Sequential":
            if made[name].calls and calls != [[before]]:
                faults.append("%r follows %r" % (name, calls))
        else:
            want = [[history for history in feeders(node)] for node in layer["inbound_nodes"]]
            got = made[name].calls
            # A model inside counts its calls from 1 in some versions: its own first call is no call.
            if [[h[0] for h in call] for call in want] != calls or [[h[2] for h in call] for call in want] != [[h[2] for h in call] for call in got]:
                faults.append("%r is fed by %r, the file has %r" % (name, got, want))
        before = name


def check_wiring(script, keras, faults):
    recorder = Recorder()
    module = load(script, recorder)
    module.build()
    with zipfile.ZipFile(keras) as z:
        config = json.loads(z.read("config.json"))
    hold_graph(config, {one.name: one for one in recorder.layers if one.name}, faults)
    if recorder.loaded is None or not os.path.samefile(recorder.loaded, keras):
        faults.append("weights are loaded from %r" % recorder.loaded)
    compiled = config.get("compile_config") or {}
    if bool(compiled.get("optimizer")) != (recorder.compiled is not None):
        faults.append("the model is %scompiled" % ("" if recorder.compiled else "not "))
    if recorder.compiled:
        want = plain(compiled["optimizer"])
        got = plain(recorder.compiled["optimizer"])
        rate = got["config"].pop("learning_rate")
        if not isinstance(rate, dict) and np and np.float32(rate) != np.float32(want["config"]["learning_rate"]):
            faults.append("the learning rate is %r" % rate)
        if not agree(got, want):
            faults.append("the optimizer is %r, the file has %r" % (got, want))
        if not agree(plain(recorder.compiled["loss"]), plain(compiled["loss"])):
            faults.append("the loss is %r, the file has %r" % (recorder.compiled["loss"], compiled["loss"]))
    return module


# ---- Against `nnl data` ----------------------------------------------------------------------------------------------------------


def check_samples(module, table, samples, faults):
    rows, inputs = module.prepare(module.read(table))
    want = pd.read_csv(samples, float_precision="round_trip")
    place = {int(row) + 2: i for i, row in enumerate(rows)}
    lacking = [int(line) for line in want["row"] if int(line) not in place]
    if lacking:
        return faults.append("no sample ends in line %d" % lacking[0])
    picked = [place[int(line)] for line in want["row"]]
    for name, numbers in inputs.items():
        prefix = name + ":" if len(inputs) > 1 else want.columns[1].split(":")[0] + ":"
        columns = [c for c in want.columns if c.startswith(prefix)]
        expected = want[columns].to_numpy("float32")
        got = numbers.reshape(len(numbers), -1)[picked]
        if got.shape != expected.shape:
            faults.append("%s: %r numbers, expected %r" % (name, got.shape, expected.shape))
        elif not np.array_equal(got, expected):
            i, k = np.argwhere(got != expected)[0]
            faults.append("%s: %s in line %d is %.9g, expected %.9g" % (name, columns[k], want["row"][i], got[i, k], expected[i, k]))


# ---- What is exported --------------------------------------------------------------------------------------------------------------

SHOP = """data shop from "shop.csv" {
    derive   ratio = price / size
    derive   cheap = if(price < 5 and kind != "new", 1, 0)
    derive   swing = round(sin(price) * 10, 1) + max(price, size) - abs(-size)
    derive   rare = kind in ("old", "new")
    where    size > 1
    features price, size, ratio, kind, code, cheap, swing, rare, city
    target   sold
    encode   kind: one_hot(drop_first=true)
    encode   code: one_hot
    encode   city: one_hot
    scale    price: standard
    scale    size: minmax(-1, 1)
    scale    ratio: robust
    scale    swing: divide(10)
    fill     price: mean
    fill     kind: most_common
    fill     city: "nowhere"
    fill     ratio, cheap: 0
    fill     swing, rare: median
    split    train 70%, test 30%
}
model m {
    input x
    dense(4, relu, kernel_regularizer=l2(0.01))
    dense(1)
}
train m on shop { epochs 1 }
save m to "m.keras"
"""

HOURS = """data hours from "hours.csv" {
    order by when
    group by shop
    derive   before = shift(sold, 1)
    derive   week = rolling_mean(sold, 3)
    derive   month_of = month(when)
    derive   hour_of = sin(2 * pi * hour(when) / 24)
    features sold, before, week, month_of, hour_of
    target   sold ahead 1
    scale    sold: standard
    scale    before: minmax
    window   6 every 2
    split    train 70%, test rest
}
model m {
    input x
    flatten
    dense(1)
}
train m on hours { epochs 1 }
save m to "m.keras"
"""


def write_tables(folder):
    draw = random.Random(7)
    with open(os.path.join(folder, "shop.csv"), "w", encoding="utf-8") as f:
        f.write("city,price,size,kind,code,sold,extra\n")
        for i in range(120):
            price = "" if i % 17 == 3 else "%.3f" % (draw.random() * 12)
            kind = "" if i % 23 == 5 else draw.choice(["old", "new", "used"])
            city = "" if i % 19 == 2 else draw.choice(["Seoul", "서울", "two words", '"with, comma"'])
            f.write("%s,%s,%.2f,%s,%d,%.1f,x\n" % (city, price, draw.random() * 5 + 0.5, kind, draw.randrange(3), draw.random() * 9))
    with open(os.path.join(folder, "hours.csv"), "w", encoding="utf-8") as f:
        f.write("shop,when,sold\n")
        lines = ["%s,2024-%02d-%02d %02d:00,%.2f" % (shop, 1 + k // 40, 1 + k % 28, k % 24, draw.random() * 9) for shop in "ab" for k in range(0, 90)]
        draw.shuffle(lines)
        f.write("\n".join(lines) + "\n")


def example_script(text):
    """An example, made to save its first trained model; the names of model and data, and the table."""
    import re
    trained = re.search(r"^train\s+(\w+)\s+on\s+(\w+)", text, re.M)
    if not trained or re.search(r"^save ", text, re.M) or '"../' in text:
        return None
    model, data = trained.groups()
    table = re.search(r'^data\s+%s\s+from\s+"([^"]+)"' % data, text, re.M)
    return (text + '\nsave %s to "m.keras"\n' % model, data, table.group(1)) if table else None


def check_script(nnl, folder, text, data, table):
    faults = []
    path = os.path.join(folder, "script.nnl")
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    for command in (["run", "--quiet", "--epochs", "1", "script.nnl"], ["export", "--quiet", "m.keras", "-o", "m.py"],
                    ["data", "script.nnl", data, "-o", "samples.csv"]):
        status, _, err = run([nnl] + command, folder)
        if status:
            return ["nnl %s ended with %s: %s" % (" ".join(command), status, err[-800:])]
    script = os.path.join(folder, "m.py")
    module = check_wiring(script, os.path.join(folder, "m.keras"), faults)
    check_samples(module, os.path.join(folder, table), os.path.join(folder, "samples.csv"), faults)
    return faults


def check_fixture(nnl, folder, keras):
    """None: a kind of layer that waits."""
    script = os.path.join(folder, "m.py")
    status, _, err = run([nnl, "export", "--quiet", keras, "-o", script], folder)
    if status == 3 and "E0814" in err:
        return None
    if status:
        return ["nnl export ended with %s: %s" % (status, err[-800:])]
    faults = []
    check_wiring(script, keras, faults)
    return faults


def main():
    a = arguments(__doc__)
    tally = Tally()
    if not pd:
        with_python = "no Python with pandas is installed"
        tally.skip("exported scripts", with_python)
        return tally.close()
    folder = tempfile.mkdtemp(prefix="nnl-export-")
    shutil.copytree(os.path.join(ROOT, "examples"), folder, dirs_exist_ok=True)
    write_tables(folder)
    for name, text, data, table in (("shop", SHOP, "shop", "shop.csv"), ("hours", HOURS, "hours", "hours.csv")):
        if wanted(name, a.only):
            tally.result(name, check_script(a.nnl, folder, text, data, table))
    for path in sorted(glob.glob(os.path.join(ROOT, "examples", "*.nnl"))):
        name = os.path.basename(path)
        with open(path, encoding="utf-8") as f:
            script = example_script(f.read())
        if script and wanted(name, a.only):
            tally.result(name, check_script(a.nnl, folder, *script))
    for path in sorted(glob.glob(os.path.join(ROOT, "tests", "fixtures", "keras", "predict", "*", "model.keras"))):
        name = "fixture " + os.path.basename(os.path.dirname(path))
        if wanted(name, a.only):
            faults = check_fixture(a.nnl, folder, path)
            if faults is None:
                tally.skip(name, "a kind of layer that waits")
            else:
                tally.result(name, faults)
    shutil.rmtree(folder)
    return tally.close()


sys.exit(main())
