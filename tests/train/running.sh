#!/bin/sh
# What a training does as a whole program: signals, numbers gone wrong, options, weights, threads.
exec python3 "$(dirname "$0")/../tools/check_running.py" --nnl "$1"
