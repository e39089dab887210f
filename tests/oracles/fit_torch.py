#!/usr/bin/env python3
"""Small whole trainings, in the form of the Keras fixture units/fit.json, for combinations that file lacks.

Made with PyTorch's automatic differentiation and Keras's documented formulas for losses, penalties, clipping and
optimizers. Each run is computed twice, in float64 (the figures to agree with) and in float32 (how far rounding alone goes).
Rows are used in order, nothing is shuffled, the last batch is short. The same functions are first run on two trainings
of units/fit.json and must give Keras's figures.
"""
import json
import os

import numpy as np
import torch
import torch.nn.functional as F

from common import HERE, f32, f64, write

RNG = np.random.default_rng(77)


def draw(*shape, scale=1.0, digits=2):
    return np.round(RNG.normal(size=shape) * scale, digits).tolist()


# ---------------------------------------------------------------- losses: one value a sample (and step)

def mse(y, p):
    return ((y - p) ** 2).mean(-1)


def mae(y, p):
    return (y - p).abs().mean(-1)


def huber(y, p):
    e = (y - p).abs()
    return torch.where(e <= 1, e * e / 2, e - 0.5).mean(-1)


def binary_crossentropy(y, z):                     # of the logits
    return F.binary_cross_entropy_with_logits(z, y, reduction="none").mean(-1)


def categorical_crossentropy(y, z):                # of the logits
    return -(y * torch.log_softmax(z, -1)).sum(-1)


# ---------------------------------------------------------------- one optimizer step, as Keras does it

class Optimizer:
    """sgd, rmsprop, adam, adamw, with clipping, decoupled decay and a schedule; `settings` holds what differs from the defaults."""

    def __init__(self, kind, learning_rate, **settings):
        self.kind, self.learning_rate, self.s = kind, learning_rate, settings
        self.iterations, self.slots = 0, {}

    def step(self, params):
        s = self.s
        dtype = next(iter(params.values())).dtype
        lr = self.learning_rate(self.iterations) if callable(self.learning_rate) else self.learning_rate
        lr = float(np.float32(lr))
        t = self.iterations + 1
        grads = {n: p.grad for n, p in params.items() if p.grad is not None}
        if "clipnorm" in s:
            grads = {n: g * s["clipnorm"] / max(g.norm().item(), s["clipnorm"]) for n, g in grads.items()}
        if "clipvalue" in s:
            grads = {n: g.clamp(-s["clipvalue"], s["clipvalue"]) for n, g in grads.items()}
        if "global_clipnorm" in s:
            norm = torch.sqrt(sum((g.double() ** 2).sum() for g in grads.values())).item()
            grads = {n: g * (s["global_clipnorm"] * min(1 / norm, 1 / s["global_clipnorm"])) for n, g in grads.items()}
        with torch.no_grad():
            for n, g in grads.items():
                p = params[n]
                if "weight_decay" in s:
                    p -= p * s["weight_decay"] * lr
                m, v = self.slots.setdefault(n, (torch.zeros_like(p), torch.zeros_like(p)))
                if self.kind == "sgd":
                    mu = s.get("momentum", 0.0)
                    if mu:
                        m.copy_(mu * m - lr * g)
                        p += mu * m - lr * g if s.get("nesterov") else m
                    else:
                        p -= lr * g
                elif self.kind == "rmsprop":
                    rho, mu = s.get("rho", 0.9), s.get("momentum", 0.0)
                    v.copy_(rho * v + (1 - rho) * g * g)
                    increment = lr * g / torch.sqrt(v + 1e-7)
                    if mu:
                        m.copy_(mu * m + increment)
                        increment = m
                    p -= increment
                else:
                    # The powers are those of the float32 betas, rounded to float32, as Keras has them.
                    b1, b2 = float(np.float32(0.9)), float(np.float32(0.999))
                    p1, p2 = np.float32(b1 ** t), np.float32(b2 ** t)
                    alpha = float(np.float32(lr) * np.sqrt(np.float32(1) - p2) / (np.float32(1) - p1))
                    m += (g - m) * (1 - 0.9)
                    v += (g * g - v) * (1 - 0.999)
                    p -= alpha * m / (torch.sqrt(v) + 1e-7)
        assert all(p.dtype == dtype for p in params.values())
        self.iterations += 1


# ---------------------------------------------------------------- layers

def batch_norm(x, w, prefix, state, training, momentum):
    if training:
        v, m = torch.var_mean(x, 0, unbiased=False)
        state[prefix + "/moving_mean"] = state[prefix + "/moving_mean"] * momentum + m.detach() * (1 - momentum)
        state[prefix + "/moving_variance"] = state[prefix + "/moving_variance"] * momentum + v.detach() * (1 - momentum)
    else:
        m, v = state[prefix + "/moving_mean"], state[prefix + "/moving_variance"]
    return (x - m) / torch.sqrt(v + 1e-3) * w[prefix + "/gamma"] + w[prefix + "/beta"]


def dense(x, w, name):
    y = x @ w[name + "/kernel"]
    return y + w[name + "/bias"] if name + "/bias" in w else y


def simple_rnn(x, w, name, mask=None, sequences=False):
    cell = name + "/simple_rnn_cell/"
    h = torch.zeros(x.shape[0], w[cell + "recurrent_kernel"].shape[0], dtype=x.dtype)
    out, o = [], torch.zeros_like(h)
    for t in range(x.shape[1]):
        new = torch.tanh(x[:, t] @ w[cell + "kernel"] + w[cell + "bias"] + h @ w[cell + "recurrent_kernel"])
        if mask is not None:
            m = mask[:, t, None]
            new, o = torch.where(m, new, h), torch.where(m, new, o)
        else:
            o = new
        h = new
        out.append(o)
    return torch.stack(out, 1) if sequences else out[-1]


# ---------------------------------------------------------------- the loop

def run(spec, dtype):
    """-> (history, weights after each epoch). `spec` names everything; see CASES below."""
    def tensor(v):
        return torch.tensor(np.asarray(v, dtype=np.float32)).to(dtype) if not isinstance(v, dict) else {k: tensor(x) for k, x in v.items()}

    w = {n: tensor(v).requires_grad_(True) for n, v in spec["initial"].items() if "/moving" not in n}
    state = {n: tensor(v) for n, v in spec["initial"].items() if "/moving" in n}
    x = torch.tensor(spec["x"]) if spec.get("ids") else tensor(spec["x"])
    y, row_weight = spec["y"], spec.get("sample_weight")
    outputs = spec["outputs"]                      # name -> (loss, weight, metrics: name -> function of (y, prediction, logits))
    y = {k: tensor(v) for k, v in y.items()}
    if row_weight is not None:
        row_weight = tensor(row_weight)
    optimizer = spec["optimizer"]()
    several = len(outputs) > 1
    history, after = {}, []

    def figures(xb, yb, training, weights):
        answer = spec["forward"](xb, w, state, training)
        penalties = spec["penalties"](w, answer) if "penalties" in spec else torch.zeros((), dtype=dtype)
        total, logs = penalties, {}
        for k, (loss, factor, metrics) in outputs.items():
            values = loss(yb[k], answer[k])
            mask = answer.get("mask")
            per = values if weights is None else values * weights[k]
            if mask is not None:
                m = mask.to(dtype)
                value = (per * m).sum() / m.sum()
            else:
                value = per.mean()
            total = total + factor * value
            if several:
                logs[k + "_loss"] = value.item()
            for name, metric in metrics.items():
                v = metric(yb[k], answer[k])
                if mask is not None:
                    pair = ((v * mask.to(dtype)).sum().item(), mask.sum().item())
                else:
                    pair = (v.sum().item(), v.numel())
                logs[(k + "_" if several else "") + name] = pair
        logs["loss"] = total.item()
        return total, logs

    def weights_of(xb_y, rows):
        if row_weight is not None:
            return {k: row_weight[rows] for k in outputs}
        if "class_weight" in spec:
            k = next(iter(outputs))
            label = xb_y[k].argmax(-1) if xb_y[k].shape[-1] > 1 else xb_y[k][:, 0].round().long()
            table = tensor([spec["class_weight"].get(str(c), 1.0) for c in range(int(label.max()) + 1)])
            return {k: table[label]}
        return None

    class Mean:
        """`loss` weighs batches by their rows, metrics by what they counted."""

        def __init__(self):
            self.sum, self.n = {}, {}

        def add(self, logs, rows):
            for k, v in logs.items():
                s, n = v if isinstance(v, tuple) else (v * rows, rows)
                self.sum[k] = self.sum.get(k, 0.0) + s
                self.n[k] = self.n.get(k, 0) + n

        def result(self):
            return {k: self.sum[k] / self.n[k] for k in self.sum}

    batch = spec["batch"]
    for epoch in range(spec["epochs"]):
        mean = Mean()
        for a in range(0, len(x), batch):
            rows = slice(a, a + batch)
            yb = {k: v[rows] for k, v in y.items()}
            for p in w.values():
                p.grad = None
            total, logs = figures(x[rows], yb, True, weights_of(yb, rows))
            total.backward()
            optimizer.step(w)
            mean.add(logs, len(x[rows]))
        logs = mean.result()
        if "validation" in spec:
            xv = torch.tensor(spec["validation"][0]) if spec.get("ids") else tensor(spec["validation"][0])
            yv = {k: tensor(v) for k, v in spec["validation"][1].items()}
            mean = Mean()
            with torch.no_grad():
                for a in range(0, len(xv), batch):
                    mean.add(figures(xv[a:a + batch], {k: v[a:a + batch] for k, v in yv.items()}, False, None)[1], len(xv[a:a + batch]))
            logs.update({"val_" + k: v for k, v in mean.result().items()})
        for k in sorted(logs):
            history.setdefault(k, []).append(logs[k])
        after.append([(state[n] if n in state else w[n]).detach().numpy().astype(np.float64) for n in spec["initial"]])
    return history, after


def accuracy_binary(y, z):
    return ((z > 0) == (y > 0.5)).to(y.dtype).mean(-1)


def accuracy_classes(y, z):
    return (z.argmax(-1) == y.argmax(-1)).to(y.dtype)


def one_hot(labels, n):
    return np.eye(n)[labels].tolist()


# ---------------------------------------------------------------- against Keras first

def agree_with_keras():
    with open(os.path.join(HERE, "..", "fixtures", "keras", "units", "fit.json"), encoding="utf-8") as f:
        cases = {c["title"]: c for c in json.load(f)["cases"]}
    c = cases["batch normalization"]
    mapped = {w["path"].replace("sequential/", ""): w["value"] for w in c["initial_weights"]}
    spec = {"x": c["data"]["x"], "y": {"y": c["data"]["y"]}, "validation": [c["data"]["validation_data"][0], {"y": c["data"]["validation_data"][1]}],
            "initial": mapped, "epochs": 3, "batch": 4, "outputs": {"y": (mse, 1, {})}, "optimizer": lambda: Optimizer("sgd", 0.1),
            "forward": lambda x, w, s, t: {"y": dense(torch.relu(batch_norm(dense(x, w, "dense"), w, "batch_normalization", s, t, 0.9)), w, "dense_1")}}
    compare(c, spec)
    c = cases["two outputs, loss_weights"]
    mapped = {w["path"]: w["value"] for w in c["initial_weights"]}
    yv = c["data"]["validation_data"][1]

    def forward(x, w, s, t):
        h = torch.tanh(dense(x, w, "h"))
        return {"price": dense(h, w, "price"), "grade": dense(h, w, "grade")}
    compare(c, {"x": c["data"]["x"], "y": {"price": c["data"]["y"]["price"], "grade": one_hot(c["data"]["y"]["grade"], 3)},
                "validation": [c["data"]["validation_data"][0], {"price": yv["price"], "grade": one_hot(yv["grade"], 3)}],
                "initial": mapped, "epochs": 2, "batch": 4, "optimizer": lambda: Optimizer("sgd", 0.1), "forward": forward,
                "penalties": lambda w, a: 0.01 * (w["h/kernel"] ** 2).sum(),
                "outputs": {"price": (mse, 2, {"mae": mae}), "grade": (categorical_crossentropy, 0.5, {"accuracy": accuracy_classes})}})
    c = cases["binary classes with class_weight: it weighs the loss, not the metrics, and not the validation"]
    mapped = {w["path"].replace("sequential/", ""): w["value"] for w in c["initial_weights"]}
    compare(c, {"x": c["data"]["x"], "y": {"y": c["data"]["y"]}, "validation": [c["data"]["validation_data"][0], {"y": c["data"]["validation_data"][1]}],
                "initial": mapped, "epochs": 3, "batch": 4, "optimizer": lambda: Optimizer("adam", 0.05), "class_weight": c["class_weight"],
                "forward": lambda x, w, s, t: {"y": dense(torch.tanh(dense(x, w, "dense")), w, "dense_1")},
                "outputs": {"y": (binary_crossentropy, 1, {"accuracy": accuracy_binary})}})
    print("3 trainings of the Keras fixture recomputed, all agree")


def compare(c, spec):
    history, after = run(spec, torch.float64)
    for k, v in history.items():
        assert np.allclose(v, c["history"][k], rtol=2e-5, atol=1e-6), (c["title"], k, v, c["history"][k])
    for mine, theirs in zip(after, c["weights_after_epoch"]):
        for a, b in zip(mine, theirs):
            assert np.allclose(a, b, rtol=5e-5, atol=2e-6), (c["title"], a, b)


# ---------------------------------------------------------------- the cases

CASES = []


def add(title, model, compiled, spec, note=None):
    history, after = run(spec, torch.float64)
    history32, after32 = run(spec, torch.float32)
    c = {"title": title, "model": model, "compile": compiled}
    if note:
        c["note"] = note
    c["fit"] = {"epochs": spec["epochs"], "batch_size": spec["batch"], "shuffle": False}
    def only(y):
        return next(iter(y.values())) if len(y) == 1 else y

    c["data"] = {"x": spec["x"], "y": only(spec["y"])}
    if "sample_weight" in spec:
        c["data"]["sample_weight"] = spec["sample_weight"]
    if "validation" in spec:
        c["data"]["validation_data"] = [spec["validation"][0], only(spec["validation"][1])]
    if "class_weight" in spec:
        c["class_weight"] = spec["class_weight"]
    c["initial_weights"] = [{"path": n, "value": f32(v)} for n, v in spec["initial"].items()]
    c["history"] = f64(history)
    c["history_float32"] = {k: f32(v) for k, v in history32.items()}
    c["weights_after_epoch"] = [[f32(v) for v in e] for e in after]
    c["weights_float32_off_by"] = float(max(np.abs(a - b).max() for e, g in zip(after, after32) for a, b in zip(e, g)))
    CASES.append(c)


X, XV = draw(11, 3), draw(5, 3)


def number(rows):
    a = np.array(rows)
    return np.round(0.7 * a[:, :1] - 0.5 * a[:, 1:2] * a[:, 2:] + 1, 3).tolist()


def grade(rows):
    a = np.array(rows)
    return ((a[:, 0] + a[:, 1] > 0).astype(int) + (a[:, 2] > 0.3).astype(int)).tolist()


def two_forward(x, w, s, t):
    h = torch.relu(batch_norm(dense(x, w, "h"), w, "batch_normalization", s, t, 0.8))
    return {"price": dense(h, w, "price"), "grade": dense(h, w, "grade")}


add("two outputs with loss_weights, batch normalization, l1, l2 and l1_l2",
    "h = x -> dense(5, use_bias=false, kernel_regularizer=l2(0.01)), batch_normalization(momentum=0.8), relu; "
    "price = dense(1, kernel_regularizer=l1(0.02)); grade = dense(3, softmax, kernel_regularizer=l1_l2(l1=0.005, l2=0.01))",
    "adam(0.02), price: huber, grade: categorical_crossentropy, loss_weights price 2, grade 0.7, metrics price: mae, grade: accuracy",
    {"x": X, "y": {"price": number(X), "grade": one_hot(grade(X), 3)}, "validation": [XV, {"price": number(XV), "grade": one_hot(grade(XV), 3)}],
     "initial": {"h/kernel": draw(3, 5, scale=0.5), "batch_normalization/gamma": [1.0] * 5, "batch_normalization/beta": [0.0] * 5,
                 "batch_normalization/moving_mean": [0.0] * 5, "batch_normalization/moving_variance": [1.0] * 5,
                 "price/kernel": draw(5, 1, scale=0.5), "price/bias": [0.0], "grade/kernel": draw(5, 3, scale=0.5), "grade/bias": [0.0] * 3},
     "epochs": 4, "batch": 4, "optimizer": lambda: Optimizer("adam", 0.02), "forward": two_forward,
     "penalties": lambda w, a: 0.01 * (w["h/kernel"] ** 2).sum() + 0.02 * w["price/kernel"].abs().sum()
     + 0.005 * w["grade/kernel"].abs().sum() + 0.01 * (w["grade/kernel"] ** 2).sum(),
     "outputs": {"price": (huber, 2, {"mae": mae}), "grade": (categorical_crossentropy, 0.7, {"accuracy": accuracy_classes})}},
    note="grade is written as one-hot rows; the penalties stand in loss and val_loss alone")

add("three classes with class_weight, rmsprop with momentum, clipnorm",
    "dense(6, selu), dense(3, softmax)", "rmsprop(0.01, momentum=0.5, clipnorm=0.3), categorical_crossentropy, accuracy",
    {"x": X, "y": {"y": one_hot(grade(X), 3)}, "validation": [XV, {"y": one_hot(grade(XV), 3)}], "class_weight": {"0": 2.0, "2": 0.25},
     "initial": {"dense/kernel": draw(3, 6, scale=0.5), "dense/bias": draw(6, scale=0.1), "dense_1/kernel": draw(6, 3, scale=0.5), "dense_1/bias": draw(3, scale=0.1)},
     "epochs": 4, "batch": 5, "optimizer": lambda: Optimizer("rmsprop", 0.01, momentum=0.5, clipnorm=0.3),
     "forward": lambda x, w, s, t: {"y": dense(torch.selu(dense(x, w, "dense")), w, "dense_1")},
     "outputs": {"y": (categorical_crossentropy, 1, {"accuracy": accuracy_classes})}},
    note="class 1 is not named: it weighs 1; clipnorm acts on each variable by itself")

add("sample_weight, nesterov, clipvalue, an activity penalty",
    "dense(5, elu, activity_regularizer=l1(0.03)), dense(1)", "sgd(0.05, momentum=0.9, nesterov=true, clipvalue=0.4), mse, metrics mae",
    {"x": X, "y": {"y": number(X)}, "sample_weight": [1.0, 0.5, 2.0, 0.0, 1.0, 3.0, 0.25, 1.0, 1.5, 1.0, 0.1], "validation": [XV, {"y": number(XV)}],
     "initial": {"dense/kernel": draw(3, 5, scale=0.5), "dense/bias": draw(5, scale=0.1), "dense_1/kernel": draw(5, 1, scale=0.5), "dense_1/bias": [0.1]},
     "epochs": 4, "batch": 4, "optimizer": lambda: Optimizer("sgd", 0.05, momentum=0.9, nesterov=True, clipvalue=0.4),
     "forward": lambda x, w, s, t: (lambda h: {"y": dense(h, w, "dense_1"), "h": h})(F.elu(dense(x, w, "dense"))),
     "penalties": lambda w, a: 0.03 * a["h"].abs().sum() / a["h"].shape[0],
     "outputs": {"y": (mse, 1, {"mae": mae})}},
    note="the penalty of an output is divided by the rows of the batch")

XS = np.array(draw(9, 4, 2))
for row, steps in ((0, 3), (2, 2), (3, 1), (6, 3)):
    XS[row, steps:] = 0.0
YS = draw(9, 4, 1)


def masked_forward(x, w, s, t):
    mask = (x != 0).any(-1)
    return {"y": dense(simple_rnn(x, w, "simple_rnn", mask, sequences=True), w, "dense"), "mask": mask}


add("masking, simple_rnn, time_distributed(dense): the mask reaches the loss; global_clipnorm",
    "masking, simple_rnn(3, return_sequences=true), time_distributed(dense(1))", "adam(0.03, global_clipnorm=0.5), mse, mae",
    {"x": XS.tolist(), "y": {"y": YS}, "validation": [XS[:5].tolist(), {"y": YS[:5]}],
     "initial": {"simple_rnn/simple_rnn_cell/kernel": draw(2, 3, scale=0.5), "simple_rnn/simple_rnn_cell/recurrent_kernel": draw(3, 3, scale=0.5),
                 "simple_rnn/simple_rnn_cell/bias": [0.0] * 3, "dense/kernel": draw(3, 1, scale=0.5), "dense/bias": [0.0]},
     "epochs": 3, "batch": 4, "optimizer": lambda: Optimizer("adam", 0.03, global_clipnorm=0.5), "forward": masked_forward,
     "outputs": {"y": (mse, 1, {"mae": mae})}},
    note="weights of time_distributed are listed as those of the layer inside (dense)")

IDS = RNG.integers(0, 6, size=(10, 3)).tolist()
YB = [[float(sum(r) % 2)] for r in IDS]


def embedded(x, w, s, t):
    e = F.embedding(x, w["embedding/embeddings"])
    return {"y": dense(torch.tanh(dense(e.reshape(len(x), -1), w, "dense")), w, "dense_1")}


add("embedding, flatten, adamw with exponential_decay and weight decay of every variable",
    "embedding(6, 2), flatten, dense(4, tanh), dense(1, sigmoid)",
    "adamw(exponential_decay(0.05, decay_steps=3, decay_rate=0.7), weight_decay=0.05), binary_crossentropy, accuracy",
    {"x": IDS, "ids": True, "y": {"y": YB}, "validation": [IDS[:4], {"y": YB[:4]}],
     "initial": {"embedding/embeddings": draw(6, 2, scale=0.5), "dense/kernel": draw(6, 4, scale=0.5), "dense/bias": [0.0] * 4,
                 "dense_1/kernel": draw(4, 1, scale=0.5), "dense_1/bias": [0.0]},
     "epochs": 4, "batch": 4, "optimizer": lambda: Optimizer("adamw", lambda i: 0.05 * 0.7 ** (i / 3), weight_decay=0.05), "forward": embedded,
     "outputs": {"y": (binary_crossentropy, 1, {"accuracy": accuracy_binary})}},
    note="a row of the table that no id of the batch names has a gradient of 0, and decays")

agree_with_keras()
for c in CASES:
    off = max(abs(a - b) / max(abs(a), 1e-6) for k in c["history"] for a, b in zip(c["history"][k], c["history_float32"][k]))
    print("%-100s float32 history off by %.1e, weights by %.1e" % (c["title"][:100], off, c["weights_float32_off_by"]))
write("fit.json", {
    "made_by": "fit_torch.py, PyTorch %s" % torch.__version__,
    "note": "The form of the Keras fixture units/fit.json. Rows are used in order (shuffle=false). history and weights_after_epoch (in the order of initial_weights) were computed in "
            "float64 and written as such or as float32; history_float32 is the same run in float32, and weights_float32_off_by the largest distance of its weights: what "
            "rounding alone does. adam's powers of beta are those of float32 in both.",
    "cases": CASES}, depth=4)
