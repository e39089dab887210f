#!/usr/bin/env python3
"""Data preparation: small tables, the clauses of a `data` block, and what the prepared samples must be.

Made with scikit-learn (StandardScaler, MinMaxScaler, RobustScaler, SimpleImputer), pandas (get_dummies, factorize, the
calendar) and NumPy in float64; splits with exact fractions. Every statistic is fitted on the training rows alone, which
`split by fold` names, so that nothing random takes part. Writes the tables to data/ and the figures to prep.json.
"""
import csv
import os
import struct
from fractions import Fraction

import numpy as np
import pandas as pd
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import MinMaxScaler, RobustScaler, StandardScaler

from common import HERE, f64, write

RNG = np.random.default_rng(5)
CASES = []


def table(name, header, rows):
    path = os.path.join(HERE, "data", name)
    with open(path, "w", encoding="utf-8", newline="") as f:
        w = csv.writer(f, lineterminator="\n")
        w.writerow(header)
        w.writerows(rows)
    return pd.read_csv(path, keep_default_na=True)


def samples(title, file, clauses, frame, columns, parts=("train", "test"), note=None):
    """`columns`: header of the prepared sample -> values, row by row of `frame` (a pandas frame with the file's rows)."""
    c = {"title": title, "file": file, "clauses": clauses}
    if note:
        c["note"] = note
    c["header"] = ["row"] + list(columns)
    c["parts"] = {}
    for k, part in enumerate(parts):
        chosen = [i for i in range(len(frame)) if parts == ("train",) or frame["fold"].iloc[i] == k + 1]
        chosen = [i for i in chosen if not any(v[i] is None for v in columns.values())]
        c["parts"][part] = [[i + 2] + [float(v[i]) for v in columns.values()] for i in chosen]
    CASES.append(c)


# ---------------------------------------------------------------- scales

N = 17
rows = []
for i in range(N):
    fold = 2 if i in (3, 8, 9, 14) else 1
    big = [120000.0, -350.25][i % 2] if fold == 2 else float(np.round(RNG.normal() * 1000 + 5000, 2))
    rows.append([fold, float(np.round(RNG.normal() * 3 + 10, 3)), big, 4.5, i % 3, float(np.round(abs(RNG.normal()) * 50, 2)),
                 float(np.round(RNG.normal() * 2 - 1, 3))])
T = table("scales.csv", ["fold", "a", "big", "same", "small", "positive", "y"], rows)
train = (T.fold == 1).values


def scaled(column, scaler):
    v = T[[column]].values.astype(float)
    return scaler.fit(v[train]).transform(v)[:, 0]


SCALERS = {
    "standard": StandardScaler, "minmax": MinMaxScaler, "minmax(-1, 1)": lambda: MinMaxScaler((-1, 1)), "robust": RobustScaler,
}
for method, make in SCALERS.items():
    samples("scale %s" % method, "scales.csv",
            ["features a, big, small, positive", "target y", "scale %s" % method, "split by fold: train 1, test 2"], T,
            {**{"x:" + c: scaled(c, make()) for c in ("a", "big", "small", "positive")}, "y:y": T.y.values})
samples("scale log1p", "scales.csv", ["features small, positive", "target y", "scale log1p", "split by fold: train 1, test 2"], T,
        {"x:small": np.log1p(T.small.values), "x:positive": np.log1p(T.positive.values), "y:y": T.y.values})
samples("scale divide", "scales.csv", ["features big, small", "target y", "scale divide(255)", "split by fold: train 1, test 2"], T,
        {"x:big": T.big.values / 255, "x:small": T.small.values / 255, "y:y": T.y.values})
samples("a scale for each column, one of them none", "scales.csv",
        ["features a, big, small", "target y", "scale a: standard", "scale big: robust", "scale small: none", "split by fold: train 1, test 2"], T,
        {"x:a": scaled("a", StandardScaler()), "x:big": scaled("big", RobustScaler()), "x:small": T.small.values, "y:y": T.y.values})
samples("a scaled target", "scales.csv", ["features a", "target y", "scale a, y: standard", "split by fold: train 1, test 2"], T,
        {"x:a": scaled("a", StandardScaler()), "y:y": scaled("y", StandardScaler())},
        note="samples are as the model sees them: the target is scaled too")
samples("a column that never changes becomes zeros", "scales.csv",
        ["features a, same", "target y", "scale a: minmax", "scale same: standard", "split by fold: train 1, test 2"], T,
        {"x:a": scaled("a", MinMaxScaler()), "x:same": scaled("same", StandardScaler()), "y:y": T.y.values}, note="with a warning")

# ---------------------------------------------------------------- fills, with scales after them

rows = []
texts = ["max", "basic", "pro"]
for i in range(16):
    fold = 2 if i in (2, 7, 11, 15) else 1
    rows.append([fold,
                 "" if i in (1, 6, 7, 12) else float(np.round(RNG.normal() * 4 + 20, 2)),
                 "NA" if i in (0, 9, 11) else int(RNG.integers(0, 4)),
                 "" if i in (4, 15) else ("vip" if i == 2 else texts[[0, 0, 1, 2, 0, 1, 0][i % 7]]),
                 float(np.round(RNG.normal(), 3))])
G = table("gaps.csv", ["fold", "a", "n", "plan", "y"], rows)
train = (G.fold == 1).values
y = G.y.values


def filled(column, strategy):
    v = G[[column]].values
    v = v.astype(object) if strategy == "most_frequent" and column == "plan" else v.astype(float)
    v = np.where(pd.isna(v), np.nan, v) if column != "plan" else v
    return SimpleImputer(strategy=strategy).fit(v[train]).transform(v)[:, 0]


BY = "split by fold: train 1, test 2"
for method, strategy in (("mean", "mean"), ("median", "median"), ("most_common", "most_frequent")):
    samples("fill %s" % method, "gaps.csv", ["features a, n", "target y", "fill a, n: %s" % method, BY], G,
            {"x:a": filled("a", strategy), "x:n": filled("n", strategy), "y:y": y},
            note="where several values are equally common, the smallest counts" if method == "most_common" else None)
samples("fill with zero and with a number", "gaps.csv", ["features a, n", "target y", "fill a: zero", "fill n: -1", BY], G,
        {"x:a": G.a.fillna(0).values, "x:n": G.n.fillna(-1).values, "y:y": y})
a = filled("a", "median").reshape(-1, 1)
samples("fill first, then scale: the scale is fitted on the filled column", "gaps.csv",
        ["scale a: standard", "fill a: median", "features a", "target y", BY], G,
        {"x:a": StandardScaler().fit(a[train]).transform(a)[:, 0], "y:y": y})
kept = ~(G.a.isna() | G.n.isna()).values
a = G[["a"]].values
samples("drop missing: rows that lack a used cell go before the scale is fitted", "gaps.csv",
        ["features a, n", "target y", "drop missing", "scale a: standard", BY], G,
        {"x:a": [float(v) if k else None for v, k in zip(StandardScaler().fit(a[train & kept]).transform(np.nan_to_num(a))[:, 0], kept)],
         "x:n": [float(v) if k else None for v, k in zip(G.n, kept)], "y:y": y},
        note="plan is not used, so its gaps drop nothing")
kept = ~G.n.isna().values
filled_a = SimpleImputer(strategy="mean").fit(G[["a"]].values[train & kept]).transform(G[["a"]].values)[:, 0]
samples("drop missing beside a fill: only the columns that no fill names count", "gaps.csv",
        ["features a, n", "target y", "drop missing", "fill a: mean", BY], G,
        {"x:a": [float(v) if k else None for v, k in zip(filled_a, kept)], "x:n": [float(v) if k else None for v, k in zip(G.n, kept)], "y:y": y})

# ---------------------------------------------------------------- categories

plan = pd.Series(filled("plan", "most_frequent"))
known = sorted(plan[train].unique())
dummies = pd.get_dummies(pd.Categorical(plan, categories=known)).astype(float)
FILL = "fill plan: most_common"
samples("encode one_hot: sorted categories of the training rows; one never seen in training is all zeros", "gaps.csv",
        ["features plan", "target y", FILL, "encode plan: one_hot", BY], G, {**{"x:plan=" + c: dummies[c].values for c in known}, "y:y": y})
samples("encode one_hot(drop_first=true)", "gaps.csv", ["features plan", "target y", FILL, "encode plan: one_hot(drop_first=true)", BY], G,
        {**{"x:plan=" + c: dummies[c].values for c in known[1:]}, "y:y": y})
codes = pd.Categorical(plan, categories=known).codes + 1
samples("encode index: counts from 1 in sorted order, 0 is kept for what training never saw", "gaps.csv",
        ["features plan", "target y", FILL, "encode plan: index", BY], G, {"x:plan": codes, "y:y": y})
unknown = G.plan.fillna("unknown")
cats = sorted(unknown[train].unique())
d = pd.get_dummies(pd.Categorical(unknown, categories=cats)).astype(float)
samples("a constant text for gaps is a category like another", "gaps.csv",
        ["features plan", "target y", 'fill plan: "unknown"', "encode plan: one_hot", BY], G, {**{"x:plan=" + c: d[c].values for c in cats}, "y:y": y})
n = G.n.fillna(0)
cats = sorted(n[train].unique())
d = pd.get_dummies(pd.Categorical(n, categories=cats)).astype(float)
samples("numbers can be categories; a bare scale leaves them alone", "gaps.csv",
        ["features n, a", "target y", "fill n: zero", "fill a: zero", "encode n: one_hot", "scale standard", BY], G,
        {**{"x:n=%d" % c: d[c].values for c in cats},
         "x:a": StandardScaler().fit(G[["a"]].fillna(0).values[train]).transform(G[["a"]].fillna(0).values)[:, 0], "y:y": y})

# ---------------------------------------------------------------- the calendar and expressions

DAYS = ["2020-12-31", "2021-01-01", "2021-01-03", "2021-01-04", "2024-02-29", "2024-12-30", "2016-01-03", "2000-02-29", "1969-12-31", "1970-01-01",
        "1900-03-01", "1999-12-31", "2015-12-28", "2026-07-15"]
TIMES = ["2020-12-31 23:59:59", "2021-01-01 00:00:00", "2021-01-03 12:30:15", "2021-01-04 01:02:03", "2024-02-29 13:45:10", "2024-12-30 06:00:00",
         "2016-01-03 18:18:18", "2000-02-29 05:10:00", "1969-12-31 23:59:58", "1970-01-01 00:00:01", "1900-03-01 07:08:09", "1999-12-31 11:11:11",
         "2015-12-28 00:30:00", "2026-07-15 09:09:00"]
rows = [[d, t, float(np.round(RNG.normal() * 3, 2)), float(np.round(abs(RNG.normal()) * 9 + 0.1, 2)), ["Yes", "No", "maybe"][i % 3], i % 5]
        for i, (d, t) in enumerate(zip(DAYS, TIMES))]
D = table("calendar.csv", ["day", "moment", "p", "q", "answer", "k"], rows)
day, at = pd.to_datetime(D.day), pd.to_datetime(D.moment)
epoch = pd.Timestamp(0)
CALENDAR = {
    "year": day.dt.year, "quarter": day.dt.quarter, "month": day.dt.month, "weekofyear": day.dt.isocalendar().week, "day": day.dt.day,
    "dayofyear": day.dt.dayofyear, "weekday": day.dt.weekday}
CLOCK = {"hour": at.dt.hour, "minute": at.dt.minute, "second": at.dt.second, "weekday": at.dt.weekday, "dayofyear": at.dt.dayofyear}
samples("calendar words of a date", "calendar.csv",
        ["derive d_%s = %s(day)" % (w, w) for w in CALENDAR] + ["derive days = timestamp(day) / 86400"]
        + ["features %s, days" % ", ".join("d_" + w for w in CALENDAR), "target q"], D,
        {**{"x:d_" + w: v.astype(float).values for w, v in CALENDAR.items()},
         "x:days": ((day - epoch) / pd.Timedelta(days=1)).values, "y:q": D.q.values}, parts=("train",))
samples("calendar words of a date with a time", "calendar.csv",
        ["derive t_%s = %s(moment)" % (w, w) for w in CLOCK] + ["derive hours = timestamp(moment) / 3600"]
        + ["features %s, hours" % ", ".join("t_" + w for w in CLOCK), "target q"], D,
        {**{"x:t_" + w: v.astype(float).values for w, v in CLOCK.items()},
         "x:hours": ((at - epoch) / pd.Timedelta(hours=1)).values, "y:q": D.q.values}, parts=("train",))
p, q, k, answer = D.p.values, D.q.values, D.k.values, D.answer.values
EXPRESSIONS = {
    "p + q * 2 - k / 4": p + q * 2 - k / 4,
    "(p + q) * (p - q) / (1 + k)": (p + q) * (p - q) / (1 + k),
    "-p * 2 + q": -p * 2 + q,
    "p - q - k": p - q - k,
    "q / 2 / 4": q / 2 / 4,
    "log(q)": np.log(q),
    "log1p(q)": np.log1p(q),
    "exp(p / 3)": np.exp(p / 3),
    "sqrt(q)": np.sqrt(q),
    "abs(p)": np.abs(p),
    "round(p * 1.01)": np.round(p * 1.01),
    "min(p, q)": np.minimum(p, q),
    "max(p, 0)": np.maximum(p, 0),
    "sin(2 * pi * k / 5)": np.sin(2 * np.pi * k / 5),
    "cos(2 * pi * k / 5)": np.cos(2 * np.pi * k / 5),
    'if(answer = "Yes", 1, 0)': (answer == "Yes") * 1.0,
    'if(answer != "No", q, p)': np.where(answer != "No", q, p),
    'if(answer in ("Yes", "maybe") and p < 0, 10, 20)': np.where(np.isin(answer, ["Yes", "maybe"]) & (p < 0), 10, 20),
    "if(k in (0, 3), 1, 0)": np.isin(k, [0, 3]) * 1.0,
    "if(not (p >= 1 or q <= 2), 1, 0)": (~((p >= 1) | (q <= 2))) * 1.0,
    "if(p > 0, if(q > 5, 3, 2), 1)": np.where(p > 0, np.where(q > 5, 3, 2), 1),
    "if(p <= 0 or q > 5 and k = 1, 1, 0)": ((p <= 0) | ((q > 5) & (k == 1))) * 1.0,
}
assert not np.any(np.abs(np.abs(p * 1.01) % 1 - 0.5) < 1e-6), "a rounding that is a tie says nothing"
samples("expressions", "calendar.csv",
        ["derive e%d = %s" % (i, e) for i, e in enumerate(EXPRESSIONS)] + ["features %s" % ", ".join("e%d" % i for i in range(len(EXPRESSIONS))), "target q"], D,
        {**{"x:e%d" % i: v for i, v in enumerate(EXPRESSIONS.values())}, "y:q": q}, parts=("train",))


def some(keep):
    return {"x:p": [float(v) if c else None for v, c in zip(p, keep)], "y:q": q}


WHERE = {
    'answer = "Yes"': answer == "Yes",
    "p > 0 and k != 2": (p > 0) & (k != 2),
    'not answer in ("No", "maybe")': ~np.isin(answer, ["No", "maybe"]),
    "year(day) >= 2000 and month(day) in (1, 2, 12)": (day.dt.year >= 2000).values & day.dt.month.isin([1, 2, 12]).values,
}
for e, keep in WHERE.items():
    samples("where %s" % e, "calendar.csv", ["where %s" % e, "features p", "target q"], D, some(keep), parts=("train",))
samples("two where lines: both must hold; take comes after them", "calendar.csv",
        ["take 3 rows", "where p < 2", "where k > 0", "features p", "target q"], D,
        some([bool(v) and sum(((p < 2) & (k > 0))[:i + 1]) <= 3 for i, v in enumerate((p < 2) & (k > 0))]), parts=("train",))

# ---------------------------------------------------------------- numbers as texts

NUMBERS = ["0", "-0", "7", "+7", "007", "3.5", "0.1", "1e5", "1E5", "1e+05", "1e-7", "-2.5e-3", "123456789", "16777217", "9007199254740993", "0.30000000000000004",
           "1.7976931348623157e308", "2.2250738585072014e-308", "5e-324", "4.9406564584124654e-324", "1e23", "8.5e22", "9.999999999999999e22", "2.2250738585072011e-308",
           "6.02214076e23", "3.14159265358979323846264338327950288419716939937510", "0.000000000000000000000000000000000000011754943508222875",
           "100000000000000000000", "99999999999999991611392", "0.1000000000000000055511151231257827021181583404541015625", "1.00000005960464477539062500000001",
           "-1234.5678", "33554433", "3.4028235e38", "1.401298464324817e-45", "12345678.9", "0.5000000298023223876953125"]
numbers = []
for t in NUMBERS:
    v = float(t)
    with np.errstate(over="ignore"):
        s = np.float32(v)
    numbers.append({"text": t, "double": f64(v), "bits": "%016x" % struct.unpack("<Q", struct.pack("<d", v))[0],
                    "float32_bits": "%08x" % struct.unpack("<I", struct.pack("<f", s))[0]})

# ---------------------------------------------------------------- quantiles

quantiles = []
for v in ([3.0], [1.0, 2.0], [5, 1, 4, 2, 3], [2.5, -1, 7, 7, 0, 12], np.round(RNG.normal(size=11), 2).tolist()):
    quantiles.append({"values": f64(v), "quarter": float(np.percentile(v, 25)), "median": float(np.median(v)), "three_quarters": float(np.percentile(v, 75)),
                      "mean": float(np.mean(v)), "deviation": float(np.std(v))})


# ---------------------------------------------------------------- how many rows each part gets

def in_order(n, shares):
    """Borders at the rounded product of rows and cumulative share, half up."""
    borders, total = [0], Fraction(0)
    for s in shares:
        total += Fraction(s, 100)
        borders.append(int(n * total + Fraction(1, 2)))
    return [b - a for a, b in zip(borders, borders[1:])]


def largest_remainder(n, shares):
    """Of one class: whole rows first, then one more each by remainder, ties to the earlier part."""
    exact = [Fraction(n * s, 100) for s in shares]
    counts = [int(e) for e in exact]
    total = sum(exact)
    order = sorted(range(len(shares)), key=lambda i: (-(exact[i] - counts[i]), i))
    for i in order[:int(total + Fraction(1, 2)) - sum(counts)]:
        counts[i] += 1
    return counts


splits = [{"rows": n, "shares": s, "counts": in_order(n, s)} for n in (1, 7, 10, 25, 33, 100, 101, 150, 2201) for s in ([80, 20], [70, 15, 15], [64, 16, 20], [50, 50])]
strata = [{"class_rows": n, "shares": s, "counts": largest_remainder(n, s)}
          for n in (1, 2, 3, 5, 10, 33, 50, 711, 1490) for s in ([80, 20], [70, 15, 15], [64, 16, 20], [50, 50])]

write("prep.json", {
    "made_by": "prep.py, scikit-learn, pandas %s, NumPy %s" % (pd.__version__, np.__version__),
    "note": "samples: `data d from FILE { CLAUSES }`, then `nnl data SCRIPT d --part PART -o F` must give this header and these rows (`row`: the line in FILE; a file without a "
            "split has training rows only); figures are float64, to be met within 1e-5 relative plus 1e-6 absolute. numbers: cells of a CSV file, their double and the "
            "float32 nearest to that double, exactly. quantiles: linear interpolation, deviation of the population. split: rows of each part in order, and of one class "
            "where the split is stratified.",
    "samples": CASES, "numbers": numbers, "quantiles": quantiles, "split": splits, "strata": strata}, depth=2)
