#!/bin/sh
# embed.sh NAME FILE...: C source with the files' texts: `const EmbeddedFile embedded_NAME[]`, ended by an empty name.
name=$1
shift
echo '#include "src/embed.h"'
echo "const EmbeddedFile embedded_${name}[] = {"
for file in "$@"; do
    [ -f "$file" ] || continue
    base=$(basename "$file")
    printf '    {"%s",\n' "${base%.*}"
    sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/^/     "/' -e 's/$/\\n"/' "$file"
    echo '    },'
done
echo '    {0, 0}};'
