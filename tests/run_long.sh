#!/bin/sh
# tests/run_long.sh: what takes longer than `make test` may: both compilers without a warning, the whole suite under the address
# and undefined-behaviour sanitizers, every allocation of a small run made to fail in turn, exhaustive sweeps.
# The last line is `N passed, N failed, N skipped`, over these steps and not over the tests inside them.
cd "$(dirname "$0")/.." || exit 1
passed=0
failed=0
skipped=0
jobs=${JOBS:-2}

step() {
    # step NAME COMMAND...: its output is shown when it fails.
    name=$1
    shift
    echo "=== $name"
    if "$@" >build/long.out 2>&1; then
        passed=$((passed + 1))
        tail -n 1 build/long.out
    else
        failed=$((failed + 1))
        tail -n 60 build/long.out
        echo "FAILED: $name"
    fi
}
skip() {
    echo "=== $1"
    echo "skipped $1: $2"
    skipped=$((skipped + 1))
}

mkdir -p build
step "gcc, warnings are errors" make -j"$jobs" DEV=1 all unit
if command -v clang-14 >/dev/null; then
    step "clang 14, warnings are errors" make -j"$jobs" DEV=1 CC=clang-14 all
else
    skip "clang 14, warnings are errors" "clang-14 is not installed"
fi
step "sanitizers: build" make -j"$jobs" SAN=1 all unit
step "sanitizers: the whole suite" env TEST_SECONDS=300 sh tests/run.sh build/san build/san/nnl
step "lack of memory, allocation by allocation" sh tests/tools/fail_allocations.sh build/san/nnl
step "model files when memory or the disk gives out" python3 tests/tools/fail_models.py --nnl build/san/nnl --step 7
step "recipes changed by a stranger" python3 tests/tools/fail_recipes.py --nnl build/san/nnl --mutants 500 --seed 2
step "trainings killed 300 times" python3 tests/resume/resume.py --nnl build/dev/nnl --kills 300
if command -v clang-14 >/dev/null; then
    step "fuzzing: build" make -j"$jobs" FUZZ=1 CC=clang-14 fuzz
    for entry in tests/fuzz/fuzz_*.c; do
        name=$(basename "$entry" .c)
        corpus=build/fuzz-clang-14/corpus/$name
        mkdir -p "$corpus"
        # Seeds: what the tree has of the kind.
        case $name in
            fuzz_script) find tests examples stdlib -name '*.nnl' -size -8k -exec cp {} "$corpus" \; ;;
            fuzz_model) python3 tests/fuzz/seeds.py "$corpus" --mutants 5000 ;;
            fuzz_csv) find tests examples -name '*.csv' -size -8k -exec cp {} "$corpus" \; ;;
        esac
        longest=8192
        [ "$name" = fuzz_model ] && longest=65536
        [ -d "tests/fuzz/regressions/${name#fuzz_}" ] && cp "tests/fuzz/regressions/${name#fuzz_}"/* "$corpus" 2>/dev/null
        step "fuzzing: $name, ${FUZZ_SECONDS:-60} seconds" "build/fuzz-clang-14/fuzz/$name" -max_total_time="${FUZZ_SECONDS:-60}" \
            -max_len="$longest" -timeout=20 -rss_limit_mb=4096 -print_final_stats=0 -artifact_prefix="build/fuzz-clang-14/" "$corpus"
    done
else
    skip "fuzzing" "clang-14 is not installed"
fi
for sweep in build/dev/unit/sweep_*; do
    case $sweep in *.d | *'*') continue ;; esac
    step "exhaustive: $(basename "$sweep")" "$sweep"
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
