#!/bin/sh
# The tutorial's scripts and what its terminal prints.
exec python3 "$(dirname "$0")/../tools/check_tutorial.py" --nnl "$1"
