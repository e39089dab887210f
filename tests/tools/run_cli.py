#!/usr/bin/env python3
"""Sessions at a shell: tests/cli/*.test

    # a comment
    $ nnl chekc x                 a command; `> ` begins the next line of one that goes on
    error[E0910]: there is …      what it prints, standard output and error together, in full
    [2]                           its exit code, where it is not 0

In what is expected, a line `...` stands for any lines, `{*}` inside a line for any text. The commands of a file share an
empty folder; `nnl` is the program under test and $ROOT the tree. --bless writes what was got.
"""
import glob
import os
import re
import shutil
import subprocess
import tempfile

from testing import ROOT, SECONDS, Tally, arguments, difference, each, wanted

FOLDER = os.path.join(ROOT, "tests", "cli")


def steps_of(text):
    """A list of (line number, command, expected text, exit code); what precedes the first command is kept as a head."""
    head, steps = [], []
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("$ "):
            steps.append([number, line[2:], [], 0])
        elif not steps:
            head.append(line)
        elif line.startswith("> ") and not steps[-1][2]:
            steps[-1][1] += "\n" + line[2:]
        elif re.fullmatch(r"\[\d+\]", line):
            steps[-1][3] = int(line[1:-1])
        else:
            steps[-1][2].append(line)
    for step in steps:
        while step[2] and (not step[2][-1] or step[2][-1].startswith("# ")):
            step[2].pop()
    return head, steps


def matches(expected, got):
    """Whether the lines got are those expected, `...` and `{*}` being open."""
    if not expected:
        return not got
    if expected[0] == "...":
        return any(matches(expected[1:], got[k:]) for k in range(len(got) + 1))
    if not got:
        return False
    pattern = ".*".join(re.escape(part) for part in expected[0].split("{*}"))
    return re.fullmatch(pattern, got[0]) is not None and matches(expected[1:], got[1:])


def test_file(path, nnl, bless):
    with open(path, encoding="utf-8") as f:
        text = f.read()
    _, steps = steps_of(text)
    folder = tempfile.mkdtemp(prefix="nnl-cli-")
    bin_folder = os.path.join(folder, ".bin")
    os.mkdir(bin_folder)
    os.symlink(nnl, os.path.join(bin_folder, "nnl"))
    environment = dict(os.environ, NO_COLOR="1", TERM="dumb", LC_ALL="C.UTF-8", ROOT=ROOT, COLUMNS="120",
                       PATH=bin_folder + os.pathsep + os.environ["PATH"])
    results = []
    try:
        for number, command, expected, status in steps:
            try:
                done = subprocess.run(["sh", "-c", command], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=SECONDS)
                got, got_status = done.stdout.decode("utf-8", "replace").rstrip("\n").split("\n"), done.returncode
            except subprocess.TimeoutExpired:
                got, got_status = ["took longer than %d seconds" % SECONDS], None
            got = [line.rstrip() for line in got] if got != [""] else []
            faults = []
            if got_status != status:
                faults.append("`%s`: expected exit code %s, got %s" % (command, status, got_status))
            if not matches([line.rstrip() for line in expected], got):
                faults.append("`%s` prints something else:\n%s" % (command, difference("\n".join(expected), "\n".join(got))))
            if faults and bless:
                old = "\n".join(["$ " + command.replace("\n", "\n> ")] + expected + (["[%d]" % status] if status else []))
                new = "\n".join(["$ " + command.replace("\n", "\n> ")] + got + (["[%d]" % got_status] if got_status else []))
                if old in text:
                    text = text.replace(old, new, 1)
            results.append(("%s:%d" % (os.path.relpath(path, ROOT), number), faults))
    finally:
        shutil.rmtree(folder)
    if bless:
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
    return results


def main():
    a = arguments(__doc__, "--bless")
    tally = Tally()
    paths = sorted(p for p in glob.glob(os.path.join(FOLDER, "*.test")) if wanted(p, a.only))
    each(tally, a.jobs, lambda p: test_file(p, a.nnl, a.bless), paths)
    tally.close()


if __name__ == "__main__":
    main()
