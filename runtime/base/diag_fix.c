/* Diagnostics: pictures of remedies. Edits whose lines touch are shown together. What is taken away is marked in the lines as
 * they are, what comes in is marked in the lines as they will be. */
#include "runtime/base/diag_inside.h"

#include <stdlib.h>
#include <string.h>

/* A line of text with one sign per byte, shown where it has a sign or `all` is set. */
static void draw_signed(Paper *p, size_t number, const char *text, const char *signs, size_t n, bool all)
{
    for (size_t at = 0; at <= n; number++) {
        const char *newline = memchr(text + at, '\n', n - at);
        size_t end = newline ? (size_t)(newline - text) : n;
        size_t shown = end > at && text[end - 1] == '\r' ? end - 1 : end;
        DiagLine line = {.number = number, .begin = at, .end = shown};
        for (size_t i = at; i < shown;) {
            size_t k = i;
            while (k < shown && signs[k] == signs[i]) {
                k++;
            }
            if (signs[i] != ' ') {
                DiagMark mark = {.sign = signs[i], .colour = signs[i] == '-' ? COLOUR_REMOVE : COLOUR_ADD};
                mark.begin = display_width(text + at, i - at, 0);
                mark.end = mark.begin + display_width(text + i, k - i, mark.begin);
                if (mark.end > mark.begin) {
                    VEC_PUSH(p->arena, line.marks, mark);
                }
            }
            i = k;
        }
        /* An empty last line behind a final line end is not there. */
        bool is_end = at == n && at > 0;
        if (!is_end && (line.marks.n > 0 || all)) {
            diag_draw_line(p, &line, text + at);
        }
        at = end + 1;
    }
}

static int by_place(const void *a, const void *b)
{
    const DiagEdit *x = a, *y = b;
    if (x->span.source != y->span.source) {
        return x->span.source < y->span.source ? -1 : 1;
    }
    if (x->span.begin != y->span.begin) {
        return x->span.begin < y->span.begin ? -1 : 1;
    }
    return x->span.end < y->span.end ? -1 : x->span.end > y->span.end;
}

size_t diag_newlines(const char *text, size_t n)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        count += text[i] == '\n';
    }
    return count;
}

/* Draws n edits of neighbouring lines; returns by how many lines the text grows. */
static ptrdiff_t draw_cluster(Paper *p, const DiagEdit *edits, size_t n, ptrdiff_t shift)
{
    uint32_t source = edits[0].span.source;
    const char *text = sources_text(p->sources, source, NULL);
    Position first = source_position(p->sources, source, edits[0].span.begin);
    size_t begin = first.line_begin;
    size_t end = source_position(p->sources, source, edits[n - 1].span.end).line_end;
    diag_narrow(text, &begin, &end, edits[0].span.begin > begin ? edits[0].span.begin : begin,
                edits[n - 1].span.end < end ? edits[n - 1].span.end : end);
    if (end - begin > DIAG_LINE_BYTES) {
        return 0;
    }
    char *before = arena_alloc(p->arena, end - begin + 1);
    memset(before, ' ', end - begin);
    Buf after = buf_in(p->arena), signs = buf_in(p->arena);
    bool removes = false, adds = false;
    size_t at = begin;
    for (size_t i = 0; i <= n; i++) {
        size_t stop = i < n ? edits[i].span.begin : end;
        if (stop > at) {
            buf_put_n(&after, text + at, stop - at);
            for (; at < stop; at++) {
                buf_char(&signs, ' ');
            }
        }
        if (i == n) {
            break;
        }
        /* A byte order mark before the line is nothing to show. */
        size_t from = stop > begin ? stop : begin, to = edits[i].span.end > from ? edits[i].span.end : from;
        size_t new = strlen(edits[i].text);
        if (new == 0 && to > from && to <= end) {
            memset(before + (from - begin), '-', to - from);
            removes = true;
        }
        adds |= new > 0;
        buf_put(&after, edits[i].text);
        for (size_t k = 0; k < new; k++) {
            buf_char(&signs, to > from ? '~' : '+');
        }
        at = to > at ? to : at;
    }
    if (removes) {
        draw_signed(p, first.line, text + begin, before, end - begin, false);
    }
    if (adds) {
        draw_signed(p, (size_t)((ptrdiff_t)first.line + shift), after.at, signs.at, after.n, after.n < 400);
    }
    return (ptrdiff_t)diag_newlines(after.at, after.n) - (ptrdiff_t)diag_newlines(text + begin, end - begin);
}

void diag_draw_fix(Paper *p, const Fix *fix)
{
    size_t n = fix->edits.n;
    if (n == 0) {
        return;
    }
    DiagEdit *edits = ARENA_ARRAY(p->arena, DiagEdit, n);
    memcpy(edits, fix->edits.at, n * sizeof *edits);
    qsort(edits, n, sizeof *edits, by_place);
    ptrdiff_t shift = 0;
    uint32_t shown = fix->diag->span.source;
    size_t last_line = 0;
    for (size_t i = 0; i < n;) {
        uint32_t source = edits[i].span.source;
        bool is_new = i == 0 || edits[i - 1].span.source != source;
        if (is_new) {
            shift = 0;
            if (source != shown) {
                diag_draw_header(p, ":::", edits[i].span);
            }
            diag_draw_bar(p);
            shown = source;
        }
        size_t k = i + 1;
        size_t line = source_position(p->sources, source, edits[i].span.end).line;
        size_t first = source_position(p->sources, source, edits[i].span.begin).line;
        while (k < n && edits[k].span.source == source &&
               source_position(p->sources, source, edits[k].span.begin).line <= line + 1) {
            line = source_position(p->sources, source, edits[k].span.end).line;
            k++;
        }
        if (!is_new && first > last_line + 1) {
            buf_put(p->out, "...\n");
        }
        shift += draw_cluster(p, edits + i, k - i, shift);
        last_line = line;
        i = k;
    }
}
