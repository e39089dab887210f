#!/usr/bin/env python3
"""What docs/time-series.md says the terminal prints is what it prints.

Blocks ```nnl NAME are saved under that name in a copy of the examples' folder (```nnl part: only a part of a script; it is read by
`nnl fmt`), the commands of ```console blocks are run there. What `check`, `data` and other commands print must be equal; of a training (`run`) the
words must be equal and numbers stand where numbers stood, for their last digits follow from the processor. --bless writes the page anew.
"""
import os
import re
import shutil
import subprocess
import tempfile

from testing import ROOT, Tally, arguments, difference, run

PAGE = os.path.join(ROOT, "docs", "time-series.md")
BLOCK = re.compile(r"^```(nnl|console)([^\n]*)\n(.*?)^```\n", re.M | re.S)


def shell(command, folder, nnl):
    """What a terminal shows."""
    environment = dict(os.environ, NO_COLOR="1", TERM="dumb", LC_ALL="C.UTF-8", COLUMNS="120", PATH=os.path.join(folder, "bin") + ":" + os.environ["PATH"])
    done = subprocess.run(["sh", "-c", command], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env=environment, timeout=60)
    return "\n".join(line.rstrip() for line in done.stdout.decode("utf-8").splitlines())


def loose(text):
    """A training's report without figures, and without the verdict that follows from them."""
    lines = [line for line in text.splitlines() if not re.match(r"\s*(Fit:|Try |The weights of epoch)", line)]
    return "\n".join(re.sub(r"\s+", " ", re.sub(r"-?\d[\d.,]*(e[+-]?\d+)?", "N", line.replace("(stopped early)", "").replace("(all epochs done)", "")))
                     .split("; best epoch")[0].strip() for line in lines)


def console(body, folder, nnl):
    """The block with real answers, and faults."""
    written, faults = [], []
    steps = re.split(r"^\$ ", body, flags=re.M)[1:]
    for step in steps:
        command, _, shown = step.partition("\n")
        got = shell(command, folder, nnl)
        same = (loose(got) == loose(shown)) if " run " in command else got.strip("\n") == shown.strip("\n")
        if not same:
            faults.append("`%s` prints something else:\n%s" % (command, difference(shown, got)))
        written.append("$ %s\n%s" % (command, got + "\n" if got else ""))
    return "".join(written), faults


def main():
    a = arguments(__doc__, "--bless")
    tally = Tally()
    with open(PAGE, encoding="utf-8") as f:
        page = f.read()
    folder = tempfile.mkdtemp(prefix="nnl-tutorial-")
    try:
        shutil.copytree(os.path.join(ROOT, "examples", "data"), os.path.join(folder, "data"))
        os.mkdir(os.path.join(folder, "bin"))
        os.symlink(a.nnl, os.path.join(folder, "bin", "nnl"))

        def block(match):
            kind, name, body = match.group(1), match.group(2).strip(), match.group(3)
            where = "%s:%d" % (os.path.relpath(PAGE, ROOT), page[:match.start()].count("\n") + 1)
            if kind == "console":
                body, faults = console(body, folder, a.nnl)
                tally.result(where, [] if a.bless else faults)
            elif name == "part":
                status, _, err = run([a.nnl, "fmt", "-"], folder, stdin=body.encode())
                tally.result(where, ["the part of a script has mistakes:\n%s" % err] if status else [])
            else:
                if not name:
                    tally.result(where, ["the script has no name"])
                    return match.group(0)
                with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
                    f.write(body)
                status, out, err = run([a.nnl, "fmt", "--check", name], folder)
                tally.result(where, ["`nnl fmt` would change it: %s%s" % (out, err)] if status else [])
            return "```%s%s\n%s```\n" % (kind, match.group(2), body)

        written = BLOCK.sub(block, page)
    finally:
        shutil.rmtree(folder)
    if a.bless and written != page:
        with open(PAGE, "w", encoding="utf-8") as f:
            f.write(written)
        print("docs/time-series.md was written anew; read the difference")
    tally.close()


if __name__ == "__main__":
    main()
