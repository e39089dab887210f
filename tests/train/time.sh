#!/bin/sh
# Scores of windows beside naive forecasts, folds and forecasts, each against the same thing done by hand.
exec python3 "$(dirname "$0")/../tools/check_time.py" --nnl "$1"
