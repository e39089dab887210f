#!/bin/sh
# Fails on an #include that points the wrong way. The arrows: style in CONTRIBUTING.md.
# A folder may include itself and the folders named behind it; the parsed command line and the embedded texts are plain data for all of src.
rules='
runtime/base:
runtime/tensor: runtime/base
runtime/table: runtime/base
runtime/kinds: runtime/base runtime/tensor runtime/table
runtime/graph: runtime/base runtime/tensor runtime/table runtime/kinds
runtime/plan: runtime/base runtime/tensor runtime/table runtime/kinds runtime/graph
runtime/data: runtime/base runtime/tensor runtime/table runtime/kinds runtime/graph
runtime/file: runtime/base runtime/tensor runtime/table runtime/kinds runtime/graph runtime/plan runtime/data
runtime/train: runtime/base runtime/tensor runtime/table runtime/kinds runtime/graph runtime/plan runtime/data runtime/file
src/syntax: runtime
src/check: runtime src/syntax
src/report: runtime src/syntax src/check
src/commands: runtime src/syntax src/check src/report
src: runtime src
'
status=0
for file in $(find runtime src -name '*.[ch]' | sort); do
    case $file in
        runtime/*) home=$(echo "$file" | cut -d/ -f1-2) ;;
        src/*/*) home=$(echo "$file" | cut -d/ -f1-2) ;;
        *) home=src ;;
    esac
    allowed=$(echo "$rules" | sed -n "s|^$home:||p")
    for target in $(sed -n 's|^#include "\([^"]*\)".*|\1|p' "$file"); do
        ok=no
        case $target in
            "$home"/* | grammar/*) ok=yes ;;
            src/embed.h | src/cli.h) case $home in src*) ok=yes ;; esac ;;
        esac
        for folder in $allowed; do
            case $target in "$folder"/*) ok=yes ;; esac
        done
        if [ $ok = no ]; then
            echo "$file: may not include \"$target\" ($home includes:${allowed:- nothing of ours})"
            status=1
        fi
    done
done
[ $status = 0 ] && echo "check-deps: every include points the right way"
exit $status
