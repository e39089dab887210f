#!/usr/bin/env python3
"""Over every .nnl of the tree: formatting keeps the tree of the script, and formatting twice changes nothing more. A script that
cannot be read is left as it is, and formatting says so.
"""
import glob
import os
import re
import shutil
import tempfile

from testing import ROOT, Tally, arguments, difference, each, is_crash, run, wanted

PLACES = ("examples", "stdlib", "tests/lang", "tests/train", "tests/cases", "tests/errors", "tests/keras")


def ast_of(nnl, folder):
    """The dump of the tree without places, or None where the script cannot be read."""
    status, out, err = run([nnl, "check", "--dump=ast", "--json", "script.nnl"], folder)
    if is_crash(status):
        raise RuntimeError("nnl check --dump=ast ended with status %s: %s" % (status, err[-1000:]))
    if re.search(r'"code":"E01', err) or not out:
        return None
    return re.sub(r"@?\[?\b\d+:\d+(?:[-.]+\d+(?::\d+)?)?\]?", "", out)


def read(path):
    with open(path, "rb") as f:
        return f.read()


def test_script(path, nnl):
    folder = tempfile.mkdtemp(prefix="nnl-fmt-")
    script = os.path.join(folder, "script.nnl")
    faults = []
    try:
        shutil.copyfile(path, script)
        original = read(script)
        before = ast_of(nnl, folder)
        status, _, err = run([nnl, "fmt", "script.nnl"], folder)
        once = read(script)
        if is_crash(status):
            faults.append("nnl fmt ended with status %s: %s" % (status, err[-1000:]))
        elif before is None:
            if status == 0:
                faults.append("nnl fmt takes a script that nnl check cannot read")
            if once != original:
                faults.append("nnl fmt changed a script that cannot be read")
        elif status != 0:
            faults.append("nnl fmt ended with exit code %s: %s" % (status, err[-1000:]))
        else:
            after = ast_of(nnl, folder)
            if after != before:
                faults.append("formatting changes the tree:\n%s" % difference(before, after or "(cannot be read)"))
            run([nnl, "fmt", "script.nnl"], folder)
            twice = read(script)
            if once != twice:
                faults.append("formatting twice changes it again:\n%s" % difference(once.decode(), twice.decode()))
            status, _, _ = run([nnl, "fmt", "--check", "script.nnl"], folder)
            if status != 0:
                faults.append("nnl fmt --check says that the formatted script would change")
    except RuntimeError as e:
        faults.append(str(e))
    finally:
        shutil.rmtree(folder)
    return [("format " + os.path.relpath(path, ROOT), faults)]


def main():
    a = arguments(__doc__)
    tally = Tally()
    paths = []
    for place in PLACES:
        paths += sorted(glob.glob(os.path.join(ROOT, place, "**", "*.nnl"), recursive=True))
    paths = [p for p in paths if wanted(p, a.only) and os.sep + "data" + os.sep not in p]
    each(tally, a.jobs, lambda p: test_script(p, a.nnl), paths)
    tally.close()


if __name__ == "__main__":
    main()
