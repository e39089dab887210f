#!/bin/sh
# tests/fail/recipes.sh NNL: model files whose recipe a stranger changed.
exec python3 "$(dirname "$0")/../tools/fail_recipes.py" --nnl "$1"
