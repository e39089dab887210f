#!/bin/sh
# Prepared samples against the figures of prep.json.
exec python3 "$(dirname "$0")/../tools/check_prepared.py" --nnl "$1"
