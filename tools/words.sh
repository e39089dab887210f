#!/bin/sh
# words.sh BIN: docs/words.md, every word of the language as `nnl doc` tells it.
nnl=${1:-build/nnl}
cat <<'TXT'
# The words of NNL

Printed by `nnl doc` from the records in the source; `tools/words.sh build/nnl > docs/words.md` writes it anew.

```
TXT
"$nnl" doc
echo '```'
"$nnl" doc | awk '/^  [a-z]/ { print $1 }' | sort -u | while read -r word; do
    printf '\n## %s\n\n```\n' "$word"
    "$nnl" doc "$word"
    echo '```'
done
