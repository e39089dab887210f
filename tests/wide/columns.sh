#!/bin/sh
# Scripts about tables of many thousand columns take a time that grows with the columns, not with their square.
exec python3 "$(dirname "$0")/../tools/check_wide.py" --nnl "$1"
