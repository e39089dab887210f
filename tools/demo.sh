#!/bin/sh
# demo.sh: the example scripts, one after another, on their real tables; each is announced by its own first line.
cd "$(dirname "$0")/.." || exit 1
nnl=build/nnl
status=0
order="anscombe iris mtcars titanic airquality two_inputs building_blocks sequence_columns anscombe_four airline shop"
for script in examples/*.nnl; do
    name=$(basename "$script" .nnl)
    case " $order " in *" $name "*) ;; *) order="$order $name" ;; esac
done
count=0
for name in $order; do
    script=examples/$name.nnl
    [ -f "$script" ] || continue
    table=$(sed -n 's/^data .* from "\([^"]*\)".*/\1/p' "$script" | head -n 1)
    if [ -n "$table" ] && [ ! -f "examples/$table" ]; then
        echo
        echo "=== $script is left out: its table examples/$table is not here"
        continue
    fi
    echo
    echo "=== $(sed -n '1s/^# *//p' "$script")"
    echo "    \$ $nnl run $script"
    echo
    if "$nnl" run "$script"; then
        count=$((count + 1))
    else
        echo "demo: $script ended with exit code $?" >&2
        status=1
    fi
done
echo
[ $status = 0 ] && echo "$count scripts ran. Open one in examples/, change a line, and run it again; examples/README.md says what to look for."
exit $status
