/* Sources: texts, their line tables (made when a place is first asked for) and widths on a terminal. */
#include "runtime/base/source.h"

#include "runtime/base/bug.h"
#include "runtime/base/str.h"
#include "runtime/base/vec.h"

#include <string.h>
#include <utf8proc.h>

enum { TAB_STOP = 4, MARK_EVERY = 256, MARKED_LINES = 4 };

/* Columns of a long line, one in MARK_EVERY, as far as it was read. */
typedef struct {
    size_t offset, column;
} ColumnMark;
typedef struct {
    size_t line_begin;
    VEC(ColumnMark) marks;
} MarkedLine;

typedef struct {
    const char *path, *text;
    size_t n;
    bool has_lines;
    VEC(size_t) lines; /* where each line begins */
    MarkedLine marked[MARKED_LINES]; /* those asked for last; they take turns */
    size_t next_marked;
} Source;

struct Sources {
    Arena *arena;
    VEC(Source *) all;
};

Sources *sources_new(Arena *arena)
{
    Sources *sources = ARENA_NEW(arena, Sources);
    sources->arena = arena;
    return sources;
}

uint32_t sources_add(Sources *sources, const char *path, const char *text, size_t n)
{
    Source *source = ARENA_NEW(sources->arena, Source);
    source->path = arena_copy(sources->arena, path);
    source->text = text;
    source->n = n;
    VEC_PUSH(sources->arena, sources->all, source);
    return (uint32_t)sources->all.n;
}

static Source *source_get(const Sources *sources, uint32_t source)
{
    ENSURE(source > 0 && source <= sources->all.n);
    return sources->all.at[source - 1];
}

const char *sources_path(const Sources *sources, uint32_t source)
{
    return source_get(sources, source)->path;
}

const char *sources_text(const Sources *sources, uint32_t source, size_t *n)
{
    const Source *found = source_get(sources, source);
    if (n) {
        *n = found->n;
    }
    return found->text;
}

/* A byte order mark belongs to no line. */
static size_t text_begin(const Source *source)
{
    return source->n >= 3 && memcmp(source->text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
}

static void find_lines(const Sources *sources, Source *source)
{
    VEC_PUSH(sources->arena, source->lines, text_begin(source));
    for (size_t at = text_begin(source); at < source->n;) {
        const char *end = memchr(source->text + at, '\n', source->n - at);
        if (!end) {
            break;
        }
        at = (size_t)(end - source->text) + 1;
        VEC_PUSH(sources->arena, source->lines, at);
    }
    source->has_lines = true;
}

static MarkedLine *marked_line(const Sources *sources, Source *source, size_t line_begin)
{
    for (size_t i = 0; i < MARKED_LINES; i++) {
        if (source->marked[i].marks.n > 0 && source->marked[i].line_begin == line_begin) {
            return &source->marked[i];
        }
    }
    MarkedLine *line = &source->marked[source->next_marked++ % MARKED_LINES];
    line->line_begin = line_begin;
    line->marks.n = 0;
    VEC_PUSH(sources->arena, line->marks, ((ColumnMark){line_begin, 1}));
    return line;
}

/* The column of a place in the line that begins at line_begin. */
static size_t column_of(const Sources *sources, Source *source, size_t line_begin, size_t offset)
{
    ColumnMark at = {line_begin, 1};
    MarkedLine *line = offset > line_begin + MARK_EVERY ? marked_line(sources, source, line_begin) : NULL;
    if (line) {
        size_t low = 0, high = line->marks.n;
        while (high - low > 1) {
            size_t middle = low + (high - low) / 2;
            if (line->marks.at[middle].offset <= offset) {
                low = middle;
            } else {
                high = middle;
            }
        }
        at = line->marks.at[low];
    }
    while (at.offset < offset) {
        str_code_point(source->text, source->n, &at.offset);
        at.column++;
        if (line && at.column % MARK_EVERY == 0 && at.offset > line->marks.at[line->marks.n - 1].offset) {
            VEC_PUSH(sources->arena, line->marks, at);
        }
    }
    return at.column;
}

Position source_position(const Sources *sources, uint32_t id, size_t offset)
{
    Source *source = source_get(sources, id);
    if (!source->has_lines) {
        find_lines(sources, source);
    }
    if (offset > source->n) {
        offset = source->n;
    }
    size_t low = 0, high = source->lines.n;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (source->lines.at[middle] <= offset) {
            low = middle;
        } else {
            high = middle;
        }
    }
    Position position = {.line = low + 1, .line_begin = source->lines.at[low]};
    if (low + 1 < source->lines.n) {
        position.line_end = source->lines.at[low + 1] - 1;
        if (position.line_end > position.line_begin && source->text[position.line_end - 1] == '\r') {
            position.line_end--;
        }
    } else {
        position.line_end = source->n;
    }
    position.column = column_of(sources, source, position.line_begin, offset);
    return position;
}

/* Columns of a code point that stands alone; what a terminal must not be sent is shown as one replacement character. */
static size_t code_point_width(uint32_t c)
{
    if (c < 0x20 || (c >= 0x7F && c < 0xA0)) {
        return 1;
    }
    int width = utf8proc_charwidth((utf8proc_int32_t)c);
    return width > 0 ? (size_t)width : 0;
}

static bool is_regional(uint32_t c)
{
    return c >= 0x1F1E6 && c <= 0x1F1FF;
}

size_t display_cluster(const char *text, size_t n, size_t *i, size_t from)
{
    size_t begin = *i;
    uint32_t first = str_code_point(text, n, i);
    if (first == '\t') {
        return TAB_STOP - from % TAB_STOP;
    }
    if (first >= 0x20 && first < 0x7F && (*i >= n || (unsigned char)text[*i] < 0x80)) {
        return 1;
    }
    bool whole = *i - begin > 1 || (unsigned char)text[begin] < 0x80;
    size_t width = whole ? code_point_width(first) : 1;
    utf8proc_int32_t state = 0;
    uint32_t last = first;
    while (whole && *i < n) {
        size_t next = *i;
        uint32_t c = str_code_point(text, n, &next);
        bool valid = next - *i > 1 || (unsigned char)text[*i] < 0x80;
        if (!valid || utf8proc_grapheme_break_stateful((utf8proc_int32_t)last, (utf8proc_int32_t)c, &state)) {
            break;
        }
        if (width == 0) {
            width = code_point_width(c);
        }
        if (c == 0xFE0F || is_regional(c)) {
            width = 2;
        }
        last = c;
        *i = next;
    }
    return width;
}

size_t display_width(const char *text, size_t n, size_t from)
{
    size_t column = from;
    for (size_t i = 0; i < n;) {
        column += display_cluster(text, n, &i, column);
    }
    return column - from;
}

Span span_join(Span a, Span b)
{
    if (a.source == 0) {
        return b;
    }
    if (b.source != a.source || b.end < a.begin) {
        return a;
    }
    return (Span){.source = a.source, .begin = a.begin, .end = b.end};
}

Span span_after(Span s)
{
    return (Span){.source = s.source, .begin = s.end, .end = s.end};
}

Span span_before(Span s)
{
    return (Span){.source = s.source, .begin = s.begin, .end = s.begin};
}
