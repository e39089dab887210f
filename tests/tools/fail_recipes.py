#!/usr/bin/env python3
"""Model files whose recipe was changed by a stranger: fail_recipes.py --nnl NNL [--mutants N] [--seed S].

Models of the examples are saved, pieces of their nnl.json are changed (a few known ways, then N by lot), and each file goes through inspect,
predict, evaluate and export. Each must be carried out or refused, never break off; a script that is exported must be Python."""
import argparse
import json
import os
import random
import re
import sys
import tempfile
import zipfile

from testing import ROOT, Tally, run

sys.path.insert(0, os.path.join(ROOT, "tests", "fuzz"))
from seeds import change, places  # noqa: E402

EXAMPLES = {"airline": "airpassengers", "airquality": "airquality", "iris": "iris", "mtcars": "mtcars", "shop": "shop", "titanic": "titanic", "two_inputs": "mtcars",
            "sequence_columns": "airpassengers_by_12"}

# What once broke: an example's model, the place in its nnl.json, what stands there, and what must be said ("": nothing).
KNOWN = [
    ("iris", ["history", "seconds"], [], ""),
    ("two_inputs", ["recipe", "file_columns", 5, "type"], "texts", "is used as something else than it holds"),
]


def saved_models(nnl, folder):
    """One model of each example, trained for an epoch: {example: {member of the file: bytes}}"""
    models = {}
    for example in EXAMPLES:
        with open(os.path.join(ROOT, "examples", example + ".nnl"), encoding="utf-8") as f:
            text = f.read().replace('"data/', '"%s/' % os.path.join(ROOT, "examples", "data"))
        name = re.search(r"^train (\w+)", text, re.M).group(1)
        text = re.sub(r"^(\s*epochs\s+)\d+", r"\g<1>1", text, flags=re.M) + "\nsave %s to \"m.keras\"\n" % name
        with open(os.path.join(folder, "s.nnl"), "w", encoding="utf-8") as f:
            f.write(text)
        code, _, errors = run([nnl, "run", "--quiet", "s.nnl"], folder)
        assert code == 0, errors
        with zipfile.ZipFile(os.path.join(folder, "m.keras")) as z:
            models[example] = {name: z.read(name) for name in z.namelist()}
    return models


def put(path, members, recipe):
    with zipfile.ZipFile(path, "w") as z:
        for name, content in members.items():
            z.writestr(name, json.dumps(recipe) if name == "nnl.json" else content)


def carried_out(nnl, folder, example):
    """What goes wrong with m.keras, and all that is said."""
    table = os.path.join(ROOT, "examples", "data", EXAMPLES[example] + ".csv")
    script = os.path.join(folder, "m.py")
    faults, said = [], ""
    for command in (["inspect", "m.keras"], ["predict", "m.keras", table, "-o", "o.csv"], ["evaluate", "m.keras", table], ["export", "m.keras", "-o", script]):
        code, _, errors = run([nnl] + command, folder)
        said += errors
        if code not in (0, 1, 3) or "runtime error" in errors or "Sanitizer" in errors:
            faults.append("%s: exit code %s\n%s" % (command[0], code, errors[:2000]))
        if code == 0 and command[0] == "export":
            try:
                with open(script, encoding="utf-8") as f:
                    compile(f.read(), "m.py", "exec")
            except SyntaxError as e:
                faults.append("what is exported is no Python: %s" % e)
    return faults, said


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nnl", required=True)
    parser.add_argument("--mutants", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    nnl = os.path.abspath(options.nnl)
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "m.keras")
        models = saved_models(nnl, folder)
        for example, place, value, wanted in KNOWN:
            recipe = json.loads(models[example]["nnl.json"])
            at = recipe
            for key in place[:-1]:
                at = at[key]
            at[place[-1]] = value
            put(path, models[example], recipe)
            faults, said = carried_out(nnl, folder, example)
            if wanted not in said:
                faults.append("expected `%s`, got\n%s" % (wanted, said))
            tally.result("%s with %s" % (example, place), faults)
        draw = random.Random(options.seed)
        pool = {}
        for members in models.values():
            for container, key in places(json.loads(members["nnl.json"]), []):
                if isinstance(key, str):
                    pool.setdefault(key, []).append(container[key])
        for i in range(options.mutants):
            example = draw.choice(sorted(models))
            recipe = json.loads(models[example]["nnl.json"])
            for _ in range(draw.choice([1, 1, 2, 3])):
                change(draw, recipe, pool)
            put(path, models[example], recipe)
            faults, _ = carried_out(nnl, folder, example)
            tally.result("%s, change %d of seed %d: %s" % (example, i, options.seed, json.dumps(recipe) if faults else ""), faults)
    tally.close()


if __name__ == "__main__":
    main()
