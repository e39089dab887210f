#!/usr/bin/env python3
"""Files saved by nnl, read by keras_peer.py: check_keras.py FOLDER.

FOLDER holds NAME.keras with inputs NAME.in_K.csv and nnl's answers NAME.out_K.csv. Each file must pass the peer's check, and the peer must
predict what nnl predicted, within 1e-5 relative + 1e-6 absolute. many.h5 must hold the 9,000 numbers of one group, each under its own name."""
import contextlib
import glob
import io
import os
import sys

import h5py
import numpy as np

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import keras_peer as peer


def judge(path):
    """-> (faults, layers, largest difference, in units of what is allowed)"""
    peer.FAULTS.clear()
    peer.NOTES.clear()
    base = path[: -len(".keras")]
    inputs = sorted(glob.glob(base + ".in_*.csv"), key=lambda p: int(p.split("_")[-1][:-4]))
    outputs = sorted(glob.glob(base + ".out_*.csv"), key=lambda p: int(p.split("_")[-1][:-4]))
    layers, largest, over = 0, 0.0, 0.0
    try:
        config, store = peer.read_zip(path)
        model, _ = peer.verify(config, store)
        peer.check_optimizer(config, model, store)
        peer.check_compile(config, model)
        layers = len(model.layers)
        if not peer.FAULTS:
            text = io.StringIO()
            with contextlib.redirect_stderr(io.StringIO()):
                peer.predict(model, inputs, text)
            got = np.array([[float(v) for v in line.split(",")] for line in text.getvalue().split()])
            want = np.hstack([np.loadtxt(p, delimiter=",", ndmin=2) for p in outputs])
            if got.shape != want.shape:
                peer.fault(path, "predictions of shape %s, ours have %s" % (got.shape, want.shape))
            else:
                difference = np.abs(got - want)
                largest = float(difference.max(initial=0))
                over = float((difference / (1e-6 + 1e-5 * np.abs(got))).max(initial=0))
                if not over <= 1:
                    peer.fault(path, "predicts something else: difference %.3g" % largest)
    except peer.Fault as e:
        peer.fault(path, str(e))
    except Exception as e:  # a judge that stumbles over a file has found something wrong with it
        peer.fault(path, "cannot be judged: %s: %s" % (type(e).__name__, e))
    return list(peer.FAULTS), layers, largest, over


def main():
    passed = failed = 0
    for path in sorted(glob.glob(os.path.join(sys.argv[1], "*.keras"))):
        faults, layers, largest, over = judge(path)
        name = os.path.basename(path)
        print("  %-40s %2d layers  largest difference %.2e (%.3f of what is allowed)" % (name, layers, largest, over))
        for place, text in faults:
            print("    %s: %s" % (place, text))
        if faults:
            failed += 1
        else:
            passed += 1
    with h5py.File(os.path.join(sys.argv[1], "many.h5"), "r") as f:
        numbers = f["optimizer/vars"]
        if len(numbers) == 9000 and all(numbers[str(i)][()] == i for i in range(9000)):
            passed += 1
        else:
            print("  many.h5: the library does not find every number under its name")
            failed += 1
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
