/* `nnl explain`: pages of docs/errors, embedded in the binary, shown on a terminal.
 *
 * The pages are Markdown of a plain kind; on a terminal the marks of headings and of code blocks go, the text stays. */
#include "src/report/explain.h"

#include "src/embed.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static const char *page_of(const char *code)
{
    for (const EmbeddedFile *file = embedded_errors; file->name; file++) {
        if (str_eq_fold(file->name, code)) {
            return file->text;
        }
    }
    return NULL;
}

static void put_page(const char *text, Buf *out)
{
    bool in_code = false;
    while (*text) {
        const char *end = strchr(text, '\n');
        size_t n = end ? (size_t)(end - text) : strlen(text);
        if (str_starts(text, "```")) {
            in_code = !in_code;
        } else if (in_code) {
            buf_put(out, n > 0 ? "    " : "");
            buf_put_n(out, text, n);
            buf_char(out, '\n');
        } else {
            size_t marks = 0;
            while (marks < n && text[marks] == '#') {
                marks++;
            }
            marks += marks > 0 && text[marks] == ' ';
            buf_put_n(out, text + marks, n - marks);
            buf_char(out, '\n');
        }
        text += end ? n + 1 : n;
    }
}

/* Letters and digits count alike here: E0311 is near E0113. */
static const char *nearest_code(const char *code)
{
    const char *names[DIAG_CODE_COUNT];
    size_t n = 0;
    for (size_t i = 1; i < DIAG_CODE_COUNT; i++) {
        names[n++] = diag_code_name((DiagCode)i);
    }
    return str_nearest(code, names, n);
}

/* `420` and `e420` mean E0420; a bare number that no error has may be a warning's. */
static DiagCode code_of(const char *code)
{
    DiagCode found = diag_code_find(code);
    bool letter = code[0] && strchr("eEwW", code[0]);
    const char *digits = code + letter;
    size_t n = strlen(digits);
    if (n == 0 || n > 4 || strspn(digits, "0123456789") != n) return found;
    for (const char *kind = "EW"; *kind && found == DIAG_NONE; kind++) {
        char whole[8];
        snprintf(whole, sizeof whole, "%c%.*s%s", *kind, (int)(4 - n), "000", digits);
        if (!letter || toupper((unsigned char)code[0]) == *kind) found = diag_code_find(whole);
    }
    return found;
}

bool explain_code(const char *code, Buf *out, Diags *diags)
{
    DiagCode found = code_of(code);
    if (found == DIAG_NONE) {
        Diag *e = diag(diags, E0918, NO_SPAN, A("name", code));
        const char *nearest = nearest_code(code);
        if (nearest) {
            diag_fix(e, E0918_nearest, A("nearest", nearest));
        } else {
            diag_fix(e, E0918_all);
        }
        return false;
    }
    const char *page = page_of(diag_code_name(found));
    if (page) {
        put_page(page, out);
    } else {
        buf_printf(out, "%s: %s\n", diag_code_name(found), diag_code_message(found));
    }
    return true;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void explain_list(Buf *out)
{
    const char *names[DIAG_CODE_COUNT];
    size_t n = 0;
    for (size_t i = 1; i < DIAG_CODE_COUNT; i++) {
        names[n++] = diag_code_name((DiagCode)i);
    }
    qsort(names, n, sizeof *names, by_name);
    for (size_t i = 0; i < n; i++) {
        buf_printf(out, "%s  %s\n", names[i], diag_code_message(diag_code_find(names[i])));
    }
}
