#!/bin/sh
# Trainings that begin with Keras's weights, beside Keras's own history: tests/keras/trainings.sh NNL.
exec python3 "$(dirname "$0")/../tools/check_keras_trainings.py" --nnl "$1"
