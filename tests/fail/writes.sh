#!/bin/sh
# tests/fail/writes.sh NNL: places that cannot be written. Each must end with exit code 3 and a message, leave nothing half-written
# behind, and keep what stood there before.
nnl=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
passed=0
skipped=0
failed=0

expect() {
    # expect WHAT CODE COMMAND...
    what=$1
    code=$2
    shift 2
    "$@" >stdout 2>stderr
    got=$?
    if [ $got != "$code" ] || { [ "$code" = 3 ] && ! grep -q '^error\[' stderr; }; then
        echo "tests/fail/writes.sh: $what: expected exit code $code and a message, got $got"
        cat stderr
        failed=$((failed + 1))
    else
        passed=$((passed + 1))
    fi
}

# 2,000 rows, so that the predictions do not fit into what the small limit below allows.
{
    echo x,y
    i=0
    while [ $i -lt 2000 ]; do
        echo "$i,$((i * 2))"
        i=$((i + 1))
    done
} >points.csv
cat >script.nnl <<'END'
data points from "points.csv" {
    features x
    target y
    split train 70%, test 30%
}
model line {
    input x
    dense(1)
}
train line on points {
    epochs 1
}
predict line on points to "out.csv"
END
limited() {
    # No file may grow beyond 4 KB (8 blocks).
    sh -c 'ulimit -f 8; exec "$@"' sh "$@"
}

expect "all is well" 0 "$nnl" run --quiet script.nnl
cp out.csv whole.csv
expect "predictions on a full disk" 3 limited "$nnl" run --quiet script.nnl
if cmp -s out.csv whole.csv && [ -z "$(ls | grep -v -x -e points.csv -e script.nnl -e out.csv -e whole.csv -e stdout -e stderr)" ]; then
    passed=$((passed + 1))
else
    echo "tests/fail/writes.sh: a full disk left half a file, or something else behind:"
    ls -l
    failed=$((failed + 1))
fi
sed 's|"out.csv"|"points.csv/out.csv"|' script.nnl >under_file.nnl
expect "a folder that is a file" 3 "$nnl" run --quiet under_file.nnl
# Devices are reached through a link in this folder, never by their own name: whoever runs the tests as root would lose the device
# itself if the program put a file in its place.
ln -s /dev/full device
sed 's|"out.csv"|"device"|' script.nnl >full.nnl
expect "predictions to a full device" 3 "$nnl" run --quiet full.nnl
expect "a log on a full device" 3 "$nnl" run --quiet script.nnl --log device
expect "samples to a full device" 3 "$nnl" data script.nnl points -o device
if [ -L device ]; then
    passed=$((passed + 1))
else
    echo "tests/fail/writes.sh: a file was put in the place of a device"
    failed=$((failed + 1))
fi
expect "samples on a full disk" 3 limited "$nnl" data script.nnl points -o samples.csv
sed 's|epochs 1|epochs 1\n    callback csv_logger("device")|' script.nnl >logger.nnl
expect "a csv_logger on a full device" 3 "$nnl" run --quiet logger.nnl
mkdir kept
cp script.nnl kept/messy.nnl
sed -i 's/    features x/features   x/' kept/messy.nnl
if [ "$(id -u)" != 0 ]; then
    chmod a-w kept
    expect "formatting in a folder that cannot be written" 3 "$nnl" fmt kept/messy.nnl
    chmod u+w kept
else
    echo "skipped formatting in a folder that cannot be written: root may write anywhere"
    skipped=1
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
