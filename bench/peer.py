#!/usr/bin/env python3
"""The peer of one row of the benchmark: the same training in PyTorch, or the same file in pandas.

    peer.py train ROW EPOCHS SEED DATA.npy      figures are loaded ready-made; only the epochs are timed
    peer.py whole ROW EPOCHS SEED DATA.csv      pandas reads the table: from nothing to a trained model
    peer.py read DATA.csv                       the call of pandas.read_csv alone, with and without a type given
    peer.py blas                                which BLAS library PyTorch runs on

Prints one JSON object. As lean as PyTorch gets without leaving it: no DataLoader (one gather of the shuffled rows an epoch, then
slices), gradients set to none, Adam over all tensors at once (foreach), the loss summed without reading it back.
Threads come from the environment: OMP_NUM_THREADS for PyTorch's own, OPENBLAS_NUM_THREADS for its BLAS.
"""
import json
import os
import sys
import time


def keras_start(module):
    """Keras's initial weights, so that both sides start alike: glorot uniform, orthogonal, zeros, ones for the forget gate."""
    import torch
    for name, p in module.named_parameters():
        if "weight_hh" in name:
            torch.nn.init.orthogonal_(p)
        elif p.dim() > 1:
            torch.nn.init.xavier_uniform_(p)
        else:
            torch.nn.init.zeros_(p)
    for layer in module.modules():
        if isinstance(layer, torch.nn.LSTM):       # the forget gate's, the second of four blocks
            layer.bias_ih_l0.data[layer.hidden_size:2 * layer.hidden_size] = 1
    return module


def build(row):
    """-> module, columns of each input, loss, batch, learning rate, whether the target is a class, steps of a window or 0"""
    import torch
    from torch import nn
    import torch.nn.functional as F

    class Pair(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b, self.c, self.d = nn.Linear(5, 10), nn.Linear(8, 20), nn.Linear(30, 8), nn.Linear(8, 1)

        def forward(self, x, z):
            return self.d(F.relu(self.c(torch.cat((F.relu(self.a(x)), F.relu(self.b(z))), 1))))

    class Steps(nn.Module):
        """Recurrent layers, then a dense one on the last step, or on all."""
        def __init__(self, layers, last, rest):
            super().__init__()
            self.layers, self.last, self.rest = nn.ModuleList(layers), last, rest

        def forward(self, x):
            for layer in self.layers:
                x = layer(x)[0]
            return self.rest(x[:, -1] if self.last else x.flatten(1))

    def plain(*sizes, dropout=0.0):
        layers = []
        for i, (a, b) in enumerate(zip(sizes, sizes[1:])):
            layers.append(nn.Linear(a, b))
            if i < len(sizes) - 2:
                layers.append(nn.ReLU())
                if dropout:
                    layers.append(nn.Dropout(dropout))
        return nn.Sequential(*layers)

    if row == "rnn":
        layers = [nn.RNN(1, 16, batch_first=True), nn.RNN(16, 8, batch_first=True)]
        rest = nn.Sequential(nn.Linear(24, 8), nn.ReLU(), nn.Linear(8, 1))
        return Steps(layers, False, rest), [(0, 1)], F.mse_loss, 32, 0.001, False, 3
    if row == "lstm":
        return Steps([nn.LSTM(8, 64, batch_first=True)], True, nn.Linear(64, 1)), [(0, 8)], F.mse_loss, 64, 0.001, False, 48
    if row == "gru":
        return Steps([nn.GRU(16, 128, 2, batch_first=True)], True, nn.Linear(128, 1)), [(0, 16)], F.mse_loss, 64, 0.001, False, 96
    if row == "small":
        return plain(12, 64, 32, 1, dropout=0.3), [(0, 12)], F.mse_loss, 32, 0.001, False, 0
    if row == "pair":
        return Pair(), [(0, 5), (5, 13)], F.mse_loss, 32, 0.001, False, 0
    if row == "digits":
        return plain(784, 512, 512, 10), [(0, 784)], F.cross_entropy, 128, 0.001, True, 0
    return plain(1024, 4096, 4096, 1024, 1), [(0, 1024)], F.mse_loss, 256, 0.00001, False, 0


def train(row, epochs, seed, table):
    import torch
    torch.manual_seed(seed)
    net, groups, loss_of, batch, rate, classes, steps = build(row)
    keras_start(net)
    data = torch.from_numpy(table)
    inputs = [data[:, a:b].contiguous() for a, b in groups]
    target = data[:, -1].long() if classes else data[:, -1:].contiguous()
    if steps:                                      # views of the one table, and the row behind each window
        inputs = [x.unfold(0, steps, 1)[:-1].transpose(1, 2) for x in inputs]
        target = target[steps:]
    optimizer = torch.optim.Adam(net.parameters(), lr=rate, eps=1e-7, foreach=True)
    n, seconds, losses = len(target), [], []
    net.train()
    for _ in range(epochs):
        begin = time.perf_counter()
        order = torch.randperm(n)
        shuffled, wanted = [x[order] for x in inputs], target[order]
        total = torch.zeros(())
        for i in range(0, n, batch):
            y = wanted[i:i + batch]
            optimizer.zero_grad(set_to_none=True)
            loss = loss_of(net(*[x[i:i + batch] for x in shuffled]), y)
            loss.backward()
            optimizer.step()
            total += loss.detach() * len(y)
        losses.append(total.item() / n)
        seconds.append(time.perf_counter() - begin)
    return {"seconds": seconds, "loss": losses[-1]}


def main():
    what = sys.argv[1]
    if what == "blas":
        import numpy
        import torch
        torch.mm(torch.ones(64, 64), torch.ones(64, 64))
        with open("/proc/self/maps") as f:
            names = sorted({os.path.basename(l.split()[-1]) for l in f if "blas" in l})
        import pandas
        answer = {"libraries": names, "torch": torch.__version__, "pandas": pandas.__version__, "numpy": numpy.__version__}
    elif what == "read":
        import numpy
        import pandas
        seconds = {}
        for name, arguments in (("read_csv", {}), ("read_csv(dtype=float32)", {"dtype": numpy.float32})):
            begin = time.perf_counter()
            table = pandas.read_csv(sys.argv[2], **arguments)
            seconds[name] = time.perf_counter() - begin
        answer = {"seconds": seconds, "shape": table.shape}
    else:
        row, epochs, seed, path = sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5]
        import numpy
        if what == "whole":
            import pandas
            table = pandas.read_csv(path).to_numpy(numpy.float32)
        else:
            table = numpy.load(path)
        answer = train(row, epochs, seed, table)
    print(json.dumps(answer))


main()
