#!/usr/bin/env python3
"""Runs `nnl check --json` over the sample scripts of tests/cases/lang and compares every answer with the
expectation beside the script, as the README of that folder describes.

    check_lang_cases.py [--nnl build/nnl] [--verbose] [FOLDER or NAME ...]

One line for each script that fails or waits; the last line is `N passed, N failed, N skipped`. A script
waits where the answer carries the code of what is not carried out yet (E0900). Exit status: 0 without
failures, 1 with some, 2 where nothing could be run. Only the standard library is needed.
"""
import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
CASES = os.path.join(HERE, "..", "cases", "lang")
NOT_YET = "E0900"
SECONDS = 30


class Answer:
    """What one `nnl check` said: exit code, both streams, its diagnostics, the events of its log."""

    def __init__(self, nnl, folder, script, log):
        command = [nnl, "check", "--json"]
        if log:
            command += ["--log", log]
        try:
            done = subprocess.run(command + [script], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  stdin=subprocess.DEVNULL, timeout=SECONDS)
            self.exit, self.err = done.returncode, done.stderr.decode("utf-8", "replace")
        except subprocess.TimeoutExpired:
            self.exit, self.err = None, ""
        self.diagnostics, self.faults = [], []
        for line in self.err.splitlines():
            try:
                self.diagnostics.append(json.loads(line))
            except ValueError:
                self.faults.append("standard error holds a line that is no JSON: %r" % line[:120])
        for d in self.diagnostics:
            self.faults += form_faults(d)
        self.events = []
        if log and os.path.exists(os.path.join(folder, log)):
            with open(os.path.join(folder, log), encoding="utf-8") as f:
                for line in f:
                    try:
                        self.events.append(json.loads(line))
                    except ValueError:
                        self.faults.append("the log holds a line that is no JSON: %r" % line[:120])


# ---------------------------------------------------------------- the form of a diagnostic

SPAN = {"file": str, "line": int, "column": int, "end_line": int, "end_column": int}
FORM = dict(SPAN, severity=str, code=str, message=str, labels=list, notes=list, fixes=list)


def span_faults(s, what):
    bad = ["%s lacks `%s`" % (what, k) for k, t in SPAN.items() if not isinstance(s.get(k), t)]
    if not bad and (s["line"], s["column"]) >= (s["end_line"], s["end_column"]) and "replace" not in s:
        bad.append("%s covers nothing" % what)
    return bad


def form_faults(d):
    if not isinstance(d, dict):
        return ["a diagnostic is no object"]
    bad = ["a diagnostic lacks `%s`" % k for k, t in FORM.items() if not isinstance(d.get(k), t)]
    if bad:
        return bad
    bad += span_faults(d, "the place of %s" % d["code"])
    if d["severity"] not in ("error", "warning"):
        bad.append("severity is %r" % d["severity"])
    if not re.fullmatch(r"[EW]\d{4}", d["code"]):
        bad.append("code is %r" % d["code"])
    for label in d["labels"]:
        bad += span_faults(label, "a label of %s" % d["code"])
    for fix in d["fixes"]:
        if not isinstance(fix.get("text"), str) or not isinstance(fix.get("edits"), list):
            bad.append("a fix of %s lacks its text or edits" % d["code"])
            continue
        for edit in fix["edits"]:
            bad += span_faults(edit, "an edit of %s" % d["code"])
            if not isinstance(edit.get("replace"), str):
                bad.append("an edit of %s lacks `replace`" % d["code"])
    return bad


# ---------------------------------------------------------------- places

def begin(s):
    return (s["line"], s["column"])


def end(s):
    return (s["end_line"], s["end_column"])


def meets(span, place):
    """They share a character or stand directly beside each other."""
    return begin(span) <= end(place) and begin(place) <= end(span)


def covers(span, place):
    return span["line"] == place["line"] and begin(span) <= begin(place) and end(span) >= end(place)


def place_fault(d, expected, script):
    """Why the places of a diagnostic are not those wanted, or None."""
    primary = [p for p in expected.get("places", []) if p["how"] != "label"]
    if expected.get("anywhere"):
        return None
    if primary and not (d["file"] == script and any(
            covers(d, p) if p["how"] == "cover" else meets(d, p) for p in primary)):
        return "stands at %s:%d:%d-%d:%d, wanted %s" % (d["file"], d["line"], d["column"], d["end_line"], d["end_column"], " or ".join(
            "%s %d:%d-%d:%d" % (p["how"], p["line"], p["column"], p["end_line"], p["end_column"]) for p in primary))
    for p in expected.get("places", []):
        if p["how"] == "label" and not any(l["file"] == script and meets(l, p) for l in d["labels"]):
            return "has no label at %d:%d" % begin(p)
    return None


# ---------------------------------------------------------------- words

def everything(d):
    parts = [d["message"]] + [l.get("text", "") for l in d["labels"]] + list(d["notes"])
    for fix in d["fixes"]:
        parts += [fix["text"]] + [e["replace"] for e in fix["edits"]]
    return "\n".join(parts)


def word_fault(d, expected):
    for field, text, where in (("msg", d["message"], "the message"), ("words", everything(d), "the whole diagnostic")):
        for word in expected.get(field, []):
            any_of = word if isinstance(word, list) else [word]
            if not any(w in text for w in any_of):
                return "%s lacks %s" % (where, " or ".join(repr(w) for w in any_of))
    return None


def mismatch(d, expected, script):
    """Why this diagnostic is not the one expected, or None where it is."""
    if expected.get("sev", "error") not in ("any", d["severity"]):
        return "is of severity %s" % d["severity"]
    return word_fault(d, expected) or place_fault(d, expected, script) or (
        "offers no fix" if expected.get("fix") == "must" and not d["fixes"] else None)


def pair_up(found, wanted, script):
    """Gives each expectation a diagnostic of its own; the largest such pairing, as a list of (found, wanted)."""
    partner = {}                                   # index in wanted -> index in found

    def place(w, seen):
        for f, d in enumerate(found):
            if f in seen or mismatch(d, wanted[w], script):
                continue
            seen.add(f)
            holder = next((k for k, v in partner.items() if v == f), None)
            if holder is None or place(holder, seen):
                partner[w] = f
                return True
        return False

    for w in range(len(wanted)):
        place(w, set())
    return partner


# ---------------------------------------------------------------- fixes

def apply_edits(text, edits):
    """Lines and columns count from 1, columns in code points, ends are exclusive."""
    starts, position = [0], 0
    for line in text.split("\n"):
        position += len(line) + 1
        starts.append(position)

    def offset(line, column):
        return min(starts[min(line, len(starts)) - 1] + column - 1, len(text))

    spans = sorted(((offset(e["line"], e["column"]), offset(e["end_line"], e["end_column"]), e["replace"]) for e in edits), reverse=True)
    for a, b, replace in spans:
        text = text[:a] + replace + text[b:]
    return text


def fix_faults(nnl, folder, script, before, d):
    """Applies each fix alone; the mistake must be gone, and no other error may have come instead."""
    bad = []
    with open(os.path.join(folder, script), encoding="utf-8", newline="") as f:
        text = f.read()
    for fix in d["fixes"]:
        if any(e["file"] != script for e in fix["edits"]):
            bad.append("a fix of %s edits another file" % d["code"])
            continue
        if not fix["edits"]:
            continue                               # advice in words, nothing to apply
        mended = "mended_" + script
        with open(os.path.join(folder, mended), "w", encoding="utf-8", newline="") as f:
            f.write(apply_edits(text, fix["edits"]))
        after = Answer(nnl, folder, mended, None)
        os.unlink(os.path.join(folder, mended))

        def count(answer, code):
            return sum(1 for x in answer.diagnostics if x.get("code") == code)

        if count(after, d["code"]) >= count(before, d["code"]):
            bad.append("the fix \"%s\" does not remove %s" % (fix["text"], d["code"]))
        came = sorted({x.get("code") for x in after.diagnostics if x.get("severity") == "error"}
                      - {x.get("code") for x in before.diagnostics})
        if came and came != [NOT_YET]:
            bad.append("the fix \"%s\" brings %s" % (fix["text"], ", ".join(came)))
    return bad


# ---------------------------------------------------------------- what good scripts promise

def shape_map(value):
    """Inputs of an event: name -> shape, or a list of objects with both."""
    if isinstance(value, list):
        return {v.get("name"): v.get("shape") for v in value if isinstance(v, dict)}
    return value


def model_faults(name, expected, events):
    event = next((e for e in events if e.get("event") == "model" and e.get("name") == name), None)
    if event is None:
        return ["no `model` event for `%s`" % name]
    bad = ["`%s`: %s is %r, wanted %r" % (name, k, event.get(k), expected[k])
           for k in ("parameters", "trainable") if k in expected and event.get(k) != expected[k]]
    if "inputs" in expected and shape_map(event.get("inputs")) != expected["inputs"]:
        bad.append("`%s`: inputs are %r, wanted %r" % (name, event.get("inputs"), expected["inputs"]))
    if "layers" in expected:
        found, wanted = event.get("layers", []), expected["layers"]
        if len(found) != len(wanted):
            bad.append("`%s` has the layers %s, wanted %s" % (
                name, ", ".join(str(l.get("kind")) for l in found), ", ".join(l["kind"][0] for l in wanted)))
        else:
            for i, (f, w) in enumerate(zip(found, wanted), 1):
                if f.get("kind") not in w["kind"]:
                    bad.append("`%s`: layer %d is of kind %r, wanted %s" % (name, i, f.get("kind"), " or ".join(w["kind"])))
                if w.get("name") is not None and f.get("name") != w["name"]:
                    bad.append("`%s`: layer %d is called %r, wanted %r" % (name, i, f.get("name"), w["name"]))
                if f.get("output_shape") != w["shape"]:
                    bad.append("`%s`: layer %d gives %r, wanted %r" % (name, i, f.get("output_shape"), w["shape"]))
                if f.get("parameters") != w["params"]:
                    bad.append("`%s`: layer %d has %r parameters, wanted %r" % (name, i, f.get("parameters"), w["params"]))
    return bad


def data_faults(name, expected, events):
    event = next((e for e in events if e.get("event") == "data" and e.get("name") == name), None)
    if event is None:
        return ["no `data` event for `%s`" % name]
    bad = []
    for key, wanted in expected.items():
        found = shape_map(event.get(key)) if key == "inputs" else event.get(key)
        if key == "samples" and isinstance(found, dict):
            found = {k: found.get(k) for k in wanted}
        if found != wanted:
            bad.append("data `%s`: %s is %r, wanted %r" % (name, key, event.get(key), wanted))
    return bad


# ---------------------------------------------------------------- one case

def judge(nnl, path, codes_of_kind):
    """-> (faults, what it waits for or None)"""
    script = os.path.basename(path)
    source = os.path.dirname(path)
    with open(path[:-len(".nnl")] + ".expect.json", encoding="utf-8") as f:
        expected = json.load(f)
    good = "exit" not in expected and "diagnostics" not in expected
    folder = tempfile.mkdtemp(prefix="nnl-case-")
    try:
        for name in [script] + expected.get("files", []):
            shutil.copy(os.path.join(source, name), folder)
            os.chmod(os.path.join(folder, name), 0o644)
        answer = Answer(nnl, folder, script, "log.jsonl" if good else None)
        if answer.exit is None:
            return ["no answer within %d seconds" % SECONDS], None
        bad = list(answer.faults)
        if good:
            if answer.exit != 0:
                bad.append("exit code %d, wanted 0" % answer.exit)
            if answer.err:
                bad.append("standard error is not empty: %s" % answer.err.splitlines()[0][:200])
            else:
                for name, model in expected.get("models", {}).items():
                    bad += model_faults(name, model, answer.events)
                for name, data in expected.get("data", {}).items():
                    bad += data_faults(name, data, answer.events)
        elif not bad:
            wanted = expected["diagnostics"]
            for w in wanted:
                w.setdefault("anywhere", expected.get("anywhere", False))
            if answer.exit not in expected["exit"]:
                bad.append("exit code %d, wanted %s" % (answer.exit, " or ".join(map(str, expected["exit"]))))
            partner = pair_up(answer.diagnostics, wanted, script)
            for i, w in enumerate(wanted):
                if i in partner or w.get("optional"):
                    continue
                reasons = "; ".join("%s \"%s\" %s" % (d["code"], d["message"], mismatch(d, w, script) or "is taken by another expectation")
                                    for d in answer.diagnostics)
                bad.append("expectation %d is not met: %s" % (i + 1, reasons or "nothing was reported"))
            if not expected.get("more"):
                for i, d in enumerate(answer.diagnostics):
                    if i not in partner.values():
                        bad.append("unwanted: %s at %d:%d \"%s\"" % (d["code"], d["line"], d["column"], d["message"]))
            for d in answer.diagnostics:
                bad += fix_faults(nnl, folder, script, answer, d)
            if "kind" in expected and not bad:
                for i in partner.values():
                    codes_of_kind.setdefault(expected["kind"], {}).setdefault(answer.diagnostics[i]["code"], script)
        waits = sorted({waiting_for(d) for d in answer.diagnostics if d.get("code") == NOT_YET})
        return bad, ", ".join(waits) if bad and waits else None
    finally:
        shutil.rmtree(folder)


def waiting_for(d):
    named = re.search(r"`([^`]+)`", d.get("message", ""))
    return "`%s`" % named.group(1) if named else d.get("message", "")


def find_cases(arguments):
    folders = arguments or [CASES]
    found = []
    for a in folders:
        if os.path.isfile(a):
            found.append(os.path.abspath(a))
            continue
        inside = a if os.path.isdir(a) else None
        for root, _, names in os.walk(inside or CASES):
            found += [os.path.abspath(os.path.join(root, n)) for n in names
                      if n.endswith(".nnl") and os.path.exists(os.path.join(root, n[:-4] + ".expect.json"))
                      and (inside or n[:-4] == a)]
    return sorted(set(found))


def main():
    parser = argparse.ArgumentParser(description="compare the answers of `nnl check` with tests/cases/lang")
    parser.add_argument("--nnl", default=os.path.join(HERE, "..", "..", "build", "nnl"))
    parser.add_argument("--verbose", action="store_true", help="name the cases that pass, too")
    parser.add_argument("cases", nargs="*", help="folders, scripts, or names of cases (default: all)")
    options = parser.parse_args()
    nnl = os.path.abspath(options.nnl)
    if not os.access(nnl, os.X_OK):
        print("cannot run %s" % options.nnl, file=sys.stderr)
        return 2
    cases = find_cases(options.cases)
    if not cases:
        print("no such cases", file=sys.stderr)
        return 2
    passed = failed = skipped = 0
    codes_of_kind = {}
    for path in cases:
        name = "/".join(path.split(os.sep)[-2:])
        faults, waits = judge(nnl, path, codes_of_kind)
        if waits:
            skipped += 1
            print("skip %s: waits for %s" % (name, waits))
        elif faults:
            failed += 1
            for f in faults:
                print("FAIL %s: %s" % (name, f))
        else:
            passed += 1
            if options.verbose:
                print("ok   %s" % name)
    for kind, codes in sorted(codes_of_kind.items()):
        if len(codes) > 1:
            failed += 1
            print("FAIL mistakes of kind %s carry several codes: %s" % (kind, ", ".join("%s (%s)" % c for c in sorted(codes.items()))))
    print("%d passed, %d failed, %d skipped" % (passed, failed, skipped))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
