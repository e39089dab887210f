/* Any text with places anywhere in it: the first bytes choose the places, labels and edits, the rest is the text. */
#include "tests/fuzz/fuzz.h"

enum { CHOICES = 24 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    if (n < CHOICES) {
        return 0;
    }
    FuzzWorld w = fuzz_begin();
    const char *text = (const char *)bytes + CHOICES;
    size_t length = n - CHOICES;
    uint32_t source = sources_add(w.sources, "a.nnl", text, length);
    Span spans[8];
    for (size_t i = 0; i < 8; i++) {
        /* Places near each other and far apart; some behind the end, which callers must not make but might. */
        size_t begin = ((size_t)bytes[3 * i] << 4 | bytes[3 * i + 1] >> 4) % (length + 3);
        size_t size = bytes[3 * i + 2] % 40;
        spans[i] = (Span){.source = source, .begin = begin, .end = begin + size};
    }
    Diag *e = diag(w.diags, E0901, spans[0], A("file", arena_text(w.arena, text, length)), A("what", "it"));
    diag_primary(e, E0901_here, A("expected", "here"));
    diag_label(e, spans[1], E0901_here, A("expected", "first"));
    diag_label(e, spans[2], E0901_here, A("expected", "second"));
    diag_label(e, spans[3], E0901_here, A("expected", "third"));
    diag_note(e, E0900_note);
    for (size_t i = 4; i < 8; i++) {
        if (spans[i].end <= length && spans[i].begin <= length) {
            Fix *f = diag_fix(e, E0901_here, A("expected", "mend"));
            diag_edit(f, spans[i], i % 2 ? "a new\nline\n" : "");
            if (i > 4 && spans[i - 1].end <= spans[i].begin) {
                diag_edit(f, span_before(spans[i - 1]), ", more");
            }
        }
    }
    fuzz_end(&w, bytes[0]);
    return 0;
}
