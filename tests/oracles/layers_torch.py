#!/usr/bin/env python3
"""Reference figures for layers, in the form of the Keras fixture units/layers.json, for cases that file lacks.

Made with PyTorch in float64: its own functions where it has them (elu, selu, gelu, softplus, silu, embedding,
batch statistics by var_mean, nn.RNN for recurrent steps without masks), Keras's documented rules for masks.
Gradients come from PyTorch's automatic differentiation. Every number that goes in is first rounded to float32.
"""
import json
import os

import numpy as np
import torch
import torch.nn.functional as F

from common import HERE, f32, write

RNG = np.random.default_rng(20240614)
CASES = []
EPSILON = 1e-7                                     # Keras's global epsilon, used by masked statistics


def draw(*shape):
    """Two decimals, float32, then float64: what a float32 program sees."""
    return torch.tensor(np.round(RNG.normal(size=shape), 2).astype(np.float32).astype(np.float64))


def weight(*shape):
    return draw(*shape) * 1.0


ACTIVATIONS = {
    "linear": lambda x: x,
    "relu": torch.relu,
    "leaky_relu": lambda x: F.leaky_relu(x, 0.2),
    "elu": F.elu,
    "selu": torch.selu,
    "gelu": F.gelu,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "softmax": lambda x: torch.softmax(x, -1),
    "softplus": F.softplus,
    "silu": F.silu,
}


def case(title, layer, args, inputs, weights, run, training=False, masks=None, note=None, changed=None, frozen=(), extra=None):
    """`run(inputs, weights)` -> outputs, output masks (lists). `weights`: list of (name, tensor)."""
    float_inputs = [x for x in inputs if x.is_floating_point()]
    for x in float_inputs:
        x.requires_grad_(True)
    for name, w in weights:
        w.requires_grad_(not (name.startswith("moving") or name in frozen))
    outputs, output_masks = run(inputs, [w for _, w in weights])
    upstream = [draw(*y.shape) for y in outputs]
    total = sum((y * u).sum() for y, u in zip(outputs, upstream))
    if total.requires_grad:
        total.backward()

    def grad(x):
        return f32((x.grad if x.grad is not None else torch.zeros_like(x)).numpy())

    c = {"title": title, "layer": layer, "args": args}
    if note:
        c["note"] = note
    if extra:
        c.update(extra)
    c["training"] = training
    c["inputs"] = [f32(x.detach().numpy()) for x in inputs]
    if masks is not None:
        c["masks"] = [None if m is None else m.int().tolist() for m in masks]
    c["weights"] = [{"name": n, "value": f32(w.detach().numpy())} for n, w in weights]
    c["outputs"] = [f32(y.detach().numpy()) for y in outputs]
    c["output_masks"] = [None if m is None else m.int().tolist() for m in output_masks]
    if changed:
        c["weights_changed_by_call"] = [{"name": n, "value": f32(v.detach().numpy())} for n, v in changed(inputs).items()]
    c["upstream"] = [f32(u.numpy()) for u in upstream]
    c["input_gradients"] = [grad(x) for x in float_inputs]
    c["weight_gradients"] = [{"name": n, "value": grad(w)} for n, w in weights if w.requires_grad]
    CASES.append(c)


# ---------------------------------------------------------------- dense and activations

for name, f in ACTIVATIONS.items():
    case("dense, %s" % name, "Dense", {"units": 3, "activation": name}, [draw(4, 2)],
         [("kernel", weight(2, 3)), ("bias", weight(3))],
         lambda x, w, f=f: ([f(x[0] @ w[0] + w[1])], [None]))

case("dense without bias", "Dense", {"units": 3, "use_bias": False}, [draw(4, 2)], [("kernel", weight(2, 3))],
     lambda x, w: ([x[0] @ w[0]], [None]))
case("dense on one row and one unit", "Dense", {"units": 1}, [draw(1, 5)], [("kernel", weight(5, 1)), ("bias", weight(1))],
     lambda x, w: ([x[0] @ w[0] + w[1]], [None]))
M23 = torch.tensor([[1, 1, 0], [1, 0, 0]], dtype=torch.bool)
case("dense on a masked sequence: the mask goes on, the values do not see it", "Dense", {"units": 2, "activation": "relu"}, [draw(2, 3, 4)],
     [("kernel", weight(4, 2)), ("bias", weight(2))],
     lambda x, w: ([torch.relu(x[0] @ w[0] + w[1])], [M23]), masks=[M23])
case("dense on rank 4", "Dense", {"units": 3, "activation": "softmax"}, [draw(2, 2, 2, 3)],
     [("kernel", weight(3, 3)), ("bias", weight(3))],
     lambda x, w: ([torch.softmax(x[0] @ w[0] + w[1], -1)], [None]))

for name, f in ACTIVATIONS.items():
    case("activation %s on a masked sequence" % name, "Activation", {"activation": name}, [draw(2, 3, 3)], [],
         lambda x, w, f=f: ([f(x[0])], [M23]), masks=[M23])
case("leaky_relu layer, its own slope", "LeakyReLU", {}, [draw(3, 4)], [], lambda x, w: ([F.leaky_relu(x[0], 0.3)], [None]))
case("leaky_relu layer, slope given", "LeakyReLU", {"negative_slope": 0.05}, [draw(3, 4)], [], lambda x, w: ([F.leaky_relu(x[0], 0.05)], [None]))
case("elu layer", "ELU", {"alpha": 0.5}, [draw(3, 4)], [], lambda x, w: ([F.elu(x[0], 0.5)], [None]))
case("softmax layer over axis 1", "Softmax", {"axis": 1}, [draw(2, 3, 2)], [], lambda x, w: ([torch.softmax(x[0], 1)], [None]))
case("softmax over one unit is 1", "Softmax", {}, [draw(3, 1)], [], lambda x, w: ([torch.softmax(x[0], -1)], [None]))


# ---------------------------------------------------------------- batch normalization

def batch_norm(x, gamma, beta, mean, variance, axis, epsilon):
    shape = [1] * x.dim()
    shape[axis] = -1
    y = (x - mean.reshape(shape)) / torch.sqrt(variance.reshape(shape) + epsilon)
    if gamma is not None:
        y = y * gamma.reshape(shape)
    return y if beta is None else y + beta.reshape(shape)


def statistics(x, axis, mask=None):
    over = [i for i in range(x.dim()) if i != axis % x.dim()]
    if mask is None:
        v, m = torch.var_mean(x, over, unbiased=False)
        return m, v
    w = mask.double()[..., None].expand_as(x)
    n = w.sum(over) + EPSILON
    m = (w * x).sum(over) / n
    return m, (w * (x - m) ** 2).sum(over) / n


def bn(title, args, x, training, mask=None, trainable=True):
    axis = args.get("axis", -1)
    features = x.shape[axis]
    epsilon, momentum = args.get("epsilon", 1e-3), args.get("momentum", 0.99)
    weights = []
    if args.get("scale", True):
        weights.append(("gamma", weight(features)))
    if args.get("center", True):
        weights.append(("beta", weight(features)))
    mean0, variance0 = weight(features), weight(features).abs() + 0.5
    weights += [("moving_mean", mean0), ("moving_variance", variance0.float().double())]
    learns = training and trainable

    def run(xs, ws):
        named = dict(zip([n for n, _ in weights], ws))
        m, v = statistics(xs[0], axis, mask) if learns else (named["moving_mean"], named["moving_variance"])
        return [batch_norm(xs[0], named.get("gamma"), named.get("beta"), m, v, axis % xs[0].dim(), epsilon)], [mask]

    def changed(xs):
        m, v = statistics(xs[0], axis, mask)
        return {"moving_mean": mean0 * momentum + m * (1 - momentum),
                "moving_variance": dict(weights)["moving_variance"] * momentum + v * (1 - momentum)}
    case(title, "BatchNormalization", args, [x], weights, run, training=training, masks=None if mask is None else [mask],
         changed=changed if learns else None, frozen=() if trainable else ("gamma", "beta"))


bn("batch_normalization, defaults, training", {}, draw(5, 3), True)
bn("batch_normalization, defaults, inference", {}, draw(5, 3), False)
bn("batch_normalization without scale, training", {"scale": False, "momentum": 0.9}, draw(4, 2), True)
bn("batch_normalization without center, training", {"center": False, "momentum": 0.9}, draw(4, 2), True)
bn("batch_normalization over one row: the variance is 0", {"momentum": 0.5}, draw(1, 3), True)
bn("batch_normalization on sequences without mask, training", {"momentum": 0.9}, draw(3, 4, 2), True)
bn("batch_normalization axis=1 on sequences, training", {"axis": 1, "momentum": 0.9}, draw(3, 4, 2), True)
bn("batch_normalization axis=1 on sequences, inference", {"axis": 1, "momentum": 0.9}, draw(3, 4, 2), False)
bn("batch_normalization on rank 4, training", {"momentum": 0.9}, draw(2, 2, 3, 2), True)
M34 = torch.tensor([[1, 1, 0, 1], [0, 1, 1, 0], [0, 0, 0, 1]], dtype=torch.bool)
bn("batch_normalization with mask, epsilon and momentum given, training", {"momentum": 0.8, "epsilon": 0.01}, draw(3, 4, 2), True, mask=M34)
bn("batch_normalization frozen, with mask, training=true: moving values, no change",
   {"momentum": 0.9, "trainable": False}, draw(3, 4, 2), True, mask=M34, trainable=False)


# ---------------------------------------------------------------- embedding, masking

def embedding(title, args, ids, mask_out):
    ids = torch.tensor(ids)
    case(title, "Embedding", args, [ids], [("embeddings", weight(args["input_dim"], args["output_dim"]))],
         lambda x, w: ([F.embedding(x[0], w[0])], [mask_out]))


embedding("embedding, the same id many times: its gradients add up", {"input_dim": 5, "output_dim": 3},
          [[1, 1, 1, 4], [1, 0, 4, 4], [2, 1, 1, 1]], None)
embedding("embedding of one id a sample", {"input_dim": 4, "output_dim": 2}, [[3], [0], [3]], None)
embedding("embedding mask_zero, a row of padding: id 0 has a row and a gradient", {"input_dim": 4, "output_dim": 2, "mask_zero": True},
          [[2, 3, 0], [0, 0, 0], [1, 0, 2]], torch.tensor([[1, 1, 0], [0, 0, 0], [1, 0, 1]], dtype=torch.bool))

x = draw(2, 4, 2)
x.data[0, 1] = -1.0
x.data[0, 2, 0] = -1.0
x.data[1, 3] = -1.0
x.data[1, 0] = 0.0
MASKED = (x.detach() != -1.0).any(-1)
case("masking with a value: a step counts as masked only where all its features have it", "Masking", {"mask_value": -1.0}, [x], [],
     lambda x, w: ([x[0] * MASKED.double()[..., None]], [MASKED]))
y = draw(2, 3, 2)
y.data[0, 0] = 0.0
OLD = torch.tensor([[1, 0, 1], [1, 1, 1]], dtype=torch.bool)
NEW = (y.detach() != 0.0).any(-1)
case("masking replaces an earlier mask", "Masking", {}, [y], [], lambda x, w: ([x[0] * NEW.double()[..., None]], [NEW]), masks=[OLD])


# ---------------------------------------------------------------- simple_rnn

def rnn_steps(x, kernel, recurrent, bias, f, h, mask=None, backwards=False):
    """Keras's rules: a masked step carries the state; its output is the output before it (zeros before the first)."""
    order = range(x.shape[1] - 1, -1, -1) if backwards else range(x.shape[1])
    out, previous = [], torch.zeros_like(h)
    for t in order:
        new = x[:, t] @ kernel + h @ recurrent
        new = f(new if bias is None else new + bias)
        if mask is not None:
            m = mask[:, t, None]
            new, o = torch.where(m, new, h), torch.where(m, new, previous)
        else:
            o = new
        h = new
        previous = o
        out.append(o)
    return torch.stack(out, 1), h


def rnn(title, args, x, mask=None, initial=None, note=None):
    units, features = args["units"], x.shape[-1]
    weights = [("simple_rnn_cell/kernel", weight(features, units)), ("simple_rnn_cell/recurrent_kernel", weight(units, units))]
    if args.get("use_bias", True):
        weights.append(("simple_rnn_cell/bias", weight(units)))
    sequences = args.get("return_sequences", False)

    def run(xs, ws):
        h = xs[1] if initial is not None else torch.zeros(xs[0].shape[0], units, dtype=torch.float64)
        seq, h_last = rnn_steps(xs[0], ws[0], ws[1], ws[2] if len(ws) > 2 else None, ACTIVATIONS[args.get("activation", "tanh")], h, mask, args.get("go_backwards", False))
        first = seq if sequences else seq[:, -1]
        outs, masks = [first], [mask if sequences else None]
        if args.get("return_state"):
            outs.append(h_last)
            masks.append(None)
        return outs, masks
    inputs = [x] + ([initial] if initial is not None else [])
    case(title, "SimpleRNN", args, inputs, weights, run, note=note,
         masks=None if mask is None else [mask] + ([None] if initial is not None else []),
         extra={"initial_state": [1]} if initial is not None else None)


STATE = "inputs[1] is the wire given as initial_state"
rnn("simple_rnn, initial state", {"units": 2, "return_sequences": True, "return_state": True}, draw(2, 3, 2), initial=draw(2, 2), note=STATE)
rnn("simple_rnn, initial state, only the last step", {"units": 3}, draw(2, 3, 2), initial=draw(2, 3), note=STATE)
rnn("simple_rnn, initial state, go_backwards", {"units": 2, "go_backwards": True, "return_sequences": True, "return_state": True}, draw(2, 3, 2),
    initial=draw(2, 2), note=STATE)
rnn("simple_rnn, initial state and mask: a row without any valid step keeps the state but answers zeros",
    {"units": 2, "return_sequences": True, "return_state": True}, draw(3, 4, 2),
    mask=torch.tensor([[1, 1, 0, 1], [0, 1, 1, 0], [0, 0, 0, 0]], dtype=torch.bool), initial=draw(3, 2), note=STATE)
rnn("simple_rnn, initial state, mask, go_backwards, only the last step", {"units": 2, "go_backwards": True, "return_state": True}, draw(3, 4, 2),
    mask=torch.tensor([[1, 1, 0, 1], [0, 1, 1, 0], [0, 0, 0, 0]], dtype=torch.bool), initial=draw(3, 2), note=STATE)
rnn("simple_rnn, go_backwards without mask", {"units": 2, "go_backwards": True, "return_sequences": True}, draw(2, 3, 2))
rnn("simple_rnn, relu, no bias", {"units": 3, "activation": "relu", "use_bias": False, "return_sequences": True}, draw(2, 4, 2))
rnn("simple_rnn, sigmoid, one step", {"units": 2, "activation": "sigmoid"}, draw(3, 1, 2))
rnn("simple_rnn, mask, sequences not asked for, no state", {"units": 2}, draw(3, 4, 2),
    mask=torch.tensor([[1, 0, 0, 0], [0, 0, 0, 1], [1, 1, 1, 1]], dtype=torch.bool))

# PyTorch's own recurrent layer must agree with the loop above where there is no mask.
check = torch.nn.RNN(2, 3, batch_first=True).double()
xx = draw(2, 4, 2)
mine, last = rnn_steps(xx, check.weight_ih_l0.t(), check.weight_hh_l0.t(), check.bias_ih_l0 + check.bias_hh_l0, torch.tanh, torch.zeros(2, 3, dtype=torch.float64))
theirs, h_n = check(xx)
assert torch.allclose(mine, theirs, atol=1e-14) and torch.allclose(last, h_n[0], atol=1e-14)


# ---------------------------------------------------------------- time_distributed

case("time_distributed dense with an activation", "TimeDistributed", {"layer": "Dense(3, activation=tanh)"}, [draw(2, 3, 2)],
     [("dense/kernel", weight(2, 3)), ("dense/bias", weight(3))], lambda x, w: ([torch.tanh(x[0] @ w[0] + w[1])], [None]))
case("time_distributed dense on rank 4", "TimeDistributed", {"layer": "Dense(2)"}, [draw(2, 3, 2, 3)],
     [("dense/kernel", weight(3, 2)), ("dense/bias", weight(2))], lambda x, w: ([x[0] @ w[0] + w[1]], [None]))
case("time_distributed flatten", "TimeDistributed", {"layer": "Flatten()"}, [draw(2, 3, 2, 2)], [],
     lambda x, w: ([x[0].reshape(2, 3, 4)], [None]))


def inner_rnn(x, w):
    b, t, s, f = x[0].shape
    seq, last = rnn_steps(x[0].reshape(b * t, s, f), w[0], w[1], w[2], torch.tanh, torch.zeros(b * t, 2, dtype=torch.float64))
    return [last.reshape(b, t, 2)], [None]


case("time_distributed simple_rnn", "TimeDistributed", {"layer": "SimpleRNN(2)"}, [draw(2, 2, 3, 2)],
     [("simple_rnn/simple_rnn_cell/kernel", weight(2, 2)), ("simple_rnn/simple_rnn_cell/recurrent_kernel", weight(2, 2)),
      ("simple_rnn/simple_rnn_cell/bias", weight(2))], inner_rnn)


# ---------------------------------------------------------------- merges

MERGES = {"Add": lambda xs: sum(xs[1:], xs[0]), "Average": lambda xs: sum(xs[1:], xs[0]) / len(xs)}


def product(xs):
    y = xs[0]
    for x in xs[1:]:
        y = y * x
    return y


MERGES["Multiply"] = product
for name, f in MERGES.items():
    case("%s of three" % name, name, {}, [draw(3, 2), draw(3, 2), draw(3, 2)], [], lambda x, w, f=f: ([f(x)], [None]))
    case("%s of two" % name, name, {}, [draw(2, 3), draw(2, 3)], [],
         lambda x, w, f=f: ([f(x)], [None]))
    case("%s of ranks 4 and 2: axes of size 1 follow the batch" % name, name, {}, [draw(2, 2, 2, 3), draw(2, 3)], [],
         lambda x, w, f=f: ([f([x[0], x[1][:, None, None, :]])], [None]))

A = torch.tensor([[1, 1, 0], [1, 0, 0]], dtype=torch.bool)
B = torch.tensor([[1, 0, 0], [0, 0, 1]], dtype=torch.bool)
C = torch.tensor([[0, 1, 0], [1, 1, 0]], dtype=torch.bool)


def masked_product(masks):
    def run(x, w):
        xs = [v if m is None else torch.where(m[..., None], v, torch.ones_like(v)) for v, m in zip(x, masks)]
        y, out = product(xs), None
        if all(m is not None for m in masks):
            out = masks[0]
            for m in masks[1:]:
                out = out | m
            y = torch.where(out[..., None], y, torch.zeros_like(y))
        return [y], [out]
    return run


for title, masks in (("three masks", [A, B, C]), ("masks on two of three", [A, None, C])):
    case("Multiply with %s" % title, "Multiply", {}, [draw(2, 3, 2), draw(2, 3, 2), draw(2, 3, 2)], [], masked_product(masks), masks=masks)
    out = None if None in masks else A | B | C
    for name in ("Add", "Average"):
        case("%s with %s" % (name, title), name, {}, [draw(2, 3, 2), draw(2, 3, 2), draw(2, 3, 2)], [],
             lambda x, w, f=MERGES[name], out=out: ([f(x)], [out]), masks=masks)

for axis, shapes in ((-1, [(2, 3), (2, 1), (2, 2)]), (1, [(2, 1, 2), (2, 3, 2)]), (-2, [(2, 2, 2), (2, 1, 2)]), (2, [(2, 2, 1, 2), (2, 2, 3, 2)])):
    case("concatenate axis %d of %d" % (axis, len(shapes)), "Concatenate", {"axis": axis}, [draw(*s) for s in shapes], [],
         lambda x, w, a=axis: ([torch.cat(x, a)], [None]))

# ---------------------------------------------------------------- shapes

case("flatten of rank 4", "Flatten", {}, [draw(2, 2, 3, 2)], [], lambda x, w: ([x[0].reshape(2, 12)], [None]))
case("flatten of a vector changes nothing", "Flatten", {}, [draw(2, 3)], [], lambda x, w: ([x[0] * 1], [None]))
case("reshape to a sequence", "Reshape", {"target_shape": [4, 3]}, [draw(2, 12)], [], lambda x, w: ([x[0].reshape(2, 4, 3)], [None]))
case("reshape to a vector", "Reshape", {"target_shape": [-1]}, [draw(2, 2, 3)], [], lambda x, w: ([x[0].reshape(2, 6)], [None]))
case("dropout when nothing is learned is the identity", "Dropout", {"rate": 0.5}, [draw(2, 3, 2)], [],
     lambda x, w: ([x[0] * 1], [M23]), masks=[M23])

# ---------------------------------------------------------------- lstm, gru, bidirectional

def lstm_step(x, states, w, f, g):
    h, c = states
    i, o_f, n, o = (x @ w[0] + h @ w[1] + (w[2] if len(w) > 2 else 0)).chunk(4, -1)
    c = g(o_f) * c + g(i) * f(n)
    return [g(o) * f(c), c]


def gru_step(x, states, w, f, g, after):
    h, = states
    b = w[2] if len(w) > 2 else torch.zeros(2 if after else 1, w[0].shape[1], dtype=torch.float64)
    b = b.reshape(-1, w[0].shape[1])
    u = h.shape[-1]
    z, r, n = (x @ w[0] + b[0]).chunk(3, -1)
    if after:
        hz, hr, hn = (h @ w[1] + b[1]).chunk(3, -1)
        z, r = g(z + hz), g(r + hr)
        n = f(n + r * hn)
    else:
        z, r = g(z + h @ w[1][:, :u]), g(r + h @ w[1][:, u:2 * u])
        n = f(n + (r * h) @ w[1][:, 2 * u:])
    return [z * h + (1 - z) * n]


def through(layer, args, x, states, w, mask, backwards, zero):
    """Every step's result in the order of processing, and the last states; masked steps by Keras's rules."""
    f, g = ACTIVATIONS[args.get("activation", "tanh")], ACTIVATIONS[args.get("recurrent_activation", "sigmoid")]
    out, previous = [], torch.zeros_like(states[0])
    for t in range(x.shape[1] - 1, -1, -1) if backwards else range(x.shape[1]):
        new = lstm_step(x[:, t], states, w, f, g) if layer == "LSTM" else gru_step(x[:, t], states, w, f, g, args.get("reset_after", True))
        o = new[0]
        if mask is not None:
            m = mask[:, t, None]
            new = [torch.where(m, a, b) for a, b in zip(new, states)]
            o = torch.where(m, o, torch.zeros_like(o) if zero else previous)
        states, previous = new, o
        out.append(o)
    return torch.stack(out, 1), states


def gated_weights(layer, args, features, prefix=""):
    u, gates = args["units"], 4 if layer == "LSTM" else 3
    rows = [2] if layer == "GRU" and args.get("reset_after", True) else []
    w = [("kernel", weight(features, gates * u)), ("recurrent_kernel", weight(u, gates * u))]
    if args.get("use_bias", True):
        w.append(("bias", weight(*rows, gates * u)))
    return [(prefix + layer.lower() + "_cell/" + n, v) for n, v in w]


def gated(title, layer, args, x, mask=None, initial=None):
    sequences = args.get("return_sequences", False)

    def run(xs, ws):
        n = 2 if layer == "LSTM" else 1
        states = xs[1:] if initial else [torch.zeros(xs[0].shape[0], args["units"], dtype=torch.float64)] * n
        seq, states = through(layer, args, xs[0], states, ws, mask, args.get("go_backwards", False), args.get("zero_output_for_mask", False))
        outs = [seq if sequences else seq[:, -1]] + (list(states) if args.get("return_state") else [])
        return outs, [mask if sequences else None] + [None] * (len(outs) - 1)
    inputs = [x] + (initial or [])
    case(title, layer, args, inputs, gated_weights(layer, args, x.shape[-1]), run,
         masks=None if mask is None else [mask] + [None] * len(initial or []),
         extra={"initial_state": list(range(1, len(inputs)))} if initial else None)


def both_ways(title, layer, args, merge, x, mask=None, initial=None):
    """`args` are the inner layer's; the fixture writes those of form beside the wrapper's, as Keras's file does."""
    sequences = args.get("return_sequences", False)

    def run(xs, ws):
        n, half = 2 if layer == "LSTM" else 1, len(ws) // 2
        zeros = [torch.zeros(xs[0].shape[0], args["units"], dtype=torch.float64)] * n
        there, s1 = through(layer, args, xs[0], xs[1:1 + n] if initial else zeros, ws[:half], mask, False, sequences)
        back, s2 = through(layer, args, xs[0], xs[1 + n:] if initial else zeros, ws[half:], mask, True, sequences)
        a, b = (there, back.flip(1)) if sequences else (there[:, -1], back[:, -1])
        outs = {"concat": [torch.cat([a, b], -1)], "sum": [a + b], "mul": [a * b], "ave": [(a + b) / 2], None: [a, b]}[merge]
        masks = [mask if sequences else None] * len(outs)
        if args.get("return_state"):
            outs, masks = outs + list(s1) + list(s2), masks + [None] * (2 * n)
        return outs, masks
    inputs = [x] + (initial or [])
    beside = {k: v for k, v in args.items() if k != "units"}
    weights = gated_weights(layer, args, x.shape[-1], "forward/") + gated_weights(layer, args, x.shape[-1], "backward/")
    case(title, "Bidirectional", dict({"layer": "%s(%d)" % (layer, args["units"])}, merge_mode=merge, **beside), inputs, weights, run,
         masks=None if mask is None else [mask] + [None] * len(initial or []),
         extra={"initial_state": list(range(1, len(inputs)))} if initial else None)


M34 = torch.tensor([[1, 1, 0, 1], [0, 1, 1, 0], [0, 0, 0, 0]], dtype=torch.bool)
ALL = {"return_sequences": True, "return_state": True}
for name, layer, more in (("lstm", "LSTM", {}), ("gru", "GRU", {}), ("gru, reset before", "GRU", {"reset_after": False})):
    n = 2 if layer == "LSTM" else 1
    gated(name + ", initial state", layer, dict(ALL, units=3, **more), draw(2, 3, 2), initial=[draw(2, 3) for _ in range(n)])
    gated(name + ", initial state and mask", layer, dict(ALL, units=2, **more), draw(3, 4, 2), M34, [draw(3, 2) for _ in range(n)])
    gated(name + ", initial state, mask, go_backwards, the last step", layer, dict(units=2, go_backwards=True, **more), draw(3, 4, 2), M34,
          [draw(3, 2) for _ in range(n)])
    gated(name + ", masked steps give 0, go_backwards", layer, dict(ALL, units=2, go_backwards=True, zero_output_for_mask=True, **more), draw(3, 4, 3), M34)
    gated(name + ", other activations", layer, dict(ALL, units=3, activation="softplus", recurrent_activation="softmax", **more), draw(2, 3, 2), None)
    gated(name + ", other activations, no bias, mask", layer, dict(units=2, activation="elu", recurrent_activation="linear", use_bias=False, **more),
          draw(3, 4, 2), M34)
    gated(name + ", 19 units, one feature", layer, dict(units=19, return_sequences=True, **more), draw(2, 3, 1))
    gated(name + ", one row, one step", layer, dict(units=1, **more), draw(1, 1, 3))
both_ways("bidirectional lstm, initial state and mask", "LSTM", dict(ALL, units=2), "ave", draw(3, 4, 2), M34, [draw(3, 2) for _ in range(4)])
both_ways("bidirectional gru, initial state, the last step", "GRU", {"units": 2}, "mul", draw(3, 4, 2), None, [draw(3, 2) for _ in range(2)])
both_ways("bidirectional gru with states, mask, both results", "GRU", dict(ALL, units=3), None, draw(3, 4, 2), M34)

# PyTorch's own layers must agree with the loops above. Its gru has the blocks r, z, n, where z keeps what ours keeps.
for layer, own in (("LSTM", torch.nn.LSTM(2, 3, batch_first=True).double()), ("GRU", torch.nn.GRU(2, 3, batch_first=True).double())):
    swap = (lambda v: v) if layer == "LSTM" else (lambda v: torch.cat([v[3:6], v[:3], v[6:]]))
    ws = [swap(own.weight_ih_l0).t(), swap(own.weight_hh_l0).t()]
    ws.append(own.bias_ih_l0 + own.bias_hh_l0 if layer == "LSTM" else torch.stack([swap(own.bias_ih_l0), swap(own.bias_hh_l0)]))
    xx = draw(4, 5, 2)
    mine, _ = through(layer, {}, xx, [torch.zeros(4, 3, dtype=torch.float64)] * 2 if layer == "LSTM" else [torch.zeros(4, 3, dtype=torch.float64)], ws,
                      None, False, False)
    assert torch.allclose(mine, own(xx)[0], rtol=1e-12, atol=1e-12)

# ---------------------------------------------------------------- more activations (behind the rest, whose draws they leave as they are)

MORE_ACTIVATIONS = {
    "celu": F.celu,
    "exponential": torch.exp,
    "hard_shrink": F.hardshrink,
    "hard_sigmoid": F.hardsigmoid,
    "hard_silu": F.hardswish,
    "hard_tanh": F.hardtanh,
    "log_sigmoid": F.logsigmoid,
    "log_softmax": lambda x: torch.log_softmax(x, -1),
    "mish": F.mish,
    "relu6": F.relu6,
    "soft_shrink": F.softshrink,
    "softsign": F.softsign,
    "sparse_plus": lambda x: torch.where(x <= -1, torch.zeros_like(x), torch.where(x < 1, (x + 1) ** 2 / 4, x)),
    "sparse_sigmoid": lambda x: torch.where(x <= -1, torch.zeros_like(x), torch.where(x >= 1, torch.ones_like(x), (x + 1) / 2)),
    "squareplus": lambda x: (x + torch.sqrt(x ** 2 + 4)) / 2,
    "tanh_shrink": F.tanhshrink,
}
for name, f in MORE_ACTIVATIONS.items():
    case("dense, %s" % name, "Dense", {"units": 3, "activation": name}, [draw(4, 2)],
         [("kernel", weight(2, 3)), ("bias", weight(3))],
         lambda x, w, f=f: ([f(x[0] @ w[0] + w[1])], [None]))
    case("activation %s on a masked sequence" % name, "Activation", {"activation": name}, [draw(2, 3, 3)], [],
         lambda x, w, f=f: ([f(x[0])], [M23]), masks=[M23])
# A row longer than what an activation works on at once.
for name in ("celu", "log_sigmoid", "log_softmax", "mish", "tanh_shrink"):
    case("activation %s on a long row" % name, "Activation", {"activation": name}, [draw(1, 270) * 2], [],
         lambda x, w, f=MORE_ACTIVATIONS[name]: ([f(x[0])], [None]))

# ---------------------------------------------------------------- subtract, maximum, minimum

def fold(f, xs, masks=None):
    """Keras's rule: one after another, masked operands left out; the mask of the result is the or of all, none where one has none."""
    y, out = xs[0], masks[0] if masks else None
    for i, x in enumerate(xs[1:], 1):
        m = masks[i] if masks else None
        if m is not None:
            x = torch.where(m[..., None], x, y)
        if out is not None:
            y = torch.where(out[..., None], y, x)
        out = out | m if out is not None and m is not None else None
        y = f(y, x)
    return [y], [out]


T1, T2, T3 = draw(3, 4), draw(3, 4), draw(3, 4)
T2.data[0] = T1.data[0]                            # equals: two, and where the next line joins in, three
T3.data[0, :2] = T1.data[0, :2]
T3.data[1] = T1.data[1]
for name, f in (("Maximum", torch.maximum), ("Minimum", torch.minimum)):
    case("%s of three" % name, name, {}, [draw(3, 2), draw(3, 2), draw(3, 2)], [], lambda x, w, f=f: fold(f, x))
    case("%s of three, some equal: the gradient is halved at each comparison" % name, name, {}, [t.detach().clone() for t in (T1, T2, T3)], [],
         lambda x, w, f=f: fold(f, x))
    case("%s of ranks 4 and 2: axes of size 1 follow the batch" % name, name, {}, [draw(2, 2, 2, 3), draw(2, 3)], [],
         lambda x, w, f=f: fold(f, [x[0], x[1][:, None, None, :]]))
    for title, masks in (("three masks", [A, B, C]), ("masks on two of three", [A, None, C]), ("a mask on the last", [None, None, C])):
        case("%s with %s" % (name, title), name, {}, [draw(2, 3, 2), draw(2, 3, 2), draw(2, 3, 2)], [],
             lambda x, w, f=f, m=masks: fold(f, x, m), masks=masks)
case("Subtract of two", "Subtract", {}, [draw(2, 3), draw(2, 3)], [], lambda x, w: ([x[0] - x[1]], [None]))
case("Subtract of ranks 2 and 4: axes of size 1 follow the batch", "Subtract", {}, [draw(2, 3), draw(2, 2, 2, 3)], [],
     lambda x, w: ([x[0][:, None, None, :] - x[1]], [None]))
case("Subtract with two masks", "Subtract", {}, [draw(2, 3, 2), draw(2, 3, 2)], [], lambda x, w: ([x[0] - x[1]], [A | B]), masks=[A, B])

# ---------------------------------------------------------------- layer normalization

def layer_norm(x, args, gamma, beta):
    """Over axes of one sample. Where they are the last ones and nothing else is asked for, PyTorch's own function must agree."""
    axes = args.get("axis", -1)
    axes = sorted(a % x.dim() for a in (axes if isinstance(axes, list) else [axes]))
    wide = [x.shape[i] if i in axes else 1 for i in range(x.dim())]
    v, m = torch.var_mean(x, axes, unbiased=False, keepdim=True)
    epsilon = args.get("epsilon", 1e-3)
    y = (x if args.get("rms_scaling") else x - m) / torch.sqrt(v + epsilon)
    y = y if gamma is None else y * gamma.reshape(wide)
    y = y if beta is None else y + beta.reshape(wide)
    if axes == list(range(x.dim() - len(axes), x.dim())) and not args.get("rms_scaling"):
        shape = [x.shape[a] for a in axes]
        own = F.layer_norm(x, shape, *(None if w is None else w.reshape(shape) for w in (gamma, beta)), eps=epsilon)
        assert torch.allclose(y, own, atol=1e-12)
    return y


def ln(title, args, x, mask=None):
    axes = args.get("axis", -1)
    shape = [x.shape[a] for a in (axes if isinstance(axes, list) else [axes])]
    weights = []
    if args.get("scale", True) or args.get("rms_scaling"):
        weights.append(("gamma", weight(*shape)))
    if args.get("center", True) and not args.get("rms_scaling"):
        weights.append(("beta", weight(*shape)))

    def run(xs, ws):
        named = dict(zip([n for n, _ in weights], ws))
        return [layer_norm(xs[0], args, named.get("gamma"), named.get("beta"))], [mask]
    case(title, "LayerNormalization", args, [x], weights, run, masks=None if mask is None else [mask])


ln("layer_normalization on vectors", {}, draw(4, 5))
ln("layer_normalization of one feature: the result is beta", {}, draw(3, 2, 1))
ln("layer_normalization on a masked sequence: the mask goes on, the values do not see it", {"epsilon": 0.01}, draw(2, 3, 4), mask=M23)
ln("layer_normalization over the steps", {"axis": 1}, draw(2, 5, 3))
ln("layer_normalization over the steps, no center", {"axis": [-2], "center": False}, draw(2, 5, 3))
ln("layer_normalization over axes that are not neighbours", {"axis": [1, 3]}, draw(2, 3, 2, 4))
ln("layer_normalization over all axes of rank 4, no weights", {"axis": [1, 2, 3], "center": False, "scale": False}, draw(2, 3, 2, 4))
ln("layer_normalization, rms_scaling over the steps", {"axis": 1, "rms_scaling": True, "scale": False}, draw(2, 5, 3))
ln("layer_normalization of numbers far from 0", {}, (draw(3, 40) + 1000).float().double())
ln("layer_normalization on 70 features", {}, draw(2, 3, 70))

# ---------------------------------------------------------------- prelu

for title, args, x in (("prelu on vectors", {}, draw(4, 5)), ("prelu shared over the steps", {"shared_axes": [1]}, draw(3, 4, 2)),
                       ("prelu, each step and feature for itself", {}, draw(3, 4, 2)),
                       ("prelu with one slope for all", {"shared_axes": [1, 2, 3]}, draw(2, 2, 3, 2)),
                       ("prelu shared over the middle axis", {"shared_axes": [2]}, draw(2, 2, 3, 2))):
    x.data.view(-1)[1] = 0.0                       # the derivative there is 0: relu(x) - alpha relu(-x), as Keras writes it
    shape = [1 if i + 1 in args.get("shared_axes", []) else n for i, n in enumerate(x.shape[1:])]
    case(title, "PReLU", args, [x], [("alpha", weight(*shape))],
         lambda x, w: ([torch.relu(x[0]) - w[0] * torch.relu(-x[0])], [None]))

# ---------------------------------------------------------------- the formulas above against Keras's own figures

def agree_with_keras():
    """The same functions, fed with the Keras fixture's recurrent, normalization and masked merge cases, give its outputs."""
    with open(os.path.join(HERE, "..", "fixtures", "keras", "units", "layers.json"), encoding="utf-8") as f:
        cases = json.load(f)["cases"]
    agreed = 0
    for c in cases:
        x = [torch.tensor(i, dtype=torch.float64) for i in c["inputs"]]
        masks = [None if m is None else torch.tensor(m, dtype=torch.bool) for m in c.get("masks", [None] * len(x))]
        w = {v["name"]: torch.tensor(v["value"], dtype=torch.float64) for v in c["weights"]}
        a = c["args"]
        if c["layer"] == "SimpleRNN":
            k, r, b = (w["simple_rnn_cell/" + n] for n in ("kernel", "recurrent_kernel", "bias"))
            seq, h = rnn_steps(x[0], k, r, b, torch.tanh, torch.zeros(x[0].shape[0], a["units"], dtype=torch.float64), masks[0], a.get("go_backwards", False))
            got = [seq if a["return_sequences"] else seq[:, -1], h]
        elif c["layer"] in ("LSTM", "GRU") and not set(a.values()) & {"hard_sigmoid"}:
            zeros = torch.zeros(x[0].shape[0], a["units"], dtype=torch.float64)
            seq, states = through(c["layer"], a, x[0], [zeros] * (2 if c["layer"] == "LSTM" else 1), list(w.values()), masks[0],
                                  a.get("go_backwards", False), a.get("zero_output_for_mask", False))
            got = [seq if a.get("return_sequences") else seq[:, -1]] + (list(states) if a.get("return_state") else [])
        elif c["layer"] == "BatchNormalization":
            m, v = statistics(x[0], -1, masks[0]) if c["training"] and a.get("trainable", True) else (
                w.get("moving_mean"), w.get("moving_variance"))
            got = [batch_norm(x[0], w.get("gamma"), w.get("beta"), m, v, x[0].dim() - 1, a.get("epsilon", 1e-3))]
        elif c["layer"] == "LayerNormalization":
            got = [layer_norm(x[0], a, w.get("gamma"), w.get("beta"))]
        elif c["layer"] == "Multiply" and "masks" in c:
            got = masked_product(masks)(x, [])[0]
        elif c["layer"] in ("Maximum", "Minimum") and "masks" in c:
            got = fold(torch.maximum if c["layer"] == "Maximum" else torch.minimum, x, masks)[0]
        else:
            continue
        for g, e in zip(got, c["outputs"]):
            assert torch.allclose(g, torch.tensor(e, dtype=torch.float64), rtol=1e-5, atol=1e-6), c["title"]
        agreed += 1
    print("%d cases of the Keras fixture recomputed, all agree" % agreed)


agree_with_keras()
write("layers.json", {
    "made_by": "layers_torch.py, PyTorch %s, float64" % torch.__version__,
    "note": "The form of the Keras fixture units/layers.json: outputs of a layer with the listed weights; masks (1 = valid) belong to the inputs in order; "
            "output_masks: what the output carries (null: none). upstream: the gradient of a scalar with respect to the outputs; input_gradients (of the inputs that "
            "are not ids) and weight_gradients (of the weights that are trained) follow from it. initial_state: which inputs are given as initial_state. Computed in float64, "
            "written as float32.",
    "cases": CASES}, depth=2)
