/* Diagnostics: pictures of source lines with marks under them.
 *
 *      9 |     h2 = h1 -> lstm(8)
 *        |          --    ^^^^^^^ expects [time, features], got [16]
 *        |          |
 *        |          made here
 *
 * A place becomes one mark in a line, or two where it goes over several lines (its first line to the end, its last line from
 * the first word). Marks are measured in columns of the terminal, never in bytes. A line too wide is shown in part around
 * its marks; where these lie far apart it is shown once for each neighbourhood. */
#include "runtime/base/diag_inside.h"

#include <stdlib.h>
#include <string.h>

/* Columns shown of a wide line, and how many of them stand before its first mark. */
enum { VIEW_COLUMNS = 110, VIEW_BEFORE = 40 };
/* A gap between shown lines of at most this many lines is shown too. */
enum { GAP_SHOWN = 1 };
/* Of a line of more than DIAG_LINE_BYTES only these many bytes around a mark are looked at. */
enum { AROUND_BYTES = 400 };

typedef VEC(DiagLine) Lines;

static void gutter(Paper *p, size_t number)
{
    paper_colour(p, COLOUR_GUTTER);
    if (number > 0) {
        buf_printf(p->out, "%*zu |", p->gutter + 1, number);
    } else {
        buf_printf(p->out, "%*s |", p->gutter + 1, "");
    }
    paper_plain(p);
}

static void spaces(Paper *p, size_t n)
{
    for (; n > 0; n--) {
        buf_char(p->out, ' ');
    }
}

/* Spaces at the end of a line that only carries marks are of no use. */
static void end_line(Paper *p)
{
    while (p->out->n > 0 && p->out->at[p->out->n - 1] == ' ') {
        p->out->at[--p->out->n] = '\0';
    }
    buf_char(p->out, '\n');
}

void diag_draw_bar(Paper *p)
{
    gutter(p, 0);
    buf_char(p->out, '\n');
}

/* The columns [low, high) of a line, "…" standing for what is left out at an end. */
static void draw_text(Paper *p, const char *text, size_t n, size_t low, size_t high, size_t width)
{
    size_t first = low > 0 ? low + 1 : 0, last = high < width ? high - 1 : high;
    size_t column = 0, drawn = low;
    if (low > 0) {
        buf_put(p->out, "…");
        drawn++;
    }
    for (size_t i = 0; i < n && column < last;) {
        size_t begin = i, at = column;
        column += display_cluster(text, n, &i, column);
        if (at < first || column > last) {
            continue;
        }
        spaces(p, at > drawn ? at - drawn : 0);
        if (text[begin] == '\t') {
            spaces(p, column - at);
        } else {
            diag_put_visible(p->out, text + begin, i - begin);
        }
        drawn = column;
    }
    if (high < width) {
        spaces(p, last > drawn ? last - drawn : 0);
        buf_put(p->out, "…");
    }
}

static int by_begin(const void *a, const void *b)
{
    const DiagMark *x = a, *y = b;
    if (x->begin != y->begin) {
        return x->begin < y->begin ? -1 : 1;
    }
    return x->end < y->end ? -1 : x->end > y->end;
}

/* The row of signs; `^` wins where marks overlap. */
static void draw_signs(Paper *p, const DiagMark *marks, size_t n, size_t low, size_t high)
{
    const DiagMark **cells = ARENA_ARRAY(p->arena, const DiagMark *, high - low);
    for (size_t k = 0; k < n; k++) {
        for (size_t c = marks[k].begin; c < marks[k].end && c < high; c++) {
            if (c >= low && (!cells[c - low] || marks[k].sign == '^')) {
                cells[c - low] = &marks[k];
            }
        }
    }
    const DiagMark *now = NULL;
    for (size_t c = 0; c < high - low; c++) {
        if (cells[c] != now) {
            if (now) {
                paper_plain(p);
            }
            if (cells[c]) {
                paper_colour(p, cells[c]->colour);
            }
            now = cells[c];
        }
        buf_char(p->out, now ? now->sign : ' ');
    }
    if (now) {
        paper_plain(p);
    }
}

/* A row of "|" under the first `bars` marks, then the text of the mark behind them, if any. */
static void draw_hanging(Paper *p, const DiagMark *const *marks, size_t bars, const DiagMark *text, size_t low)
{
    gutter(p, 0);
    buf_char(p->out, ' ');
    size_t column = low;
    for (size_t k = 0; k < bars; k++) {
        if (marks[k]->begin < column || (text && marks[k]->begin >= text->begin)) {
            continue;
        }
        spaces(p, marks[k]->begin - column);
        paper_colour(p, marks[k]->colour);
        buf_char(p->out, '|');
        paper_plain(p);
        column = marks[k]->begin + 1;
    }
    if (text) {
        spaces(p, text->begin > column ? text->begin - column : 0);
        paper_colour(p, text->colour);
        buf_put(p->out, text->text);
        paper_plain(p);
    }
    end_line(p);
}

/* The part of a line around some of its marks, which are sorted by their beginning. */
static void draw_view(Paper *p, const DiagLine *line, const char *text, DiagMark *marks, size_t n, size_t width)
{
    size_t low = 0, high = width;
    if (width > VIEW_COLUMNS + VIEW_BEFORE / 2) {
        size_t from = n > 0 ? marks[0].begin : 0;
        low = from > VIEW_BEFORE ? from - VIEW_BEFORE : 0;
        if (low + VIEW_COLUMNS >= width) {
            low = width - VIEW_COLUMNS;
        } else {
            high = low + VIEW_COLUMNS;
        }
    }
    gutter(p, line->number);
    if (width > 0) {
        buf_char(p->out, ' ');
        draw_text(p, text, line->end - line->begin, low, high, width);
    }
    end_line(p);
    if (n == 0) {
        return;
    }
    /* The text of the last mark stands beside it where no other mark reaches further. */
    size_t reach = 0;
    for (size_t k = 0; k < n; k++) {
        marks[k].end = marks[k].end > high + 1 ? high + 1 : marks[k].end;
        reach = marks[k].end > reach ? marks[k].end : reach;
    }
    const DiagMark *beside = &marks[n - 1];
    for (size_t k = n - 1; k > 0 && marks[k - 1].begin == beside->begin; k--) {
        beside = marks[k - 1].sign == '^' ? &marks[k - 1] : beside;
    }
    if (!beside->text || beside->end < reach) {
        beside = NULL;
    }
    gutter(p, 0);
    buf_char(p->out, ' ');
    draw_signs(p, marks, n, low, reach > low ? reach : low);
    if (beside) {
        buf_char(p->out, ' ');
        paper_colour(p, beside->colour);
        buf_put(p->out, beside->text);
        paper_plain(p);
    }
    end_line(p);
    const DiagMark **hanging = ARENA_ARRAY(p->arena, const DiagMark *, n);
    size_t left = 0;
    for (size_t k = 0; k < n; k++) {
        if (&marks[k] != beside && marks[k].text) {
            hanging[left++] = &marks[k];
        }
    }
    if (left > 0) {
        draw_hanging(p, hanging, left, NULL, low);
    }
    while (left > 0) {
        left--;
        draw_hanging(p, hanging, left, hanging[left], low);
    }
}

void diag_draw_line(Paper *p, DiagLine *line, const char *text)
{
    size_t width = display_width(text, line->end - line->begin, 0);
    if (line->marks.n == 0) {
        draw_view(p, line, text, NULL, 0, width);
        return;
    }
    qsort(line->marks.at, line->marks.n, sizeof *line->marks.at, by_begin);
    bool wide = width > VIEW_COLUMNS + VIEW_BEFORE / 2;
    for (size_t k = 0; k < line->marks.n;) {
        size_t n = 1;
        while (k + n < line->marks.n &&
               (!wide || line->marks.at[k + n].begin < line->marks.at[k].begin + VIEW_COLUMNS - VIEW_BEFORE)) {
            n++;
        }
        draw_view(p, line, text, line->marks.at + k, n, width);
        k += n;
    }
}

/* The line of a position, kept in order of its number. */
static DiagLine *line_at(Arena *arena, Lines *lines, Position at)
{
    size_t k = lines->n;
    while (k > 0 && lines->at[k - 1].number > at.line) {
        k--;
    }
    if (k > 0 && lines->at[k - 1].number == at.line && lines->at[k - 1].begin == at.line_begin) {
        return &lines->at[k - 1];
    }
    DiagLine line = {.number = at.line, .begin = at.line_begin, .end = at.line_end};
    VEC_PUSH(arena, *lines, line);
    memmove(lines->at + k + 1, lines->at + k, (lines->n - 1 - k) * sizeof *lines->at);
    lines->at[k] = line;
    return &lines->at[k];
}

void diag_narrow(const char *text, size_t *begin, size_t *end, size_t from, size_t to)
{
    if (*end - *begin <= DIAG_LINE_BYTES) {
        return;
    }
    size_t first = from - *begin > AROUND_BYTES ? from - AROUND_BYTES : *begin;
    while (first < from && ((unsigned char)text[first] & 0xC0) == 0x80) {
        first++;
    }
    *begin = first;
    if (*end - to > AROUND_BYTES) {
        *end = to + AROUND_BYTES;
        while (*end > to && ((unsigned char)text[*end] & 0xC0) == 0x80) {
            --*end;
        }
    }
}

static void add_mark(Paper *p, Lines *lines, const char *text, Position at, size_t from, size_t to, DiagMark mark)
{
    diag_narrow(text, &at.line_begin, &at.line_end, from, from);
    to = to < at.line_end ? to : at.line_end;
    mark.begin = display_width(text + at.line_begin, from - at.line_begin, 0);
    mark.end = mark.begin + display_width(text + from, to - from, mark.begin);
    if (mark.end == mark.begin) {
        mark.end++;
    }
    VEC_PUSH(p->arena, line_at(p->arena, lines, at)->marks, mark);
}

static size_t first_word(const char *text, size_t from, size_t to)
{
    while (from < to && (text[from] == ' ' || text[from] == '\t')) {
        from++;
    }
    return from;
}

static void add_span(Paper *p, Lines *lines, Span span, DiagMark mark)
{
    size_t n;
    const char *text = sources_text(p->sources, span.source, &n);
    size_t begin = span.begin < n ? span.begin : n;
    size_t end = span.end < n ? span.end : n;
    while (end > begin && (text[end - 1] == '\n' || text[end - 1] == '\r')) {
        end--;
    }
    Position first = source_position(p->sources, span.source, begin);
    Position last = source_position(p->sources, span.source, end > begin ? end : begin);
    begin = begin < first.line_begin ? first.line_begin : begin > first.line_end ? first.line_end : begin;
    if (last.line == first.line) {
        add_mark(p, lines, text, first, begin, end > begin ? (end < first.line_end ? end : first.line_end) : begin, mark);
        return;
    }
    DiagMark opening = mark;
    opening.text = NULL;
    add_mark(p, lines, text, first, begin, first.line_end, opening);
    size_t word = first_word(text, last.line_begin, end);
    add_mark(p, lines, text, last, word, end, mark);
}

static void draw_lines(Paper *p, Lines *lines, uint32_t source)
{
    const char *text = sources_text(p->sources, source, NULL);
    for (size_t k = 0; k < lines->n; k++) {
        DiagLine *line = &lines->at[k];
        if (k > 0) {
            size_t before = lines->at[k - 1].number;
            if (line->number > before + 1 + GAP_SHOWN) {
                paper_colour(p, COLOUR_GUTTER);
                buf_put(p->out, "...");
                paper_plain(p);
                buf_char(p->out, '\n');
            } else if (line->number == before + 2) {
                Position at = source_position(p->sources, source, line->begin - 1);
                DiagLine between = {.number = at.line, .begin = at.line_begin, .end = at.line_end};
                diag_draw_line(p, &between, text + between.begin);
            }
        }
        diag_draw_line(p, line, text + line->begin);
    }
}

void diag_draw_header(Paper *p, const char *arrow, Span span)
{
    Position at = source_position(p->sources, span.source, span.begin);
    const char *path = sources_path(p->sources, span.source);
    paper_colour(p, COLOUR_GUTTER);
    buf_printf(p->out, "%*s%s ", p->gutter + 1, "", arrow);
    paper_plain(p);
    diag_put_visible(p->out, path, strlen(path));
    buf_printf(p->out, ":%zu:%zu\n", at.line, at.column);
}

/* All places of one source; `span` is the one its header names. */
static void draw_source(Paper *p, const Diag *diag, Span span, bool first)
{
    Lines lines = {0};
    if (diag->span.source == span.source) {
        DiagMark mark = {.sign = '^', .colour = p->is_error ? COLOUR_ERROR : COLOUR_WARNING, .text = diag->primary};
        add_span(p, &lines, diag->span, mark);
    }
    for (size_t i = 0; i < diag->labels.n; i++) {
        if (diag->labels.at[i].span.source == span.source) {
            DiagMark mark = {.sign = '-', .colour = COLOUR_SECOND, .text = diag->labels.at[i].text};
            add_span(p, &lines, diag->labels.at[i].span, mark);
        }
    }
    if (!first) {
        diag_draw_bar(p);
    }
    diag_draw_header(p, first ? "-->" : ":::", span);
    size_t n;
    sources_text(p->sources, span.source, &n);
    if (n > 0) {
        diag_draw_bar(p);
        draw_lines(p, &lines, span.source);
    }
}

void diag_draw_places(Paper *p, const Diag *diag)
{
    bool first = true;
    if (diag->span.source != 0) {
        draw_source(p, diag, diag->span, true);
        first = false;
    }
    for (size_t i = 0; i < diag->labels.n; i++) {
        Span span = diag->labels.at[i].span;
        bool seen = span.source == diag->span.source;
        for (size_t k = 0; k < i && !seen; k++) {
            seen = diag->labels.at[k].span.source == span.source;
        }
        if (!seen) {
            draw_source(p, diag, span, first);
            first = false;
        }
    }
}

static size_t last_line(const Sources *sources, Span span)
{
    return span.source == 0 ? 0 : source_position(sources, span.source, span.end).line;
}

int diag_gutter(const Sources *sources, const Diag *diag)
{
    size_t largest = last_line(sources, diag->span);
    for (size_t i = 0; i < diag->labels.n; i++) {
        size_t line = last_line(sources, diag->labels.at[i].span);
        largest = line > largest ? line : largest;
    }
    for (size_t i = 0; i < diag->fixes.n; i++) {
        const Fix *fix = diag->fixes.at[i];
        size_t added = 0;
        for (size_t k = 0; k < fix->edits.n; k++) {
            added += diag_newlines(fix->edits.at[k].text, strlen(fix->edits.at[k].text));
            size_t line = last_line(sources, fix->edits.at[k].span) + added;
            largest = line > largest ? line : largest;
        }
    }
    int digits = 1;
    for (; largest >= 10; largest /= 10) {
        digits++;
    }
    return digits;
}
