/* Any bytes as JSON. */
#include "tests/fuzz/fuzz.h"

#include "runtime/base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    FuzzWorld w = fuzz_begin();
    json_read(w.arena, sources_add(w.sources, "a.json", (const char *)bytes, n), n % 2 ? JSON_PYTHON : JSON_STRICT, w.diags);
    fuzz_end(&w, (unsigned)(n % 3));
    return 0;
}
