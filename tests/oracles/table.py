"""Figures for tables: numbers as Python's float() reads them, CSV as Python's csv module writes and reads it, calendars and
expressions as pandas works them out. Writes tests/oracles/table.json. Run with Debian's python3-pandas:
    /usr/bin/python3 tests/oracles/table.py
"""
import csv
import io
import json
import math
import os
import random

import numpy as np
import pandas as pd

HERE = os.path.dirname(os.path.abspath(__file__))
rng = random.Random(20240517)


def numbers():
    texts = [
        "0", "-0", "+0", "1", "-1", "+5", ".5", "5.", "-.5e1", "1e5", "1E-5", "1e+5", "00012", "0.1", "0.2", "0.3", "3.14159265358979323846",
        "9007199254740992", "9007199254740993", "9007199254740994", "9007199254740995", "9007199254740993.0000000000000000000001",
        "18446744073709551615", "18446744073709551616", "123456789012345678901234567890", "1e22", "1e23", "8.5e22", "1e-22", "1e-23",
        "4.9406564584124654e-324", "2.4703282292062327e-324", "2.4703282292062328e-324", "2.2250738585072014e-308", "2.2250738585072011e-308",
        "1.7976931348623157e308", "1.7976931348623158e308", "1.797693134862315807e308", "1e-400", "0e999999999999", "0.0e-999999999999",
        "6.9294956446009195e15", "3.7455744005952583e15", "5e-324", "1.0e-323", "0.000000000000000000000000000000000000001",
        "100000000000000016777215", "100000000000000016777216", "1090544144181609348671888949248", "7.3177701707893310e15",
        "1448997445238699", "0.500000000000000166533453693773481063544750213623046875",
        "1.00000000000000011102230246251565404236316680908203125", "1.00000000000000011102230246251565404236316680908203124",
        "1.00000000000000011102230246251565404236316680908203126", "1." + "0" * 400 + "1", "0." + "0" * 300 + "1", "1" + "0" * 300,
    ]
    for _ in range(1500):
        digits = rng.randint(1, 25)
        text = "".join(rng.choice("0123456789") for _ in range(digits))
        if rng.random() < 0.8:
            at = rng.randint(0, digits)
            text = text[:at] + "." + text[at:]
        if rng.random() < 0.4:
            text += rng.choice("eE") + rng.choice(["", "+", "-"]) + str(rng.randint(0, 330))
        text = rng.choice(["", "", "-", "+"]) + text
        if math.isfinite(float(text)):
            texts.append(text)
    for _ in range(500):
        bits = rng.getrandbits(64)
        value = np.frombuffer(bits.to_bytes(8, "little"), dtype=np.float64)[0]
        if np.isfinite(value):
            texts += [repr(float(value)), "%.17e" % value, "%.15g" % value]
    for _ in range(500):
        texts.append(repr(rng.random()))
    # Exactly in the middle between two neighbours, and one unit of the last digit to both sides.
    from decimal import Decimal, getcontext
    getcontext().prec = 900
    for _ in range(60):
        m = rng.getrandbits(52) | 1 << 52
        e = rng.randint(-60, 60)
        middle = (Decimal(2 * m + 1)) * Decimal(2) ** (e - 1)
        text = format(middle, "f")
        texts += [text, text + ("1" if "." in text else ".1")]
    return [[t, float(t).hex()] for t in texts]


NOT_NUMBERS = ["", "-", "+", ".", "e5", "1e", "1e+", "1.2.3", "0x10", "1_000", "inf", "nan", "1 2", "--1", "1-", "1,5", "\uff11", "1e5.0", "Infinity"]


def tables():
    words = ["", "a", "b c", 'say "hi"', "x,y", "line\nbreak", "서울", "12", "-3.5", "true", '"', "''", "a\r\nb", "tab\there", "NA"]
    cases = []
    for i in range(120):
        columns = rng.randint(1, 6)
        header = ["h%d" % k for k in range(columns)]
        if rng.random() < 0.3:
            header[0] = 'na"me, 1'
        rows = [[rng.choice(words) for _ in range(columns)] for _ in range(rng.randint(1, 12))]
        if columns == 1:  # an empty line is skipped
            rows = [[cell or "z"] for [cell] in rows]
        delimiter = rng.choice([",", ";", "\t", "|"])
        out = io.StringIO()
        writer = csv.writer(out, delimiter=delimiter, quoting=rng.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
                            lineterminator=rng.choice(["\n", "\r\n"]))
        writer.writerow(header)
        writer.writerows(rows)
        text = out.getvalue()
        if rng.random() < 0.3:
            text = text.rstrip("\r\n")
        assert list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)) == [header] + rows
        cases.append({"delimiter": delimiter, "text": text, "header": header, "rows": rows})
    return cases


def dates():
    out = []
    stamps = ["1949-01-01 00:00:00", "1970-01-01 00:00:00", "2000-02-29 23:59:59", "2016-12-31 12:00:00", "2020-12-31 00:00:00",
              "2021-01-03 06:07:08", "2021-01-04 00:00:00", "1900-03-01 00:00:00", "2100-02-28 18:30:00", "1677-12-31 01:02:03"]
    for _ in range(300):
        t = pd.Timestamp("1900-01-01") + pd.Timedelta(days=rng.randint(-70000, 100000)) + pd.Timedelta(seconds=rng.randint(0, 86399))
        stamps.append(str(t))
    for text in stamps:
        t = pd.Timestamp(text)
        iso = t.isocalendar()
        out.append([text, [(t - pd.Timestamp(0)).total_seconds(), t.year, t.quarter, t.month, iso[1], t.day, t.dayofyear, t.weekday(), t.hour,
                           t.minute, t.second]])
    return out


def each(f, values):
    """Python's own functions: NumPy's vector forms may be several units of the last place off."""
    def one(x):
        try:
            return f(x)
        except (ValueError, OverflowError):
            return math.nan
    return values.map(one)


# Expressions in prefix form: ["+", a, b], ["column", "x"], a number, ["text", "Yes"].
def evaluate(e, d):
    if isinstance(e, (int, float)):
        return pd.Series(float(e), index=d.index)
    op, args = e[0], e[1:]
    if op == "column":
        return d[args[0]]
    if op == "text":
        return pd.Series(args[0], index=d.index, dtype=object)
    v = [evaluate(a, d) for a in args]
    with np.errstate(all="ignore"):
        return {
            "+": lambda: v[0] + v[1], "-": lambda: v[0] - v[1], "*": lambda: v[0] * v[1], "/": lambda: v[0] / v[1],
            "log": lambda: each(math.log, v[0]), "log1p": lambda: each(math.log1p, v[0]), "exp": lambda: each(math.exp, v[0]),
            "sqrt": lambda: np.sqrt(v[0]),
            "abs": lambda: np.abs(v[0]), "round": lambda: np.round(v[0]) if len(v) == 1 else np.round(v[0], int(args[1])),
            "min": lambda: np.minimum(v[0], v[1]), "max": lambda: np.maximum(v[0], v[1]), "sin": lambda: each(math.sin, v[0]),
            "cos": lambda: each(math.cos, v[0]), "neg": lambda: -v[0],
        }[op]()


def expressions():
    n = 40
    g = np.random.default_rng(5)
    x = np.round(g.normal(0, 5, n), 3)
    y = np.round(g.normal(2, 3, n), 2)
    x[[3, 17]] = np.nan
    y[[17, 30]] = np.nan
    y[5] = 0
    x[6] = 0
    x[7], x[8], x[9] = 0.5, 1.5, 2.5
    d = pd.DataFrame({"x": x, "y": y})
    X, Y = ["column", "x"], ["column", "y"]
    forms = [["+", X, Y], ["-", X, Y], ["*", X, 2], ["/", X, Y], ["/", 1, X], ["log", X], ["log1p", ["abs", X]], ["exp", ["/", X, 3]],
             ["exp", ["*", X, 1000]], ["sqrt", Y], ["abs", X], ["round", X], ["round", X, 1], ["round", ["*", X, 100], -2], ["min", X, Y],
             ["max", X, Y], ["sin", X], ["cos", ["*", X, Y]], ["neg", ["-", X, ["/", Y, 7]]]]
    cases = []
    for form in forms:
        result = evaluate(form, d).astype(float)
        result[~np.isfinite(result)] = np.nan  # what has no finite value is missing
        cases.append([form, [None if np.isnan(v) else float(v).hex() for v in result]])
    return {"csv": d.to_csv(index=False), "cases": cases}


with open(os.path.join(HERE, "table.json"), "w", encoding="utf-8") as f:
    json.dump({"numbers": numbers(), "not_numbers": NOT_NUMBERS, "tables": tables(), "dates": dates(), "expressions": expressions()}, f,
              ensure_ascii=False, separators=(",", ":"))
