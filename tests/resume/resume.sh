#!/bin/sh
# tests/resume/resume.sh NNL: a few trainings killed and resumed; `make test-long` kills more ($NNL_KILLS).
exec python3 "$(dirname "$0")/resume.py" --nnl "$1" --kills "${NNL_KILLS:-8}"
