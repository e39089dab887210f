#!/usr/bin/env python3
"""Series: tables in time order, and the prepared samples that windows, steps ahead and columns that look back must give.

Columns that look back are pandas's (shift, diff, rolling, ewm(span=...)), by group with groupby; gaps are filled by pandas's
interpolate and ffill, part by part where they must not see what comes after; steps are pandas's resample; scales are those of
scikit-learn, fitted on the training rows. Windows are then cut by plain loops over lists, from the rules of the language. Writes the tables
to data/ and the samples to series.json, in the form of prep.json.
"""
import csv
import os

import numpy as np
import pandas as pd
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from common import HERE, write

RNG = np.random.default_rng(11)
CASES = []
PARTS = ("train", "validation", "test")


def table(name, frame):
    frame.to_csv(os.path.join(HERE, "data", name), index=False, lineterminator="\n", quoting=csv.QUOTE_MINIMAL)


def borders(n, shares):
    """Part of each of n rows in time order: borders at the rounded product of rows and cumulative share, half up."""
    parts, begin, sum_ = [None] * n, 0, 0.0
    for part, share in zip(PARTS, shares):
        sum_ += share
        end = int(np.floor(n * sum_ + 0.5 + 1e-9))
        for i in range(begin, end):
            parts[i] = part
        begin = end
    return parts


def cut(title, file, clauses, series, features, targets, window=0, every=1, stride=1, ahead=(0, 0), note=None):
    """series: frames in time order with `line`, `part`, the feature and target columns and perhaps `run` (windows stay in one).
    features: columns (names as the header has them); targets: {header name without +K: column}. A NaN at the beginning of a run is too little past."""
    span = max(window, 1)
    steps = list(range(0, span, every))[::-1]
    header = ["row"]
    for s in steps:
        header += ["x:%s%s" % (f, "[%s]" % ("-%d" % (s // every) if s else "0") if window and len(steps) > 1 else "") for f in features]
    ks = range(ahead[0], ahead[1] + 1)
    for k in ks:
        header += ["y:%s%s" % (t, "+%d" % k if ahead[1] else "") for t in targets]
    rows = {}
    for frame in series:
        frame = frame.reset_index(drop=True)
        run = frame["run"].tolist() if "run" in frame else [0] * len(frame)
        values = frame[list(features)].to_numpy(float)
        first = None
        for i in range(len(frame)):
            if i and run[i] != run[i - 1]:
                first = None
            if i - span + 1 < 0 or run[i - span + 1] != run[i] or np.isnan(values[i - span + 1:i + 1]).any():
                continue
            if first is None:
                first = i
            if i + ahead[1] >= len(frame) or run[i + ahead[1]] != run[i] or (i - first) % stride:
                continue
            parts = {frame["part"][i + k] for k in ks}
            if len(parts) > 1 or None in parts:
                continue
            sample = [int(frame["line"][i])]
            for s in steps:
                sample += [float(v) for v in values[i - s]]
            for k in ks:
                sample += [float(frame[c][i + k]) for c in targets.values()]
            rows.setdefault(parts.pop(), []).append(sample)
    case = {"title": title, "file": file, "clauses": clauses, "header": header, "parts": {p: rows[p] for p in PARTS if p in rows}}
    if note:
        case["note"] = note
    CASES.append(case)


def scaled(frame, column, scaler):
    scaler.fit(frame.loc[frame["part"] == "train", [column]].dropna())
    return scaler.transform(frame[[column]])[:, 0]


# ---- what looks back, over one series -----------------------------------------------------------------------------------------

n = 70
days = pd.date_range("2023-11-20", periods=n, freq="D")
x = np.round(20 + 0.3 * np.arange(n) + 6 * np.sin(np.arange(n) / 4) + RNG.normal(0, 2, n), 3)
one = pd.DataFrame({"date": days.strftime("%Y-%m-%d"), "x": x, "z": np.round(RNG.normal(0, 1, n), 4)})
table("series_one.csv", one)
frame = one.assign(line=np.arange(n) + 2, part=borders(n, (0.7, 0.15, 0.15)))
back = {
    "lag": ("shift(x, 7)", frame.x.shift(7)),
    "step": ("diff(x)", frame.x.diff()),
    "week": ("diff(x, 7)", frame.x.diff(7)),
    "mean5": ("rolling_mean(x, 5)", frame.x.rolling(5).mean()),
    "sum4": ("rolling_sum(z, 4)", frame.z.rolling(4).sum()),
    "min6": ("rolling_min(z, 6)", frame.z.rolling(6).min()),
    "max6": ("rolling_max(z, 6)", frame.z.rolling(6).max()),
    "std5": ("rolling_std(x, 5)", frame.x.rolling(5).std()),
    "ewm": ("ewm_mean(x, 12)", frame.x.ewm(span=12).mean()),
    "ratio": ("x / shift(x, 1) - 1", frame.x / frame.x.shift(1) - 1),
    "deep": ("rolling_mean(diff(x, 2), 3)", frame.x.diff(2).rolling(3).mean()),
}
for name, (_, values) in back.items():
    frame[name] = values
derive = ["derive %s = %s" % (name, text) for name, (text, _) in back.items()]
cut("columns that look back, as pandas has them", "series_one.csv",
    ["order by date"] + derive + ["features %s" % ", ".join(back), "target x ahead 1", "split train 70%, validation 15%, test 15%"],
    [frame], list(back), {"x": "x"}, ahead=(1, 1))
cut("a window over columns that look back", "series_one.csv",
    ["order by date every 1 day", "derive lag = shift(x, 7)", "derive mean5 = rolling_mean(x, 5)", "features lag, mean5, x", "target x ahead 1..3",
     "window 4", "split train 70%, validation 15%, test 15%"],
    [frame], ["lag", "mean5", "x"], {"x": "x"}, window=4, ahead=(1, 3))
cut("of 12 rows every third, a sample at every second row", "series_one.csv",
    ["order by date", "features x, z", "target x, z ahead 2", "window 12 every 3 stride 2", "split train 70%, validation 15%, test 15%"],
    [frame], ["x", "z"], {"x": "x", "z": "z"}, window=12, every=3, stride=2, ahead=(2, 2))
cut("no step ahead: the target stands in the window's last row", "series_one.csv",
    ["order by date", "features z", "target x", "window 3", "split train 70%, validation 15%, test 15%"],
    [frame], ["z"], {"x": "x"}, window=3)
scale = frame.copy()
scale["x"] = scaled(scale, "x", MinMaxScaler())
scale["z"] = scaled(scale, "z", StandardScaler())
cut("scales of training rows", "series_one.csv",
    ["order by date", "features x, z", "target x ahead 1", "scale x: minmax", "scale z: standard", "window 5",
     "split train 70%, validation 15%, test 15%"],
    [scale], ["x", "z"], {"x": "x"}, window=5, ahead=(1, 1))
until = frame.assign(part=["train" if d < "2024-01-01" else "validation" if d < "2024-01-16" else "test" for d in one.date])
cut("parts that end at a time", "series_one.csv",
    ["order by date", "features x", "target x ahead 1..2", "window 3", 'split train until "2023", validation until "2024-01-15", test rest'],
    [until], ["x"], {"x": "x"}, window=3, ahead=(1, 2))

# ---- a file that runs backwards, dates in other forms ---------------------------------------------------------------------------

down = one.iloc[::-1].reset_index(drop=True)
forms = {
    "series_compact.csv": (lambda d: d.dt.strftime("%Y%m%d"), []),
    "series_korean.csv": (lambda d: d.dt.strftime("%Y년 ") + d.dt.month.astype(str) + "월 " + d.dt.day.astype(str) + "일", []),
    "series_slashes.csv": (lambda d: d.dt.strftime("%d/%m/%Y"), []),
    "series_format.csv": (lambda d: d.dt.strftime("%d.%m.%y"), ['date date as "%d.%m.%y"']),
}
for name, (write_date, extra) in forms.items():
    other = down.assign(date=write_date(pd.to_datetime(down.date)))
    table(name, other[["date", "x"]])
    back_in_order = frame.assign(line=n + 1 - np.arange(n))
    cut("a descending file, dates as %s" % other.date[0], name,
        extra + ["order by date every 1 day", "features x", "target x ahead 1", "window 3", "split train 70%, validation 15%, test 15%"],
        [back_in_order], ["x"], {"x": "x"}, window=3, ahead=(1, 1))

# ---- several series -------------------------------------------------------------------------------------------------------------

rows = []
for k, store in enumerate(["north", "south", "east"]):
    m = 40 - 6 * k
    base = 10 * (k + 1) + np.cumsum(RNG.normal(0, 1 + k, m))
    rows += [(d.strftime("%Y-%m"), store, round(float(v), 3)) for d, v in zip(pd.date_range("2019-03-01", periods=m, freq="MS"), base)]
order = RNG.permutation(len(rows))
many = pd.DataFrame([rows[i] for i in order], columns=["month", "store", "y"])
table("series_many.csv", many)
many["line"] = np.arange(len(many)) + 2
series = []
for store in many.store.unique():  # in order of appearance
    s = many[many.store == store].sort_values("month").reset_index(drop=True)
    s["part"] = borders(len(s), (0.6, 0.2, 0.2))
    s["lag"] = s.y.shift(3)
    s["ewm"] = s.y.ewm(span=4).mean()
    series.append(s)
cut("series that nothing crosses", "series_many.csv",
    ["order by month every 1 month", "group by store", "derive lag = shift(y, 3)", "derive ewm = ewm_mean(y, 4)", "features lag, ewm, y",
     "target y ahead 1", "window 3", "split train 60%, validation 20%, test 20%"],
    series, ["lag", "ewm", "y"], {"y": "y"}, window=3, ahead=(1, 1))
alone = []
for s in series:
    s = s.copy()
    s["y"] = scaled(s, "y", StandardScaler())
    alone.append(s)
cut("a scale for each series", "series_many.csv",
    ["order by month", "group by store", "features y", "target y ahead 1..2", "scale y: standard per group", "window 4",
     "split train 60%, validation 20%, test 20%"],
    alone, ["y"], {"y": "y"}, window=4, ahead=(1, 2))

# ---- gaps -----------------------------------------------------------------------------------------------------------------------

gaps = one[["date", "x", "z"]].copy()
gaps.loc[[5, 6, 30, 47, 48, 49, 50, 60], "x"] = np.nan
gaps.loc[[8, 33, 52], "z"] = np.nan
holes = gaps.drop(index=[12, 13, 40, 58]).reset_index(drop=True)
table("series_gaps.csv", holes)
holes["line"] = np.arange(len(holes)) + 2
full = holes.set_index("date").reindex(one.date).reset_index()
full["line"] = full["line"].fillna(0)
full["part"] = borders(len(full), (0.7, 0.15, 0.15))
filled = full.copy()
line, held, known = full.x.interpolate("linear"), full.x.ffill(), full.x.notna()
after = pd.Series(np.where(known, full.part, None), dtype=object).bfill()  # the part of the next known value
filled["x"] = np.where(known | (after == full.part), line, held)  # a line never reaches over a border: the value before is kept
filled["z"] = full["z"].ffill()
filled["mean3"] = filled.x.rolling(3).mean()
cut("missing days and cells, filled along the series", "series_gaps.csv",
    ["order by date every 1 day", "derive mean3 = rolling_mean(x, 3)", "features x, z, mean3", "target x ahead 1", "fill x: linear", "fill z: previous",
     "window 3", "split train 70%, validation 15%, test 15%"],
    [filled], ["x", "z", "mean3"], {"x": "x"}, window=3, ahead=(1, 1))
dropped = holes.copy()
dropped["missing"] = dropped[["x", "z"]].isna().any(axis=1)
dropped["run"] = dropped["missing"].cumsum()
dropped = dropped[~dropped["missing"]].reset_index(drop=True)
dropped["part"] = borders(len(dropped), (0.7, 0.15, 0.15))
cut("rows around one that was taken out are no neighbours", "series_gaps.csv",
    ["order by date", "features x, z", "target x ahead 1", "drop missing", "window 4", "split train 70%, validation 15%, test 15%"],
    [dropped], ["x", "z"], {"x": "x"}, window=4, ahead=(1, 1))

# ---- rows of one step -------------------------------------------------------------------------------------------------------------

times = pd.date_range("2024-02-26 03:00", periods=160, freq="5h")
keep = RNG.permutation(160)[:140]
hours = pd.DataFrame({"at": times, "v": np.round(RNG.normal(50, 9, 160), 2), "w": np.round(RNG.uniform(0, 4, 160), 3)}).iloc[np.sort(keep)].reset_index(drop=True)
hours.loc[[4, 5, 77], "w"] = np.nan
table("series_hours.csv", hours.assign(at=hours["at"].dt.strftime("%Y-%m-%d %H:%M")))
hours["line"] = np.arange(len(hours)) + 2
for how in ("mean", "sum", "first", "last"):
    days_ = hours.set_index("at").resample("D")
    merged = getattr(days_[["v", "w"]], how)() if how != "sum" else days_[["v", "w"]].sum(min_count=1)
    merged["line"] = days_["line"].first()
    merged = merged.dropna().reset_index()
    merged["part"] = borders(len(merged), (0.6, 0.4, 0.0))
    cut("the %s of each day" % how, "series_hours.csv",
        ["order by at every 1 day %s" % how, "features v, w", "target v ahead 1", "window 2", "split train 60%, validation 40%"],
        [merged], ["v", "w"], {"v": "v"}, window=2, ahead=(1, 1))

# ---- years and weeks of their own -------------------------------------------------------------------------------------------------

pairs = [(y, w) for y, last in ((2018, 52), (2019, 53), (2020, 52)) for w in range(1, last + 1)][:150]
weeks = pd.DataFrame(pairs, columns=["year", "week"])
weeks["t"] = np.round(10 * np.sin(np.arange(150) / 8) + RNG.normal(0, 1, 150), 2)
mixed = weeks.iloc[RNG.permutation(150)].reset_index(drop=True)
table("series_weeks.csv", mixed)
mixed["line"] = np.arange(150) + 2
ordered = mixed.sort_values(["year", "week"]).reset_index(drop=True)
ordered["part"] = ["train" if (y, w) <= (2019, 30) else "test" for y, w in zip(ordered.year, ordered.week)]
cut("weeks that run to each year's own last one", "series_weeks.csv",
    ["order by year, week every 1 week", "features t", "target t ahead 1", "window 3", 'split train until "2019 30", test rest'],
    [ordered], ["t"], {"t": "t"}, window=3, ahead=(1, 1))

write("series.json", {"cases": CASES})
