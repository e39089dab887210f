/* Any bytes as a table; the first byte chooses whether a header is expected and the delimiter is given. */
#include "tests/fuzz/fuzz.h"

#include "runtime/table/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    if (n == 0) {
        return 0;
    }
    FuzzWorld w = fuzz_begin();
    CsvOptions options = {.header_none = bytes[0] & 1, .delimiter = bytes[0] & 2 ? ';' : '\0'};
    TableFacts facts = {0};
    csv_read_memory(w.arena, "a.csv", (const char *)bytes + 1, n - 1, &options, NO_SPAN, w.diags, &facts);
    fuzz_end(&w, bytes[0]);
    return 0;
}
