#!/bin/sh
# save, model … from, freeze, weights from, as a script has them: tests/keras/statements.sh NNL.
exec python3 "$(dirname "$0")/../tools/check_saved.py" --nnl "$1"
