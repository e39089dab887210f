#!/bin/sh
# Exported scripts: compiled, their wiring held to the model file, their data preparation to `nnl data`. The last needs pandas.
here=$(dirname "$0")
for python in python3 /usr/bin/python3; do
    "$python" -c 'import pandas' 2>/dev/null && break
done
exec "$python" "$here/../tools/check_export.py" --nnl "$1"
