#!/bin/sh
# Models that nnl saved, judged by a program of its own: tests/keras/peer.sh NNL. Needs numpy and h5py; skipped where they are not there.
# The unit test writes every fixture, and every kind's cases, as files with inputs and answers.
cd "$(dirname "$0")/../.." || exit 1
python=
for one in python3 /usr/bin/python3; do
    if "$one" -c 'import h5py, numpy' 2>/dev/null; then python=$one; break; fi
done
if [ -z "$python" ]; then
    echo "python3-h5py and python3-numpy are not installed"
    echo "0 passed, 0 failed, 1 skipped"
    exit 0
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
KERAS_OUT=$folder "${OBJ:-build/release}/unit/test_keras" >"$folder/test.out" 2>&1 || { cat "$folder/test.out"; echo "0 passed, 1 failed"; exit 1; }
"$python" tests/tools/check_keras.py "$folder" >"$folder/files.out"
"$python" tests/tools/check_keras_examples.py --nnl "$1" >"$folder/examples.out"
cat "$folder/files.out" "$folder/examples.out" | grep -vE '^[0-9]+ passed'
# One closing line for both.
cat "$folder/files.out" "$folder/examples.out" | awk '/^[0-9]+ passed/ { p += $1; f += $3; s += $5 } END { print p " passed, " f " failed, " s + 0 " skipped"; exit f > 0 }'
