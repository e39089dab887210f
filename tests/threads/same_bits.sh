#!/bin/sh
# The same script gives the same bits, whatever the number of threads: every figure of every epoch, scores, predictions, weights.
exec python3 "$(dirname "$0")/../tools/check_threads.py" --nnl "$1"
