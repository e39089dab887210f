"""What the test programs beside this file share: running nnl, counting, printing failures and the closing line.

Every test program takes `--nnl PATH`, prints one paragraph for each failure (file, line where there is one, expected, got) and
ends in `N passed, N failed, N skipped`; its exit status is 1 if anything failed.
"""
import argparse
import concurrent.futures
import difflib
import os
import subprocess
import sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
SECONDS = int(os.environ.get("TEST_SECONDS", "60"))  # a command may take; sanitizers want more


def arguments(description, *more):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--nnl", default=os.path.join(ROOT, "build", "nnl"))
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("only", nargs="*", help="run only tests whose path holds one of these")
    for name in more:
        parser.add_argument(name, action="store_true")
    a = parser.parse_args()
    a.nnl = os.path.abspath(a.nnl)
    return a


def wanted(path, only):
    return not only or any(o in path for o in only)


def run(command, cwd, stdin=None, env=None):
    """Exit status (None: it took too long), standard output, standard error."""
    environment = dict(os.environ, NO_COLOR="1", TERM="dumb", LC_ALL="C.UTF-8", COLUMNS="120")
    environment.update(env or {})
    try:
        done = subprocess.run(command, cwd=cwd, input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment,
                              stdin=None if stdin is not None else subprocess.DEVNULL, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return None, "", "took longer than %d seconds" % SECONDS
    return done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")


def is_crash(status):
    """A signal, our own BUG, a sanitizer's report, or no end at all."""
    return status is None or status < 0 or status in (70, 99, 134, 139)


def difference(expected, got):
    lines = difflib.unified_diff(expected.splitlines(), got.splitlines(), "expected", "got", lineterm="", n=2)
    return "\n".join("    " + line for line in lines)


class Tally:
    """Results of many tests, printed as they come."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def result(self, name, faults):
        """faults: a list of texts, empty where the test passed."""
        if not faults:
            self.passed += 1
            return
        self.failed += 1
        for fault in faults:
            print("%s: %s" % (name, fault))

    def skip(self, name, reason):
        self.skipped += 1
        print("skipped %s: %s" % (name, reason))

    def close(self):
        print("%d passed, %d failed, %d skipped" % (self.passed, self.failed, self.skipped))
        sys.exit(1 if self.failed else 0)


def each(tally, jobs, function, names):
    """Runs function(name) for each, which returns a list of (test, faults); results are printed in order."""
    with concurrent.futures.ThreadPoolExecutor(max_workers=jobs) as pool:
        for results in pool.map(function, names):
            for name, faults in results:
                tally.result(name, faults)
