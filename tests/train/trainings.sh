#!/bin/sh
# The examples and the scripts beside this file, trained on real tables.
exec python3 "$(dirname "$0")/../tools/check_trainings.py" --nnl "$1"
