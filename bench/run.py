#!/usr/bin/env python3
"""The benchmark: nnl beside PyTorch and pandas, one table with ratios.

    bench/run.py [--nnl build/nnl] [--only ROW,…] [--seeds N] [--busy-ok] [--peer-only]

Both sides run in turn (nnl, PyTorch with one thread, PyTorch with two BLAS threads; then the next seed), as processes of
their own; the figures are medians, and the better of the two PyTorch settings counts. A row counts only if nothing else used the cores
meanwhile, else it says "not measured" (--busy-ok prints such figures too, marked). Never a test: it fails only if something cannot run.
README.md beside this file says what each row compares.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
WORK = os.path.join(HERE, "..", "build", "bench")
PYTHON = "/usr/bin/python3"                        # Debian's, which sees python3-torch
PEERS = {"1 thread": {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
         "2 BLAS threads": {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "2"}}
FOREIGN = 0.10                                     # cores that others may use before a row does not count
LOSS = 0.05                                        # how far the two final losses may lie apart

SMALL = """data d from "small.csv" {{
    target   y
    features all
}}
model m {{
    input x
    dense(64, relu)
    dropout(0.3)
    dense(32, relu)
    dropout(0.3)
    dense(1)
}}
train m on d {{
    epochs    {epochs}
    batch     32
    optimizer adam
    loss      mse
}}
"""
PAIR = """data d from "pair.csv" {{
    features left: a1, a2, a3, a4, a5
    features right: b1, b2, b3, b4, b5, b6, b7, b8
    target   y
}}
model m {{
    input left
    input right
    a = left  -> dense(10, relu)
    b = right -> dense(20, relu)
    output y = concatenate(a, b) -> dense(8, relu) -> dense(1)
}}
train m on d {{
    epochs    {epochs}
    batch     32
    optimizer adam
    loss      mse
}}
"""
DIGITS = """data d from "digits.csv" {{
    target   y as class
    features all
}}
model m {{
    input x
    dense(512, relu)
    dense(512, relu)
    dense(10, softmax)
}}
train m on d {{
    epochs    {epochs}
    batch     128
    optimizer adam
    loss      sparse_categorical_crossentropy
}}
"""
WIDE = """data d from "wide.csv" {{
    target   y
    features all
}}
model m {{
    input x
    dense(4096, relu)
    dense(4096, relu)
    dense(1024, relu)
    dense(1)
}}
train m on d {{
    epochs    {epochs}
    batch     256
    optimizer adam(learning_rate=0.00001)
    loss      mse
}}
"""
RNN = """data d from "rnn.csv" {{
    order    as given
    features y
    target   y ahead 1
    window   3
}}
model m {{
    input x
    simple_rnn(16, return_sequences=true)
    simple_rnn(8, return_sequences=true)
    flatten
    dense(8, relu)
    dense(1)
}}
train m on d {{
    epochs    {epochs}
    batch     32
    optimizer adam
    loss      mse
}}
"""
LSTM = """data d from "lstm.csv" {{
    order    as given
    features all except y
    target   y ahead 1
    window   48
}}
model m {{
    input x
    lstm(64)
    dense(1)
}}
train m on d {{
    epochs    {epochs}
    batch     64
    optimizer adam
    loss      mse
}}
"""
GRU = """data d from "gru.csv" {{
    order    as given
    features all except y
    target   y ahead 1
    window   96
}}
model m {{
    input x
    gru(128, return_sequences=true)
    gru(128)
    dense(1)
}}
train m on d {{
    epochs    {epochs}
    batch     64
    optimizer adam
    loss      mse
}}
"""
TABLE = """data d from "table.csv" {
    target   c20
    features all
}
"""
MODELS = """data d from "ten.csv" {
    target   y
    features all
}
model large {
    input x
    dense(5000, relu)
    dense(5000, relu)
    dense(1)
}
model small {
    input x
    dense(64, relu)
    dense(32, relu)
    dense(1)
}
train large on d {
    epochs    1
    optimizer sgd
}
train small on d {
    epochs    1
}
save large to "large.keras"
save small to "small.keras"
"""
AGAIN = """model large from "large.keras"
save large to "again.keras"
"""
# name: title, data, script, epochs, wanted, reached by hand
EPOCH_ROWS = {
    "small": ("epoch of 12-64-32-1, relu, dropout 0.3, 10,000 rows, batch 32", "small", SMALL, 20, 30, "52"),
    "pair": ("epoch of two inputs 5 and 8 -> 10 and 20 -> 8 -> 1, 10,000 rows, batch 32", "pair", PAIR, 20, 100, "160"),
    "digits": ("epoch of 784-512-512-10 softmax, 20,000 rows, batch 128", "digits", DIGITS, 5, 1.8, "2.1-2.7"),
    "wide": ("epoch of 1024-4096-4096-1024-1, 8,192 rows, batch 256", "wide", WIDE, 2, 1.7, "2.0"),
    "rnn": ("epoch of simple_rnn 16 -> 8 -> dense 8 -> 1 over 3 x 1, 5,000 windows, batch 32", "rnn", RNN, 20, 45, "70"),
    "lstm": ("epoch of lstm 64 -> 1 over 48 x 8, 10,000 windows, batch 64", "lstm", LSTM, 3, 5, "6.2"),
    "gru": ("epoch of gru 128 -> 128 -> 1 over 96 x 16, 4,000 windows, batch 64", "gru", GRU, 2, 2.6, "3.0"),
}
ALL_ROWS = ["small", "whole", "pair", "digits", "wide", "rnn", "lstm", "gru", "threads", "csv", "file", "help"]


# ---------------------------------------------------------------- running and watching

def busy_seconds():
    """Processor seconds that the whole machine has spent so far (time stolen by the host included)."""
    with open("/proc/stat") as f:
        t = [int(x) for x in f.readline().split()[1:]]
    return (sum(t[:3]) + sum(t[5:8])) / os.sysconf("SC_CLK_TCK")


class Watch:
    """How many cores others used between begin and end."""

    def __init__(self):
        self.own, self.wall, self.busy = own_seconds(), time.monotonic(), busy_seconds()

    def foreign(self):
        wall = time.monotonic() - self.wall
        return max(0.0, (busy_seconds() - self.busy) - (own_seconds() - self.own)) / max(wall, 1e-9)


def own_seconds():
    t = os.times()
    return t.user + t.system + t.children_user + t.children_system


def run(command, environment=None, want_output=False):
    """-> (exit code, wall, processor seconds, peak KiB, standard output)"""
    report = os.path.join(WORK, "measured")
    env = dict(os.environ, **(environment or {}))
    done = subprocess.run([os.path.join(WORK, "measure"), report] + command, cwd=WORK, env=env, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE if want_output else subprocess.DEVNULL, stderr=subprocess.PIPE)
    with open(report) as f:
        code, wall, cpu, peak = f.read().split()
    if int(code) != 0:
        raise RuntimeError("%s ended with %s: %s" % (" ".join(command), code, done.stderr.decode("utf-8", "replace")[-800:]))
    return int(code), float(wall), float(cpu), int(peak), (done.stdout or b"").decode()


def run_nnl(options, script, seed, threads=None):
    log = os.path.join(WORK, "log.jsonl")
    if os.path.exists(log):
        os.unlink(log)
    more = ["--threads", str(threads)] if threads else []
    _, wall, _, peak, _ = run([options.nnl, "run", "--quiet", "--seed", str(seed), "--log", log] + more + [script])
    seconds, loss = [], None
    with open(log, encoding="utf-8") as f:
        for line in f:
            event = json.loads(line)
            if event["event"] == "epoch":
                seconds.append(event["seconds"])
                loss = event["loss"]
    return {"epoch": statistics.median(seconds), "loss": loss, "wall": wall, "peak": peak}


def run_peer(mode, what, row, epochs, seed, data):
    _, wall, _, peak, out = run([PYTHON, os.path.join(HERE, "peer.py"), what, row, str(epochs), str(seed), data], PEERS[mode], True)
    answer = json.loads(out)
    return {"epoch": statistics.median(answer["seconds"]), "loss": answer["loss"], "wall": wall, "peak": peak}


def script_for(name, text, epochs):
    path = os.path.join(WORK, name + ".nnl")
    with open(path, "w", encoding="utf-8") as f:
        f.write(text.format(epochs=epochs) if epochs else text)
    return path


def need_data(name):
    if not os.path.exists(os.path.join(WORK, name + ".csv")):
        print("drawing build/bench/%s.csv" % name, file=sys.stderr)
        subprocess.run([PYTHON, os.path.join(HERE, "make_data.py"), WORK, name], check=True)


def median_of(runs, key):
    return statistics.median(r[key] for r in runs)


# ---------------------------------------------------------------- rows

def in_turn(options, jobs):
    """jobs: name -> function of the seed. Runs them in turn for each seed -> name -> list of results, and the foreign load."""
    watch = Watch()
    results = {name: [] for name in jobs}
    for seed in range(1, options.seeds + 1):
        for name, job in jobs.items():
            results[name].append(job(seed))
            print(".", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return results, watch.foreign()


def training(options, name, whole):
    """One row of epochs, or the row from script to trained model. -> list of table rows"""
    title, data, text, epochs, wanted, by_hand = EPOCH_ROWS["small" if whole else name]
    need_data(data)
    script = script_for(name, text, epochs)
    jobs = {} if options.peer_only else {"nnl": lambda seed: run_nnl(options, script, seed)}
    source = os.path.join(WORK, data + (".csv" if whole else ".npy"))
    for mode in PEERS:
        jobs[mode] = lambda seed, mode=mode: run_peer(mode, "whole" if whole else "train", data, epochs, seed, source)
    results, foreign = in_turn(options, jobs)
    key = "wall" if whole else "epoch"
    better = min(PEERS, key=lambda mode: median_of(results[mode], key))
    peer = results[better]
    if options.peer_only:
        for mode in PEERS:
            print("%s, %s: %.4f s, losses %s" % (name, mode, median_of(results[mode], key), " ".join("%.4f" % r["loss"] for r in results[mode])))
        return []
    mine = results["nnl"]
    a, b = median_of(mine, "loss"), median_of(peer, "loss")
    remark = "loss %.4g, peer %.4g%s; peer: %s" % (a, b, "" if abs(a - b) <= LOSS * abs(b) else " (MORE THAN 5 % APART)", better)
    rows = [row_of("script to trained model, 20 epochs of 12-64-32-1, CSV included" if whole else title,
                   seconds(median_of(mine, key)), seconds(median_of(peer, key)), median_of(peer, key) / median_of(mine, key),
                   ">= 50" if whole else ">= %g" % wanted, "80" if whole else by_hand, remark, foreign)]
    if whole:
        rows.append(row_of("peak memory of the same", "%.1f MB" % (median_of(mine, "peak") / 1024), "%.0f MB" % (median_of(peer, "peak") / 1024),
                           median_of(peer, "peak") / median_of(mine, "peak"), ">= 10", "45", "", foreign))
    return rows


def threads_rows(options):
    """Two threads beside one, of the recurrent nets that are worth it."""
    rows = []
    for name in () if options.peer_only else ("lstm", "gru"):
        _, data, text, epochs, _, _ = EPOCH_ROWS[name]
        need_data(data)
        script = script_for(name, text, epochs)
        jobs = {n: lambda seed, n=n: run_nnl(options, script, seed, n) for n in (1, 2)}
        results, foreign = in_turn(options, jobs)
        one, two = (median_of(results[n], "epoch") for n in (1, 2))
        same = all(a["loss"] == b["loss"] for a, b in zip(results[1], results[2]))
        rows.append(row_of("two threads beside one, %s" % name, seconds(two), seconds(one), one / two, ">= 1.7", "-",
                           "nnl both times" + ("" if same else "; LOSSES DIFFER"), foreign))
    return rows


def csv_row(options):
    need_data("table")
    script = script_for("table", TABLE, None)
    megabytes = os.path.getsize(os.path.join(WORK, "table.csv")) / 1e6
    jobs = {} if options.peer_only else {"nnl": lambda seed: run([options.nnl, "check", script])[1]}

    def peer(seed):
        return json.loads(run([PYTHON, os.path.join(HERE, "peer.py"), "read", os.path.join(WORK, "table.csv")], PEERS["1 thread"], True)[4])["seconds"]
    jobs["pandas"] = peer
    results, foreign = in_turn(options, jobs)
    ways = {way: statistics.median(r[way] for r in results["pandas"]) for way in results["pandas"][0]}
    if options.peer_only:
        print("csv: %s" % ways)
        return []
    mine = statistics.median(results["nnl"])
    (plain, peer_seconds), (typed, typed_seconds) = ways.items()
    return [row_of("CSV of 1,000,000 x 20 numbers (%.0f MB) to float32" % megabytes, seconds(mine), seconds(peer_seconds), peer_seconds / mine, ">= 5", "7.9",
                   "whole `nnl check`; the call of %s alone, %s %.1f x" % (plain, typed, typed_seconds / mine), foreign)]


def file_rows(options):
    """Model files: loading and saving a large one beside `cp` of the same bytes, and what a prediction takes that loads a small one."""
    if options.peer_only:
        return []
    with open(os.path.join(WORK, "ten.csv"), "w", encoding="utf-8") as f:
        f.write("x1,x2,y\n" + "".join("%d,%d,%d\n" % (i * 7 % 10, i * 3 % 10, i * i % 10) for i in range(10)))
    run([options.nnl, "run", "--quiet", script_for("models", MODELS, None)])
    again = script_for("again", AGAIN, None)
    commands = {"load": [options.nnl, "summary", "large.keras"], "copy": ["cp", "large.keras", "copy.keras"],
                "save": [options.nnl, "run", "--quiet", again], "flush": ["sh", "-c", "cp large.keras copy.keras && sync copy.keras ."],
                "predict": [options.nnl, "predict", "small.keras", "ten.csv"]}

    def job(command):
        for name in "copy.keras", "again.keras":
            if os.path.exists(os.path.join(WORK, name)):
                os.unlink(os.path.join(WORK, name))
        return run(command)
    results, foreign = in_turn(options, {name: lambda seed, command=command: job(command) for name, command in commands.items()})
    wall = {name: statistics.median(r[1] for r in results[name]) for name in commands}
    peak = {name: statistics.median(r[3] for r in results[name]) / 1024 for name in commands}
    size = os.path.getsize(os.path.join(WORK, "large.keras")) / 1e6
    for name in "large.keras", "copy.keras", "again.keras":
        if os.path.exists(os.path.join(WORK, name)):
            os.unlink(os.path.join(WORK, name))
    return [row_of("load a model file of %.0f MB (`nnl summary`)" % size, seconds(wall["load"]), seconds(wall["copy"]), wall["copy"] / wall["load"],
                   ">= 0.4", "-", "peer: `cp` of it; peak memory %.0f MB" % peak["load"], foreign),
            row_of("load it and save it again, flushed to the disk", seconds(wall["save"]), seconds(wall["flush"]), wall["flush"] / wall["save"],
                   ">= 0.4", "-", "peer: `cp`, flushed likewise; peak memory %.0f MB" % peak["save"], foreign),
            row_of("`nnl predict` of 2-64-32-1 on 10 rows", "%.1f ms" % (wall["predict"] * 1e3), "", None, "<= 30 ms", "-", "", foreign)]


def help_row(options):
    watch = Watch()
    times = [run([options.nnl, "--help"])[1] for _ in range(41)]
    return [row_of("`nnl --help`", "%.1f ms" % (statistics.median(times) * 1e3), "", None, "<= 10 ms", "2.2 ms", "median of 41", watch.foreign())]


def seconds(s):
    return "%.2f ms" % (s * 1e3) if s < 0.1 else "%.2f s" % s


def row_of(title, mine, peer, ratio, wanted, by_hand, remark, foreign):
    return {"title": title, "nnl": mine, "peer": peer, "ratio": ratio, "wanted": wanted, "by_hand": by_hand, "remark": remark, "foreign": foreign}


def print_table(options, rows):
    cells = [["row", "nnl", "peer", "ratio", "wanted", "[by hand]", "remark"]]
    for r in rows:
        busy = r["foreign"] > FOREIGN
        note = "others used %.2f cores" % r["foreign"] if busy else ""
        if busy and not options.busy_ok:
            cells.append([r["title"], "not measured", "", "", r["wanted"], "[%s]" % r["by_hand"], note])
        else:
            ratio = "" if r["ratio"] is None else "%.1f x" % r["ratio"]
            cells.append([r["title"], r["nnl"] + (" (busy)" if busy else ""), r["peer"], ratio, r["wanted"], "[%s]" % r["by_hand"],
                          "; ".join(x for x in (r["remark"], note) if x)])
    width = [max(len(row[i]) for row in cells) for i in range(len(cells[0]))]
    for k, row in enumerate(cells):
        print("| " + " | ".join(c.ljust(w) for c, w in zip(row, width)) + " |")
        if k == 0:
            print("|" + "|".join("-" * (w + 2) for w in width) + "|")


def main():
    parser = argparse.ArgumentParser(description="nnl beside PyTorch and pandas: one table with ratios")
    parser.add_argument("--nnl", default=os.path.join(HERE, "..", "build", "nnl"))
    parser.add_argument("--only", default=",".join(ALL_ROWS), help="rows, of: " + ", ".join(ALL_ROWS))
    parser.add_argument("--seeds", type=int, default=5, help="how often each side runs (default 5)")
    parser.add_argument("--busy-ok", action="store_true", help="print figures although others use the cores")
    parser.add_argument("--peer-only", action="store_true", help="run the peer alone and print its figures")
    options = parser.parse_args()
    options.nnl = os.path.abspath(options.nnl)
    chosen = options.only.split(",")
    for row in chosen:
        if row not in ALL_ROWS:
            parser.error("no row is called %s" % row)
    if not options.peer_only and not os.access(options.nnl, os.X_OK):
        print("bench: cannot run %s" % options.nnl, file=sys.stderr)
        return 2
    os.makedirs(WORK, exist_ok=True)
    subprocess.run([os.environ.get("CC", "cc"), "-O2", "-D_GNU_SOURCE", "-o", os.path.join(WORK, "measure"), os.path.join(HERE, "measure.c")], check=True)
    if subprocess.run([PYTHON, "-c", "import torch, pandas"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode != 0:
        print("bench: needs python3-torch and python3-pandas (Debian's, for %s) and libopenblas0-pthread" % PYTHON, file=sys.stderr)
        return 2
    peer = json.loads(run([PYTHON, os.path.join(HERE, "peer.py"), "blas"], PEERS["1 thread"], True)[4])
    print("peer: PyTorch %(torch)s, pandas %(pandas)s, NumPy %(numpy)s" % peer + ", on " + ", ".join(peer["libraries"]))
    if not any("openblas" in n for n in peer["libraries"]):
        print("bench: PyTorch does not run on OpenBLAS, so that every ratio would flatter nnl.\n"
              "       apt-get install libopenblas0-pthread, or choose it with update-alternatives --config libblas.so.3-x86_64-linux-gnu", file=sys.stderr)
        return 2
    print("machine: %s, %d cores; load %s" % (processor(), os.cpu_count(), open("/proc/loadavg").read().split()[0]))
    rows = []
    for row in chosen:
        print("%s " % row, end="", file=sys.stderr, flush=True)
        others = {"help": help_row, "csv": csv_row, "threads": threads_rows, "file": file_rows}
        rows += others[row](options) if row in others else training(options, row, row == "whole")
    print(file=sys.stderr)
    if rows:
        print_table(options, rows)
        with open(os.path.join(WORK, "results.json"), "w") as f:
            json.dump({"peer": peer, "rows": rows}, f, indent=1)
    return 0


def processor():
    with open("/proc/cpuinfo") as f:
        for line in f:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return "unknown processor"


if __name__ == "__main__":
    sys.exit(main())
