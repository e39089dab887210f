#!/usr/bin/env python3
"""Windows, folds and forecasts as whole programs, each against the same thing done by hand:

- scores of an evaluation are worked out anew here, in double precision, from the predictions written to a file and the table's own values;
  so are the naive forecasts, straight from the table;
- a fold is trained once more by a script that splits the table where the fold does, with the seed of that fold, and must give the same bits;
- a forecast is done row by row: the rows said so far are appended to the table, and `predict` on that file must say the next one.
"""
import csv
import datetime
import json
import math
import os
import random
import shutil
import tempfile

from testing import Tally, arguments, run, wanted


def of(events, kind):
    return [e for e in events if e.get("event") == kind]


def equal(what, got, expected):
    return [] if got == expected else ["%s: expected %r, got %r" % (what, expected, got)]


def near(what, got, expected, relative=1e-9):
    if got is None or expected is None:
        return equal(what, got, expected)
    return [] if abs(got - expected) <= relative * max(1.0, abs(expected)) else ["%s: expected %.12g, got %.12g" % (what, expected, got)]


class Bench:
    def __init__(self, nnl):
        self.nnl = nnl
        self.folder = tempfile.mkdtemp(prefix="nnl-time-")
        self.n = 0

    def write(self, name, rows):
        with open(os.path.join(self.folder, name), "w", encoding="utf-8", newline="") as f:
            csv.writer(f, lineterminator="\n").writerows(rows)

    def read(self, name):
        with open(os.path.join(self.folder, name), encoding="utf-8", newline="") as f:
            return list(csv.DictReader(f))

    def run(self, text, *options):
        self.n += 1
        path = os.path.join(self.folder, "s%d.nnl" % self.n)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        status, out, err = run([self.nnl, "run", "--log", path + ".jsonl", *options, path], self.folder)
        if status != 0:
            raise Failure("a script ended with %s:\n%s\n%s" % (status, text, err[-1500:]))
        with open(path + ".jsonl", encoding="utf-8") as f:
            return [json.loads(line) for line in f], out


class Failure(Exception):
    pass


# ---- Tables


def days(n, start=datetime.date(2023, 1, 1)):
    return [start + datetime.timedelta(days=i) for i in range(n)]


def weekly(n, seed, level=50.0):
    """A weekly season of days, a trend and noise."""
    random.seed(seed)
    return [round(level + 0.1 * i + 8 * math.sin(2 * math.pi * i / 7) + random.gauss(0, 1), 3) for i in range(n)]


def one_series(b, n=150):
    values = weekly(n, 1)
    b.write("one.csv", [["day", "y"]] + [[str(d), v] for d, v in zip(days(n), values)])
    return values


def two_series(b, n=90):
    """Rows of two shops, mixed; each has its level."""
    values = {"north": weekly(n, 2, 30.0), "south": weekly(n, 3, 300.0)}
    rows = [[str(d), shop, values[shop][i]] for i, d in enumerate(days(n)) for shop in ("north", "south")]
    b.write("two.csv", [["day", "shop", "y"]] + rows)
    return values


# ---- Scores


def scores(truth, said):
    n = len(truth)
    errors = [s - t for t, s in zip(truth, said)]
    mean = sum(truth) / n
    squared = sum(e * e for e in errors)
    shares = [abs(e / t) for e, t in zip(errors, truth) if t != 0]
    return {"mae": sum(abs(e) for e in errors) / n, "rmse": math.sqrt(squared / n), "mape": 100 * sum(shares) / len(shares),
            "r2": 1 - squared / sum((t - mean) ** 2 for t in truth)}


def compare(what, got, expected, relative):
    faults = []
    for key, value in expected.items():
        faults += near("%s %s" % (what, key), got.get(key), value, relative)
    return faults


ONE = """data d from "one.csv" {
    order by day
    features y
    target   y ahead %(ahead)s
    window   %(window)d
    scale    y: standard
    split    train 70%%, validation 15%%, test 15%%
}
model m {
    input x
    flatten
    dense(6, tanh)
    dense(%(units)d)
}
train m on d {
    epochs  8
    batch   16
    shuffle false
}
"""


def one_step(b):
    y = one_series(b)
    events, out = b.run(ONE % {"ahead": "1", "window": 10, "units": 1} + 'evaluate m on d.test\npredict m on d.test to "p.csv"\nevaluate m on d.test season 5\n')
    found, given = of(events, "evaluate")
    place = {str(d): i for i, d in enumerate(days(len(y)))}
    rows = b.read("p.csv")
    # 150 rows: 105 train, 23 validate, 22 test (borders at 105 and 127.5, half up).
    at = [place[r["day"]] for r in rows]
    faults = equal("rows of the test part", at, list(range(127, 149)))
    truth = [y[i + 1] for i in at]
    faults += compare("model", found, scores(truth, [float(r["predicted_y+1"]) for r in rows]), 1e-6)
    faults += equal("season", found.get("season"), 7)
    naive = found["baseline"]
    faults += equal("names of baselines", sorted(naive), ["last_value", "mean", "same_season"])
    train = [y[i] for i in range(10, 105)]
    faults += compare("last_value", naive["last_value"], scores(truth, [y[i] for i in at]), 1e-9)
    faults += compare("same_season", naive["same_season"], scores(truth, [y[i + 1 - 7] for i in at]), 1e-9)
    faults += compare("mean", naive["mean"], scores(truth, [sum(train) / len(train)] * len(truth)), 1e-9)
    faults += equal("the season that was given", given.get("season"), 5)
    faults += compare("same_season of 5", given["baseline"]["same_season"], scores(truth, [y[i + 1 - 5] for i in at]), 1e-9)
    best = min(naive, key=lambda name: naive[name]["rmse"])
    verdict = "beats" if found["rmse"] < naive[best]["rmse"] else "does NOT beat"
    sentence = "m %s the best naive baseline `%s` by RMSE" % (verdict, best)
    return faults + ([] if sentence in out else ["the report does not say: %s\n%s" % (sentence, out)])


def many_steps(b):
    y = one_series(b)
    events, out = b.run(ONE % {"ahead": "1..9", "window": 10, "units": 9} + 'evaluate m on d.test\npredict m on d.test to "p.csv"\n')
    e = of(events, "evaluate")[0]
    place = {str(d): i for i, d in enumerate(days(len(y)))}
    rows = b.read("p.csv")
    at = [place[r["day"]] for r in rows]
    # A sample belongs to the part of all its nine targets: rows 128 - 1 … 150 - 10, straddling ones dropped.
    faults = equal("rows of the test part", at, list(range(127, 141)))
    faults += equal("steps", [s["ahead"] for s in e["steps"]], list(range(1, 10)))
    all_truth, all_said, all_season, all_last = [], [], [], []
    for k, step in enumerate(e["steps"], 1):
        truth, said = [y[i + k] for i in at], [float(r["predicted_y+%d" % k]) for r in rows]
        # The same weekday of the latest week that row i already knows: one week back, two for k above 7.
        season = [y[i + k - 7 * math.ceil(k / 7)] for i in at]
        faults += compare("step %d" % k, step, scores(truth, said), 1e-6)
        faults += compare("last_value at %d" % k, step["baseline"]["last_value"], scores(truth, [y[i] for i in at]), 1e-9)
        faults += compare("same_season at %d" % k, step["baseline"]["same_season"], scores(truth, season), 1e-9)
        all_truth += truth
        all_said += said
        all_season += season
        all_last += [y[i] for i in at]
    faults += compare("all steps", e, scores(all_truth, all_said), 1e-6)
    faults += compare("same_season of all steps", e["baseline"]["same_season"], scores(all_truth, all_season), 1e-9)
    faults += compare("last_value of all steps", e["baseline"]["last_value"], scores(all_truth, all_last), 1e-9)
    return faults + ([] if "+9" in out else ["the report has no row for step 9:\n" + out])


def of_file(b):
    """A file by itself: where its rows do not reach back a season, same_season says the last value."""
    y = one_series(b)
    b.write("later.csv", [["day", "y"]] + [[str(d), v] for d, v in zip(days(150)[100:116], y[100:116])])
    kept = ONE.replace("shuffle false", 'shuffle false\n    callback model_checkpoint("kept.keras")')
    events, _ = b.run(kept % {"ahead": "1", "window": 3, "units": 1} + 'evaluate m on "later.csv"\n')
    e = of(events, "evaluate")[0]
    status, _, err = run([b.nnl, "evaluate", "kept.keras", "later.csv", "--log", "kept.jsonl"], b.folder)
    if status != 0:
        raise Failure("evaluate of a checkpoint ended with %s:\n%s" % (status, err))
    with open(os.path.join(b.folder, "kept.jsonl"), encoding="utf-8") as f:
        from_checkpoint = of([json.loads(line) for line in f], "evaluate")[0]
    part = y[100:116]
    at = range(2, 15)
    faults = equal("samples", e["samples"], len(at))
    season = [part[i + 1 - 7] if i + 1 - 7 >= 0 else part[i] for i in at]
    expected = scores([part[i + 1] for i in at], season)
    faults += equal("baselines of a checkpoint", sorted(from_checkpoint["baseline"]), ["last_value", "mean", "same_season"])
    for what, found in ("same_season", e), ("same_season of a checkpoint", from_checkpoint):
        faults += compare(what, found["baseline"].get("same_season", {}), expected, 1e-9)
    return faults


# ---- Folds


def folds_in_time(b):
    y = one_series(b)
    base = ONE % {"ahead": "1", "window": 10, "units": 1}
    events, out = b.run(base + "evaluate m on d.test\ncross_validate m on d folds 4\nevaluate m on d.test\n")
    cross = of(events, "cross_validate")[0]
    before, after = of(events, "evaluate")
    faults = equal("the model after cross_validate", after, before)
    # Test rows left out, 128 rows are left: 128 // 5 = 25 a fold; fold k trains on what lies before.
    faults += equal("folds", len(cross["folds"]), 4)
    for k, fold in enumerate(cross["folds"]):
        train = 128 - (4 - k) * 25
        split = "split    train %d, validation 25" % train
        script = base.replace("split    train 70%, validation 15%, test 15%", split)
        by_hand, _ = b.run(script + "evaluate m on d.validation\n", "--seed", str(1 + k))
        e = of(by_hand, "evaluate")[0]
        same = {key: value for key, value in e.items() if key not in ("event", "model", "data")}
        got = {key: value for key, value in fold.items() if key not in ("training_samples", "epochs")}
        faults += equal("fold %d" % (k + 1), got, same)
        faults += equal("training samples of fold %d" % (k + 1), fold["training_samples"], train - 10)
    return faults + summary(cross) + ([] if "trained on what came before" in out else ["the report does not say how it goes:\n" + out])


def summary(cross):
    faults = []
    for key in ("mae", "rmse", "mape", "r2", "loss"):
        values = [f[key] for f in cross["folds"]]
        mean = sum(values) / len(values)
        faults += near("mean " + key, cross["mean"][key], mean, 1e-12)
        faults += near("deviation " + key, cross["deviation"][key], math.sqrt(sum((v - mean) ** 2 for v in values) / (len(values) - 1)), 1e-9)
    for name in cross["baseline"]:
        values = [f["baseline"][name]["rmse"] for f in cross["folds"]]
        faults += near("mean rmse of " + name, cross["baseline"][name]["rmse"], sum(values) / len(values), 1e-12)
    return faults


PLAIN = """data d from "plain.csv" {
    features a, kind
    target   y
    encode   kind: one_hot
    scale    a, y: standard
    %(split)s
}
model m {
    input x
    dense(5, tanh)
    dense(1)
}
train m on d {
    epochs  6
    batch   8
    shuffle false
}
"""


def folds_of_a_table(b):
    """In order, so that a split can say the same. One kind stands in the second fold alone, where it is then one never seen: zeros. By hand the
    kinds are columns of 0 and 1."""
    random.seed(4)
    rows = []
    for i in range(60):
        a = random.gauss(0, 3)
        rows.append([round(a, 3), "rare" if 20 <= i < 23 else random.choice("xyz"), round(2 * a + random.gauss(0, 1), 3), i // 20])
    b.write("plain.csv", [["a", "kind", "y", "third"]] + rows)
    events, _ = b.run(PLAIN % {"split": "split    train 100% in order"} + "cross_validate m on d folds 3\n")
    cross = of(events, "cross_validate")[0]
    faults = equal("folds", len(cross["folds"]), 3)
    kinds = ["rare", "x", "y", "z"]
    for k, fold in enumerate(cross["folds"]):
        known = {kind for _, kind, _, third in rows if third != k}
        b.write("by_hand.csv", [["a", *kinds, "target", "third"]] + [[a, *(int(kind == c and kind in known) for c in kinds), y, third] for a, kind, y, third in rows])
        split = "split by third: train [%s], validation %d" % (", ".join(str(t) for t in range(3) if t != k), k)
        script = PLAIN.replace("plain.csv", "by_hand.csv").replace("features a, kind", "features a, rare, x, y, z").replace("target   y", "target   target")
        script = script.replace("    encode   kind: one_hot\n", "").replace("scale    a, y", "scale    a, target")
        by_hand, _ = b.run(script % {"split": split} + "evaluate m on d.validation\n", "--seed", str(1 + k))
        e = of(by_hand, "evaluate")[0]
        got = {key: value for key, value in fold.items() if key not in ("training_samples", "epochs")}
        faults += equal("fold %d" % (k + 1), got, {key: value for key, value in e.items() if key not in ("event", "model", "data")})
    faults += equal("the fold that lacks a kind", "rare" in {kind for _, kind, _, third in rows if third != 1}, False)
    return faults + summary(cross)


# ---- Forecasts


def row_by_row(b, script, table, header, following, steps, said_by="predicted_y+1"):
    """Appends what was said to the table and asks `predict` for the next row; following(i, value): the row to append."""
    said = []
    for i in range(steps):
        b.write("more.csv", [header] + table)
        b.run(script + 'predict m on "more.csv" to "next.csv"\n')
        value = float(b.read("next.csv")[-1][said_by])
        said.append(value)
        table = table + [following(i, repr(value))]
    return said


def forecast_one(b):
    y = one_series(b)
    script = ONE % {"ahead": "1", "window": 10, "units": 1}
    events, _ = b.run(script + 'forecast m on d for 5 steps to "f.csv"\n')
    faults = equal("events", [(e["model"], e["file"]) for e in of(events, "forecast")], [("m", "f.csv")])
    got = b.read("f.csv")
    faults += equal("columns", list(got[0]), ["step", "day", "predicted_y"])
    dates = days(155)
    faults += equal("dates", [(r["step"], r["day"]) for r in got], [(str(i + 1), str(dates[150 + i])) for i in range(5)])
    table = [[str(d), v] for d, v in zip(dates, y)]
    said = row_by_row(b, script, table, ["day", "y"], lambda i, value: [str(dates[150 + i]), value], 5)
    for i, (r, value) in enumerate(zip(got, said)):
        faults += near("step %d" % (i + 1), float(r["predicted_y"]), value, 2e-6)
    return faults


def forecast_blocks(b):
    y = one_series(b)
    script = ONE % {"ahead": "1..3", "window": 10, "units": 3}
    b.run(script + 'forecast m on d for 7 steps to "f.csv"\n')
    got = [float(r["predicted_y"]) for r in b.read("f.csv")]
    dates = days(160)
    table, said = [[str(d), v] for d, v in zip(dates, y)], []
    while len(said) < 7:
        b.write("more.csv", [["day", "y"]] + table)
        b.run(script + 'predict m on "more.csv" to "next.csv"\n')
        last = b.read("next.csv")[-1]
        for k in (1, 2, 3):
            value = float(last["predicted_y+%d" % k])
            table = table + [[str(dates[150 + len(said)]), repr(value)]]
            said.append(value)
    faults = equal("rows", len(got), 7)
    for i in range(7):
        faults += near("step %d" % (i + 1), got[i], said[i], 2e-6)
    return faults


DERIVED = """data d from "known.csv" {
    order by day
    group by shop
    derive   wave = sin(2 * pi * weekday(day) / 7)
    derive   before = shift(y, 7)
    derive   mean3 = rolling_mean(y, 3)
    derive   late = shift(rain, 4)
    features y, wave, before, mean3, late, price
    known    price
    target   y ahead 1
    window   4
    scale    standard
    split    train 80%, validation rest
}
model m {
    input x
    flatten
    dense(6, tanh)
    dense(1)
}
train m on d {
    epochs  5
    shuffle false
}
"""


def forecast_derived(b):
    """Groups, the calendar, looking back, known columns, and a feature whose past reaches far enough."""
    values = two_series(b)
    n, dates = 90, days(100)
    random.seed(5)
    price = {(str(d), shop): round(random.uniform(1, 2), 2) for d in dates for shop in values}
    rain = {(str(d), shop): random.randrange(10) for d in dates for shop in values}
    header = ["day", "shop", "y", "rain", "price"]

    def line(shop, i, value):
        day = str(dates[i])
        return [day, shop, value, rain[day, shop] if i < n else 0, price[day, shop]]

    table = [line(shop, i, values[shop][i]) for i in range(n) for shop in ("north", "south")]
    b.write("known.csv", [header] + table)
    # Other columns and earlier rows of the file are ignored; its order does not matter.
    plan = [[price[str(d), shop], shop, "x", str(d)] for shop in ("south", "north") for d in reversed(dates[80:])]
    b.write("plan.csv", [["price", "shop", "note", "day"]] + plan)
    _, out = b.run(DERIVED + 'forecast m on d for 4 steps using "plan.csv" to "f.csv"\nforecast m on d for 4 steps using "plan.csv"\n')
    got = b.read("f.csv")
    faults = equal("columns", list(got[0]), ["step", "day", "shop", "predicted_y"])
    faults += equal("rows", [(r["step"], r["day"], r["shop"]) for r in got],
                    [(str(i + 1), str(dates[n + i]), shop) for shop in ("north", "south") for i in range(4)])
    said = {}
    for i in range(4):
        b.write("more.csv", [header] + table)
        b.run(DERIVED + 'predict m on "more.csv" to "next.csv"\n')
        last = {r["shop"]: float(r["predicted_y+1"]) for r in b.read("next.csv")}
        for shop, value in last.items():
            said[shop, i] = value
        table += [line(shop, n + i, repr(last[shop])) for shop in ("north", "south")]
    for r in got:
        faults += near("%s, step %s" % (r["shop"], r["step"]), float(r["predicted_y"]), said[r["shop"], int(r["step"]) - 1], 5e-6)
    return faults + ([] if "Forecast of m past the end of d (8 rows)" in out else ["nothing on the screen:\n" + out])


def saved(b):
    """A model from a file says the same; its folds are trained anew all the same, since its weights know the rows that are scored."""
    one_series(b)
    base = ONE % {"ahead": "1", "window": 10, "units": 1}
    first, _ = b.run(base + 'save m to "m.keras"\nforecast m on d for 4 steps to "own.csv"\ncross_validate m on d folds 2\n')
    loaded = base.replace(base[base.index("model m"):base.index("train m")], 'model m from "m.keras"\n')
    b.run(loaded[:loaded.index("train m")] + 'forecast m on d for 4 steps to "its.csv"\n')
    again, _ = b.run(loaded + "cross_validate m on d folds 2\n")
    return equal("the forecast", b.read("its.csv"), b.read("own.csv")) + same("folds", figures(of(first, "cross_validate")), figures(of(again, "cross_validate")))


# ---- What holds for all


def figures(events):
    kept = []
    for e in events:
        e = {k: v for k, v in e.items() if k not in ("seconds", "threads", "file", "params")}
        kept.append(json.dumps(e, sort_keys=True))
    return kept


def same(what, a, b):
    for x, y in zip(a, b):
        if x != y:
            return ["%s differ:\n  %s\n  %s" % (what, x, y)]
    return equal("number of events: " + what, len(a), len(b))


ALL = ONE % {"ahead": "1..3", "window": 10, "units": 3} + """evaluate m on d.validation
cross_validate m on d folds 3
"""


def poison(b):
    """Test rows a billion times as large change no figure of training, validation and folds."""
    y = one_series(b)
    clean, _ = b.run(ALL)
    b.write("one.csv", [["day", "y"]] + [[str(d), v if i < 128 else v * 1e9] for i, (d, v) in enumerate(zip(days(150), y))])
    poisoned, _ = b.run(ALL)
    return same("figures", figures(clean), figures(poisoned))


def threads(b):
    """Windows, folds and forecasts give the same bits whatever the number of threads."""
    one_series(b)
    script = ALL.replace("flatten", "lstm(16)").replace("shuffle false", "shuffle true") + 'forecast m on d for 9 steps to "f.csv"\npredict m on d to "p.csv"\n'
    faults, one, files = [], None, None
    for n in ("1", "2", "8"):
        events, _ = b.run(script, "--threads", n)
        said = [b.read("f.csv"), b.read("p.csv")]
        if one is None:
            one, files = figures(events), said
        faults += same("figures with 1 and %s threads" % n, one, figures(events))
        faults += equal("files with 1 and %s threads" % n, said == files, True)
    return faults


TESTS = [poison, threads, one_step, many_steps, of_file, folds_in_time, folds_of_a_table, forecast_one, forecast_blocks, forecast_derived, saved]


def main():
    a = arguments(__doc__)
    tally = Tally()
    bench = Bench(a.nnl)
    try:
        for test in TESTS:
            if not wanted(test.__name__, a.only):
                continue
            try:
                tally.result("time: " + test.__name__, test(bench))
            except Failure as failure:
                tally.result("time: " + test.__name__, [str(failure)])
    finally:
        shutil.rmtree(bench.folder)
    tally.close()


if __name__ == "__main__":
    main()
