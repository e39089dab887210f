/* Diagnostics: printing them, long for people, one line each, or one JSON object each. */
#include "runtime/base/diag_inside.h"

#include "runtime/base/json.h"

#include <stdlib.h>
#include <string.h>

void paper_colour(Paper *p, const char *colour)
{
    if (p->colour) {
        buf_printf(p->out, "\033[%sm", colour);
    }
}

void paper_plain(Paper *p)
{
    if (p->colour) {
        buf_put(p->out, "\033[0m");
    }
}

/* By source, place and severity; what has no place comes last, and otherwise the order of finding stays. */
static int compare(const void *a, const void *b)
{
    const Diag *x = *(const Diag *const *)a, *y = *(const Diag *const *)b;
    uint32_t source_x = x->span.source - 1, source_y = y->span.source - 1;
    if (source_x != source_y) {
        return source_x < source_y ? -1 : 1;
    }
    if (x->span.begin != y->span.begin) {
        return x->span.begin < y->span.begin ? -1 : 1;
    }
    if (diag_is_error(x) != diag_is_error(y)) {
        return diag_is_error(x) ? -1 : 1;
    }
    return x->order < y->order ? -1 : x->order > y->order;
}

static const char *severity(const Diag *diag)
{
    return diag_is_error(diag) ? "error" : "warning";
}

static void print_short(const Sources *sources, const Diag *diag, Buf *out)
{
    if (diag->span.source != 0) {
        const char *path = sources_path(sources, diag->span.source);
        Position at = source_position(sources, diag->span.source, diag->span.begin);
        diag_put_visible(out, path, strlen(path));
        buf_printf(out, ":%zu:%zu: ", at.line, at.column);
    }
    buf_printf(out, "%s[%s]: %s\n", severity(diag), diag_code_name(diag->code), diag->message);
}

/* A place as five keys; nulls where there is none. A mark for people covers at least one column, an edit may be empty. */
static void json_place(JsonOut *o, const Sources *sources, Span span, bool at_least_one)
{
    if (span.source == 0) {
        static const char *const keys[] = {"file", "line", "column", "end_line", "end_column"};
        for (size_t i = 0; i < 5; i++) {
            json_key(o, keys[i]);
            json_null(o);
        }
        return;
    }
    Position begin = source_position(sources, span.source, span.begin);
    Position end = source_position(sources, span.source, span.end > span.begin ? span.end : span.begin);
    if (at_least_one && end.line == begin.line && end.column <= begin.column) {
        end.column = begin.column + 1;
    }
    json_key(o, "file");
    json_text(o, sources_path(sources, span.source));
    json_key(o, "line");
    json_int(o, (int64_t)begin.line);
    json_key(o, "column");
    json_int(o, (int64_t)begin.column);
    json_key(o, "end_line");
    json_int(o, (int64_t)end.line);
    json_key(o, "end_column");
    json_int(o, (int64_t)end.column);
}

static void json_label(JsonOut *o, const Sources *sources, Span span, const char *text)
{
    json_object(o);
    json_place(o, sources, span, true);
    json_key(o, "text");
    json_text(o, text);
    json_object_end(o);
}

static void json_fix(JsonOut *o, const Sources *sources, const Fix *fix)
{
    json_object(o);
    json_key(o, "text");
    json_text(o, fix->text);
    json_key(o, "edits");
    json_list(o);
    for (size_t i = 0; i < fix->edits.n; i++) {
        json_object(o);
        json_place(o, sources, fix->edits.at[i].span, false);
        json_key(o, "replace");
        json_text(o, fix->edits.at[i].text);
        json_object_end(o);
    }
    json_list_end(o);
    json_object_end(o);
}

static void print_json(const Sources *sources, const Diag *diag, Buf *out)
{
    JsonOut writer = json_out(out), *o = &writer;
    json_object(o);
    json_key(o, "severity");
    json_text(o, severity(diag));
    json_key(o, "code");
    json_text(o, diag_code_name(diag->code));
    json_key(o, "message");
    json_text(o, diag->message);
    json_place(o, sources, diag->span, true);
    json_key(o, "labels");
    json_list(o);
    if (diag->primary && diag->span.source != 0) {
        json_label(o, sources, diag->span, diag->primary);
    }
    for (size_t i = 0; i < diag->labels.n; i++) {
        json_label(o, sources, diag->labels.at[i].span, diag->labels.at[i].text);
    }
    json_list_end(o);
    json_key(o, "notes");
    json_list(o);
    for (size_t i = 0; i < diag->notes.n; i++) {
        json_text(o, diag->notes.at[i]);
    }
    json_list_end(o);
    json_key(o, "fixes");
    json_list(o);
    for (size_t i = 0; i < diag->fixes.n; i++) {
        json_fix(o, sources, diag->fixes.at[i]);
    }
    json_list_end(o);
    json_object_end(o);
    buf_char(out, '\n');
}

/* "note: " or "help: " and its text; further lines of the text are indented under the first. */
static void print_remark(Paper *p, const char *colour, const char *word, const char *text)
{
    paper_colour(p, colour);
    buf_put(p->out, word);
    paper_plain(p);
    buf_put(p->out, ": ");
    for (const char *line = text;;) {
        const char *end = strchr(line, '\n');
        buf_put_n(p->out, line, end ? (size_t)(end - line) : strlen(line));
        buf_char(p->out, '\n');
        if (!end) {
            break;
        }
        buf_put(p->out, "      ");
        line = end + 1;
    }
}

static void print_long(const Sources *sources, const Diag *diag, bool colour, Buf *out)
{
    Paper paper = {.out = out, .arena = out->arena, .sources = sources, .colour = colour, .is_error = diag_is_error(diag)};
    paper.gutter = diag_gutter(sources, diag);
    paper_colour(&paper, paper.is_error ? COLOUR_ERROR : COLOUR_WARNING);
    buf_printf(out, "%s[%s]", severity(diag), diag_code_name(diag->code));
    paper_plain(&paper);
    paper_colour(&paper, "1");
    buf_printf(out, ": %s", diag->message);
    paper_plain(&paper);
    buf_char(out, '\n');
    bool drawn = diag->span.source != 0 || diag->labels.n > 0;
    diag_draw_places(&paper, diag);
    for (size_t i = 0; i < diag->notes.n; i++) {
        if (drawn) {
            diag_draw_bar(&paper);
        }
        drawn = false;
        print_remark(&paper, COLOUR_NOTE, "note", diag->notes.at[i]);
    }
    for (size_t i = 0; i < diag->fixes.n; i++) {
        if (drawn) {
            diag_draw_bar(&paper);
        }
        print_remark(&paper, COLOUR_HELP, "help", diag->fixes.at[i]->text);
        diag_draw_fix(&paper, diag->fixes.at[i]);
        drawn = diag->fixes.at[i]->edits.n > 0;
    }
}

static void print_count(size_t n, const char *what, Buf *out)
{
    buf_printf(out, "%zu %s%s", n, what, n == 1 ? "" : "s");
}

void diags_print(Diags *diags, DiagStyle style, Buf *out)
{
    Diag **order = ARENA_ARRAY(out->arena, Diag *, diags->all.n);
    size_t n = 0, errors = 0;
    for (size_t i = 0; i < diags->all.n; i++) {
        Diag *diag = diags->all.at[i];
        if (!diag->printed) {
            diag->printed = true;
            errors += diag_is_error(diag);
            order[n++] = diag;
        }
    }
    if (n == 0) {
        return;
    }
    /* What was printed earlier, such as the warnings before a run, stands apart. */
    if (style.form == DIAG_LONG && diags->printed) {
        buf_char(out, '\n');
    }
    diags->printed = true;
    qsort(order, n, sizeof *order, compare);
    for (size_t i = 0; i < n; i++) {
        switch (style.form) {
        case DIAG_SHORT:
            print_short(diags->sources, order[i], out);
            break;
        case DIAG_JSON:
            print_json(diags->sources, order[i], out);
            break;
        case DIAG_LONG:
            buf_put(out, i > 0 ? "\n" : "");
            print_long(diags->sources, order[i], style.colour, out);
            break;
        }
    }
    if (style.form == DIAG_LONG && n > 1) {
        buf_char(out, '\n');
        if (errors > 0) {
            print_count(errors, "error", out);
        }
        if (n > errors) {
            buf_put(out, errors > 0 ? ", " : "");
            print_count(n - errors, "warning", out);
        }
        buf_char(out, '\n');
    }
}
