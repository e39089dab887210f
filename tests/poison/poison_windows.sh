#!/bin/sh
# The future never leaks, over windows, series and steps ahead: rows of the test part are multiplied by a billion.
exec python3 "$(dirname "$0")/../tools/check_poison_windows.py" --nnl "$1"
