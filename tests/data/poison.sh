#!/bin/sh
# The poison test: test rows a billion times as large change no bit of training and validation.
exec python3 "$(dirname "$0")/../tools/check_poison.py" --nnl "$1"
