/* Any bytes as a script: read, dumped as tokens, reported in every form. */
#include "tests/fuzz/fuzz.h"

#include "src/syntax/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    FuzzWorld w = fuzz_begin();
    uint32_t source = sources_add(w.sources, "a.nnl", (const char *)bytes, n);
    parse_script(w.arena, source, w.diags);
    fuzz_end(&w, (unsigned)(n % 3));
    return 0;
}
