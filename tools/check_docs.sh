#!/bin/sh
# check_docs.sh BIN: each code of a message has its page in docs/errors, each page a code, and each page begins with its code.
cd "$(dirname "$0")/.." || exit 1
nnl=${1:-build/nnl}
status=0
codes=$("$nnl" explain | cut -d' ' -f1)
for code in $codes; do
    page=docs/errors/$code.md
    if [ ! -f "$page" ]; then
        echo "$page: is missing: \`nnl explain $code\` would have nothing to tell"
        status=1
    fi
done
for page in docs/errors/*.md; do
    code=$(basename "$page" .md)
    echo "$codes" | grep -qx "$code" || { echo "$page: there is no code $code"; status=1; }
    head -n 1 "$page" | grep -qE "^# $code: .+[^.]$" || {
        echo "$page:1: expected \"# $code: what is wrong\" without a full stop, got: $(head -n 1 "$page")"
        status=1
    }
    grep -q '^```' "$page" || { echo "$page: has no example"; status=1; }
done
sh tools/words.sh "$nnl" | cmp -s - docs/words.md || {
    echo "docs/words.md: is not what \`nnl doc\` prints; write it anew: sh tools/words.sh $nnl > docs/words.md"
    status=1
}
[ $status = 0 ] && echo "check-docs: each code has its page, each page its code"
exit $status
