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

typedef struct {
    size_t begin, end; /* columns, from 0 */
    char sign;         /* ^ - + ~ */
    const char *colour;
    const char *text; /* NULL: none */
} Mark;

typedef struct {
    size_t number;
    size_t begin, end; /* bytes of the source */
    VEC(Mark) marks;
} Line;

typedef VEC(Line) Lines;

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
    const Mark *x = a, *y = b;
    if (x->begin != y->begin) {
        return x->begin < y->begin ? -1 : 1;
    }
    return x->end < y->end ? -1 : x->end > y->end;
}

/* The row of signs; `^` wins where marks overlap. */
static void draw_signs(Paper *p, const Mark *marks, size_t n, size_t low, size_t high)
{
    const Mark **cells = ARENA_ARRAY(p->arena, const Mark *, high - low);
    for (size_t k = 0; k < n; k++) {
        for (size_t c = marks[k].begin; c < marks[k].end && c < high; c++) {
            if (c >= low && (!cells[c - low] || marks[k].sign == '^')) {
                cells[c - low] = &marks[k];
            }
        }
    }
    const Mark *now = NULL;
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
static void draw_hanging(Paper *p, const Mark *const *marks, size_t bars, const Mark *text, size_t low)
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
static void draw_view(Paper *p, const Line *line, const char *text, Mark *marks, size_t n, size_t width)
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
    const Mark *beside = &marks[n - 1];
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
    const Mark **hanging = ARENA_ARRAY(p->arena, const Mark *, n);
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

static void draw_line(Paper *p, Line *line, const char *text)
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
static Line *line_at(Arena *arena, Lines *lines, Position at)
{
    size_t k = lines->n;
    while (k > 0 && lines->at[k - 1].number > at.line) {
        k--;
    }
    if (k > 0 && lines->at[k - 1].number == at.line) {
        return &lines->at[k - 1];
    }
    Line line = {.number = at.line, .begin = at.line_begin, .end = at.line_end};
    VEC_PUSH(arena, *lines, line);
    memmove(lines->at + k + 1, lines->at + k, (lines->n - 1 - k) * sizeof *lines->at);
    lines->at[k] = line;
    return &lines->at[k];
}

static void add_mark(Paper *p, Lines *lines, const char *text, Position at, size_t from, size_t to, Mark mark)
{
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

static void add_span(Paper *p, Lines *lines, Span span, Mark mark)
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
    Mark opening = mark;
    opening.text = NULL;
    add_mark(p, lines, text, first, begin, first.line_end, opening);
    size_t word = first_word(text, last.line_begin, end);
    add_mark(p, lines, text, last, word, end, mark);
}

static void draw_lines(Paper *p, Lines *lines, uint32_t source)
{
    const char *text = sources_text(p->sources, source, NULL);
    for (size_t k = 0; k < lines->n; k++) {
        Line *line = &lines->at[k];
        if (k > 0) {
            size_t before = lines->at[k - 1].number;
            if (line->number > before + 1 + GAP_SHOWN) {
                paper_colour(p, COLOUR_GUTTER);
                buf_put(p->out, "...");
                paper_plain(p);
                buf_char(p->out, '\n');
            } else if (line->number == before + 2) {
                Position at = source_position(p->sources, source, line->begin - 1);
                Line between = {.number = at.line, .begin = at.line_begin, .end = at.line_end};
                draw_line(p, &between, text + between.begin);
            }
        }
        draw_line(p, line, text + line->begin);
    }
}

static void draw_header(Paper *p, const char *arrow, Span span)
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
        Mark mark = {.sign = '^', .colour = p->is_error ? COLOUR_ERROR : COLOUR_WARNING, .text = diag->primary};
        add_span(p, &lines, diag->span, mark);
    }
    for (size_t i = 0; i < diag->labels.n; i++) {
        if (diag->labels.at[i].span.source == span.source) {
            Mark mark = {.sign = '-', .colour = COLOUR_SECOND, .text = diag->labels.at[i].text};
            add_span(p, &lines, diag->labels.at[i].span, mark);
        }
    }
    if (!first) {
        diag_draw_bar(p);
    }
    draw_header(p, first ? "-->" : ":::", span);
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

/* Fixes: edits whose lines touch are shown together. What is taken away is marked in the lines as they are, what comes in
 * is marked in the lines as they will be. */

/* A line of text with one sign per byte, shown where it has a sign or `all` is set. */
static void draw_signed(Paper *p, size_t number, const char *text, const char *signs, size_t n, bool all)
{
    for (size_t at = 0; at <= n; number++) {
        const char *newline = memchr(text + at, '\n', n - at);
        size_t end = newline ? (size_t)(newline - text) : n;
        size_t shown = end > at && text[end - 1] == '\r' ? end - 1 : end;
        Line line = {.number = number, .begin = at, .end = shown};
        for (size_t i = at; i < shown;) {
            size_t k = i;
            while (k < shown && signs[k] == signs[i]) {
                k++;
            }
            if (signs[i] != ' ') {
                Mark mark = {.sign = signs[i], .colour = signs[i] == '-' ? COLOUR_REMOVE : COLOUR_ADD};
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
            draw_line(p, &line, text + at);
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

static size_t count_newlines(const char *text, size_t n)
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
    return (ptrdiff_t)count_newlines(after.at, after.n) - (ptrdiff_t)count_newlines(text + begin, end - begin);
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
                draw_header(p, ":::", edits[i].span);
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
            added += count_newlines(fix->edits.at[k].text, strlen(fix->edits.at[k].text));
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
