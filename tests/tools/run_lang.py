#!/usr/bin/env python3
"""Scripts that say in comments what is expected of them.

tests/lang/**/*.nnl are run as `nnl run FILE`, or as a line `# run: nnl check FILE …` says, from their folder:

    # expect: TEXT            a line of standard output; several must come in this order, other lines may stand between
    # expect error: E0311     a message of this code on this very line (warning: W0204 likewise)
    # exit: N                 the exit code (0, or 1 where an error is expected, if it is not given)

Messages that are not expected fail the test. With `expect error` and no `# run` line, the script is only checked.
"""
import glob
import json
import os
import re

from testing import ROOT, Tally, arguments, each, is_crash, run, wanted

FOLDER = os.path.join(ROOT, "tests", "lang")


def expectations(path):
    output, messages, status, command = [], [], None, None
    with open(path, encoding="utf-8") as f:
        for number, line in enumerate(f, 1):
            found = re.search(r"# expect: (.*)", line)
            if found:
                output.append((number, found.group(1).strip()))
            for severity, code in re.findall(r"# expect (error|warning): ([EW]\d{4})", line):
                messages.append((number, severity, code))
            found = re.match(r"# exit: (\d+)", line)
            if found:
                status = int(found.group(1))
            found = re.match(r"# run: nnl (.*)", line)
            if found:
                command = found.group(1).split()
    errors = any(m[1] == "error" for m in messages)
    if status is None:
        status = 1 if errors else 0
    return output, messages, status, command or ["check" if errors else "run", "FILE"]


def test_script(path, nnl):
    name, folder = os.path.basename(path), os.path.dirname(path)
    output, messages, status, words = expectations(path)
    command = [nnl] + [name if w == "FILE" else w for w in words] + ["--json"]
    got_status, out, err = run(command, folder)
    faults = []
    if got_status != status:
        faults.append("expected exit code %s, got %s\n%s" % (status, got_status, err[-2000:]))
    if is_crash(got_status):
        return [(os.path.relpath(path, ROOT), faults)]
    lines, at = [line.strip() for line in out.splitlines()], 0
    for number, text in output:
        if text not in lines[at:]:
            faults.append("line %d: expected on standard output: %s\n  got:\n%s" % (
                number, text, "\n".join("    " + x for x in lines[at:at + 30])))
            break
        at = lines.index(text, at) + 1
    found = []
    for line in err.splitlines():
        if line.startswith("{"):
            d = json.loads(line)
            found.append((d["line"], d["severity"], d["code"], d["message"]))
    for wish in messages:
        match = next((d for d in found if d[:3] == wish), None)
        if match:
            found.remove(match)
        else:
            faults.append("line %d: expected %s %s, it is not reported there" % wish)
    faults += ["line %s: unexpected %s %s: %s" % d for d in found]
    return [(os.path.relpath(path, ROOT), faults)]


def main():
    a = arguments(__doc__)
    tally = Tally()
    paths = sorted(p for p in glob.glob(os.path.join(FOLDER, "**", "*.nnl"), recursive=True)
                   if wanted(p, a.only) and os.sep + "data" + os.sep not in p)
    each(tally, a.jobs, lambda p: test_script(p, a.nnl), paths)
    tally.close()


if __name__ == "__main__":
    main()
