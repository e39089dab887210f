#!/bin/sh
# fail_allocations.sh NNL: makes the 1st, 2nd, 3rd, … allocation of a small run fail. Each time the program must end with exit code
# 71 and its message (behind a row of progress that was being written, perhaps), leave no half-written file behind, and not crash.
# NNL is a debug or sanitizer build.
# All of the first 300 are tried, then every 7th, then ever fewer, until a run has enough and succeeds.
nnl=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
cat >points.csv <<'END'
x,y
1,2.1
2,3.9
3,6.2
4,7.8
5,10.1
6,12.2
END
cat >small.nnl <<'END'
data points from "points.csv" {
    features x
    target y
    split train 70%, test 30%
}
model line {
    input x
    dense(3, relu)
    dense(1)
}
train line on points {
    epochs 2
}
evaluate line on points
predict line on points to "out.csv"
END
n=1
tried=0
failed=0
while :; do
    rm -f out.csv
    NNL_FAIL_ALLOCATION=$n ASAN_OPTIONS=detect_leaks=0 "$nnl" run small.nnl >stdout 2>stderr
    code=$?
    [ $code = 0 ] && break
    tried=$((tried + 1))
    message=$(grep -c 'nnl: out of memory' stderr)
    left=$(ls | grep -v -x -e points.csv -e small.nnl -e stdout -e stderr -e out.csv)
    if [ $code != 71 ] || [ "$message" != 1 ] || [ -n "$left" ]; then
        echo "allocation $n: expected exit code 71 and its message, got $code${left:+; left behind: $left}"
        tail -n 5 stderr
        failed=$((failed + 1))
        [ $failed -ge 10 ] && break
    fi
    if [ $n -lt 300 ]; then n=$((n + 1)); elif [ $n -lt 3000 ]; then n=$((n + 7)); else n=$((n + n / 20)); fi
done
echo "$((tried - failed)) passed, $failed failed"
[ $failed = 0 ] && [ $tried -gt 0 ]
