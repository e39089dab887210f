#!/usr/bin/env python3
"""Bad scripts: the whole message of each, its fixes applied, and a page and a script for every code.

tests/errors/CODE_what.nnl is run as `nnl check FILE`, from its folder, or as its first line says: `# run: nnl run FILE --strict`
(FILE stands for the script). Standard error must equal CODE_what.err. Then every fix that comes with edits is applied, alone, to
a copy; the mistake must be gone and the script must still be readable.

--bless writes the .err files from what the program says; read the difference before keeping it.
"""
import collections
import glob
import json
import os
import re
import shutil
import tempfile

from testing import ROOT, Tally, arguments, difference, each, is_crash, run, wanted

FOLDER = os.path.join(ROOT, "tests", "errors")


def read(path):
    with open(path, encoding="utf-8", errors="surrogateescape", newline="") as f:
        return f.read()


def command_of(script, nnl):
    first = read(os.path.join(FOLDER, script)).split("\n", 1)[0]
    found = re.match(r"# run: nnl (.*)", first.strip())
    words = found.group(1).split() if found else ["check", "FILE"]
    return [nnl] + [script if word == "FILE" else word for word in words]


def apply_edits(text, edits):
    """Lines and columns count from 1, columns in code points, ends are exclusive."""
    lines = text.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)

    def offset(line, column):
        begin = starts[min(line, len(lines)) - 1]
        if line == 1 and text.startswith("\ufeff"):
            begin += 1
        return min(begin + column - 1, len(text))

    places = [(offset(e["line"], e["column"]), offset(e["end_line"], e["end_column"]), e["replace"]) for e in edits]
    for begin, end, replace in sorted(places, reverse=True):
        text = text[:begin] + replace + text[end:]
    return text


def diagnostics(command, folder):
    """The parsed diagnostics and a list of faults of their form."""
    status, _, err = run(command + ["--json"], folder)
    found, faults = [], []
    if is_crash(status):
        faults.append("with --json it ended with status %s:\n%s" % (status, err[-2000:]))
    for line in err.splitlines():
        try:
            found.append(json.loads(line))
        except ValueError:
            faults.append("with --json, standard error holds a line that is no JSON: %s" % line[:160])
            break
    return found, faults


def copy_folder(script, texts):
    """A folder like tests/errors where the script (and other edited files) have the given texts."""
    folder = tempfile.mkdtemp(prefix="nnl-fix-")
    for name in os.listdir(FOLDER):
        path = os.path.join(FOLDER, name)
        if name == "data" and any(t.startswith("data/") for t in texts):
            shutil.copytree(path, os.path.join(folder, name))
        elif os.path.isdir(path) or not name.endswith((".nnl", ".err")):
            os.symlink(path, os.path.join(folder, name))
    texts.setdefault(script, read(os.path.join(FOLDER, script)))
    for name, text in texts.items():
        path = os.path.join(folder, name)
        if os.path.islink(path):
            os.remove(path)
        with open(path, "w", encoding="utf-8", errors="surrogateescape", newline="") as f:
            f.write(text)
    return folder


def fix_faults(script, command, d, fix, before):
    texts = {}
    for name in {e["file"] for e in fix["edits"]}:
        edits = [e for e in fix["edits"] if e["file"] == name]
        texts[name] = apply_edits(read(os.path.join(FOLDER, name)), edits)
    folder = copy_folder(script, texts)
    try:
        found, faults = diagnostics(command, folder)
    finally:
        shutil.rmtree(folder)
    after = collections.Counter(x["code"] for x in found)
    what = "the fix `%s` of %s at line %s" % (fix["text"], d["code"], d["line"])
    if after[d["code"]] >= before[d["code"]]:
        faults.append("%s leaves the mistake:\n%s" % (what, texts.get(script, "")))
    broken = [x for x in found if x["code"].startswith("E01") and after[x["code"]] > before[x["code"]]]
    if broken:
        faults.append("%s makes the script unreadable (%s):\n%s" % (what, broken[0]["message"], texts.get(script, "")))
    return faults


def test_script(script, nnl, bless):
    command = command_of(script, nnl)
    status, _, err = run(command, FOLDER)
    expected_path = os.path.join(FOLDER, script[:-4] + ".err")
    faults = []
    if is_crash(status):
        return [("tests/errors/" + script, ["ended with status %s:\n%s" % (status, err[-3000:])])]
    if bless and (not os.path.exists(expected_path) or read(expected_path) != err):
        with open(expected_path, "w", encoding="utf-8", errors="surrogateescape", newline="") as f:
            f.write(err)
        print("blessed tests/errors/%s.err" % script[:-4])
    if not os.path.exists(expected_path):
        faults.append("has no .err beside it (make bless writes it); it says:\n%s" % err)
    elif read(expected_path) != err:
        faults.append("says something else:\n%s" % difference(read(expected_path), err))
    code = re.match(r"([EW]\d{4})", script)
    if code and "[%s]" % code.group(1) not in err:
        faults.append("expected %s in its message, got:\n%s" % (code.group(1), err))
    if ("error[" in err) != (status != 0):
        faults.append("ended with status %s, which does not fit what it says" % status)
    results = [("tests/errors/" + script, faults)]
    found, faults = diagnostics(command, FOLDER)
    before = collections.Counter(d["code"] for d in found)
    if len(found) != len(re.findall(r"^(?:error|warning)\[", err, re.M)):
        faults.append("with --json there are %d messages, not as many as without" % len(found))
    for d in found:
        for fix in d["fixes"]:
            if fix["edits"]:
                faults += fix_faults(script, command, d, fix, before)
    return results + [("fixes of tests/errors/" + script, faults)]


def style_faults(message):
    """The first line of a message is one fact in small letters, without a full stop, in words of the user."""
    faults = []
    if re.match(r"[A-Z][a-z ]", message):
        faults.append("its message begins with a capital letter: %s" % message)
    if message.endswith((".", "!")):
        faults.append("its message ends in a full stop: %s" % message)
    if re.search(r"\b(internal|invalid|token|parser|pointer|null|identifier)\b", message):
        faults.append("its message uses a word of programmers: %s" % message)
    return faults


def test_codes(nnl, tally):
    """Every code has a page and a script, or a test of the command line or a unit test that names it."""
    status, out, err = run([nnl, "explain"], ROOT)
    messages = dict(re.findall(r"^([EW]\d{4})  (.*)", out, re.M))
    codes = list(messages)
    if status != 0 or not codes:
        tally.result("nnl explain", ["lists no codes: %s" % err])
        return
    named = "".join(read(p) for p in glob.glob(os.path.join(FOLDER, "*.err")))
    named += "".join("[%s]" % c for p in glob.glob(os.path.join(ROOT, "tests", "cli", "*.test")) +
                     glob.glob(os.path.join(ROOT, "tests", "unit", "*.c")) for c in re.findall(r"[EW]\d{4}", read(p)))
    for code in codes:
        faults = style_faults(messages[code])
        if not os.path.exists(os.path.join(ROOT, "docs", "errors", code + ".md")):
            faults.append("has no page docs/errors/%s.md" % code)
        if "[%s]" % code not in named:
            faults.append("has no script tests/errors/%s_….nnl that shows it" % code)
        tally.result("code " + code, faults)


def main():
    a = arguments(__doc__, "--bless")
    tally = Tally()
    scripts = sorted(os.path.basename(p) for p in glob.glob(os.path.join(FOLDER, "*.nnl")))
    scripts = [s for s in scripts if wanted("tests/errors/" + s, a.only)]
    each(tally, a.jobs, lambda s: test_script(s, a.nnl, a.bless), scripts)
    if not a.only:
        test_codes(a.nnl, tally)
    tally.close()


if __name__ == "__main__":
    main()
