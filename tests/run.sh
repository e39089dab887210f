#!/bin/sh
# tests/run.sh OBJ BIN [--bless]: finds and runs every test of the tree; the last line is `N passed, N failed, N skipped`.
#
# A suite is one program that prints a paragraph for each failure and ends in such a line of its own: the unit tests of $OBJ/unit,
# the programs in tests/tools, the checks of tools/check_*.sh, and every tests/*/*.sh but those in tools, called with the binary as
# its first word ($NNL and $OBJ are set too).
# Two suites run at a time. With --bless the expected texts are written anew instead.
cd "$(dirname "$0")/.." || exit 1

if [ "$1" = --suite ]; then
    # One suite, its output kept in $OBJ/test/NAME.out.
    suite=$2
    out=$OBJ/test/$(echo "$suite" | tr '/ ' '__').out
    case $suite in
        unit/*) timeout 300 "$OBJ/$suite" ;;
        errors | lang | cli | format) timeout 600 python3 tests/tools/run_$suite.py --nnl "$NNL" ;;
        cases) timeout 300 python3 tests/tools/check_lang_cases.py --nnl "$NNL" ;;
        tools/check_docs.sh | tools/check_deps.sh)
            if sh "$suite" "$NNL"; then echo "1 passed, 0 failed"; else echo "0 passed, 1 failed" && false; fi
            ;;
        *.sh) timeout 600 sh "$suite" "$NNL" ;;
    esac >"$out" 2>&1
    echo $? >"$out.status"
    # The time is no part of the result; it shows which suite is slow.
    echo "  $suite: $(tail -n 1 "$out")"
    exit 0
fi

if [ $# -lt 2 ]; then
    echo "usage: tests/run.sh OBJ BIN [--bless]" >&2
    exit 2
fi
OBJ=$(cd "$1" && pwd)
NNL=$(cd "$(dirname "$2")" && pwd)/$(basename "$2")
export OBJ NNL
export ASAN_OPTIONS="${ASAN_OPTIONS-exitcode=99}" UBSAN_OPTIONS="${UBSAN_OPTIONS-print_stacktrace=1}" PYTHONDONTWRITEBYTECODE=1

if [ "$3" = --bless ]; then
    python3 tests/tools/run_errors.py --nnl "$NNL" --bless | grep '^blessed'
    python3 tests/tools/run_cli.py --nnl "$NNL" --bless >/dev/null
    echo "Expected texts were written. Read the difference: git diff tests"
    exit 0
fi

rm -rf "$OBJ/test"
mkdir -p "$OBJ/test"
suites=$(
    # The slow ones first, so that two at a time end together.
    for script in tests/*/*.sh; do
        case $script in tests/tools/*) ;; *) [ -f "$script" ] && echo "$script" ;; esac
    done
    echo errors
    echo format
    echo cases
    for source in tests/unit/test_*.c; do [ -f "$source" ] && echo "unit/$(basename "$source" .c)"; done
    echo lang
    echo cli
    echo tools/check_docs.sh
    echo tools/check_deps.sh
)
echo "$suites" | xargs -P "${JOBS:-2}" -n 1 sh tests/run.sh --suite

passed=0
failed=0
skipped=0
for suite in $suites; do
    out=$OBJ/test/$(echo "$suite" | tr '/ ' '__').out
    status=$(cat "$out.status" 2>/dev/null || echo 1)
    closing=$(grep -E '^[0-9]+ passed, [0-9]+ failed(, [0-9]+ skipped)?$' "$out" | tail -n 1)
    body=$(grep -vE '^[0-9]+ passed, [0-9]+ failed(, [0-9]+ skipped)?$' "$out")
    if [ -z "$closing" ]; then
        echo "--- $suite ended with status $status and without a closing line"
        tail -n 30 "$out"
        failed=$((failed + 1))
        continue
    fi
    set -- $(echo "$closing" | tr -cs '0-9' ' ')
    if [ "$2" -gt 0 ] || { [ "$status" != 0 ] && [ "$2" = 0 ]; }; then
        echo "--- $suite"
        echo "$body"
        [ "$2" = 0 ] && echo "ended with status $status" && set -- "$1" 1 "${3:-0}"
    else
        echo "$body" | grep -E '^skip(ped)? '
    fi
    passed=$((passed + $1))
    failed=$((failed + $2))
    skipped=$((skipped + ${3:-0}))
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
