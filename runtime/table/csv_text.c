/* From bytes to text in UTF-8: byte order marks, encodings found or given, bytes that no text has, and a first pass over all bytes that counts
 * line feeds (so that columns are allocated once, at their full length) and looks for quotes. */
#include "runtime/table/csv_inside.h"

typedef uint8_t Bytes16 __attribute__((vector_size(16)));
typedef int8_t Mask16 __attribute__((vector_size(16)));

typedef struct {
    size_t line_feeds;
    bool quotes, zeros, high;
} Survey;

static bool any_lane(const Mask16 *mask)
{
    uint64_t half[2];
    memcpy(half, mask, 16);
    return (half[0] | half[1]) != 0;
}

static Survey survey(const char *text, size_t n)
{
    Survey s = {0};
    Mask16 quotes = {0}, zeros = {0}, high = {0};
    size_t i = 0;
    while (n - i >= 16) {
        /* A lane counts at most 127 before the counts are drained. */
        size_t steps = (n - i) / 16 < 127 ? (n - i) / 16 : 127;
        Mask16 count = {0};
        for (size_t k = 0; k < steps; k++, i += 16) {
            Bytes16 v;
            memcpy(&v, text + i, 16);
            count -= (Mask16)(v == (uint8_t)'\n');
            quotes |= (Mask16)(v == (uint8_t)'"');
            zeros |= (Mask16)(v == 0);
            high |= (Mask16)v;
        }
        for (int lane = 0; lane < 16; lane++) s.line_feeds += (size_t)count[lane];
    }
    s.quotes = any_lane(&quotes);
    s.zeros = any_lane(&zeros);
    for (int lane = 0; lane < 16; lane++) s.high = s.high || high[lane] < 0;
    for (; i < n; i++) {
        s.line_feeds += text[i] == '\n';
        s.quotes = s.quotes || text[i] == '"';
        s.zeros = s.zeros || text[i] == '\0';
        s.high = s.high || (unsigned char)text[i] >= 0x80;
    }
    return s;
}

static void report_binary(const char *path, const char *bytes, size_t n, Span place, Diags *diags)
{
    Diag *e = diag(diags, E0506, place, A("path", path));
    diag_file_fault(e);
    if (n > 4 && memcmp(bytes, "PK\3\4", 4) == 0) diag_fix(e, E0506_sheet);
    else if (n > 2 && memcmp(bytes, "\x1F\x8B", 2) == 0) diag_fix(e, E0506_gzip);
    else if (n > 8 && memcmp(bytes, "\xD0\xCF\x11\xE0", 4) == 0) diag_fix(e, E0506_sheet);
    else if (n > 4 && memcmp(bytes, "PAR1", 4) == 0) diag_fix(e, E0506_parquet);
    else diag_fix(e, E0506_other);
}

/* Korean in CP949 is recognised where all bytes decode and most of what is not ASCII is Hangul syllables (U+AC00 to U+D7A3). */
static char *try_korean(Arena *arena, const char *path, const char *bytes, size_t n, size_t *decoded)
{
    char *text = encoding_decode(arena, path, bytes, n, "cp949", NO_SPAN, NULL, decoded);
    if (!text) return NULL;
    size_t other = 0, hangul = 0;
    for (size_t i = 0; i < *decoded;) {
        uint32_t c = str_code_point(text, *decoded, &i);
        if (c < 0x80) continue;
        other++;
        hangul += c >= 0xAC00 && c <= 0xD7A3;
    }
    return hangul * 2 > other ? text : NULL;
}

static void report_encoding(Arena *arena, const char *path, const char *bytes, size_t n, size_t bad, const CsvOptions *options,
                            Span place, Diags *diags)
{
    uint32_t source = sources_add(diags_sources(diags), path, bytes, n);
    Diag *e = diag(diags, E0510, ((Span){source, bad, bad + 1}), A("path", path),
                   A("byte", arena_printf(arena, "%02X", (unsigned)(unsigned char)bytes[bad])));
    diag_file_fault(e);
    diag_primary(e, E0510_here);
    if (place.source != 0) diag_label(e, place, E0510_given);
    diag_note(e, E0510_note);
    Fix *fix = diag_fix(e, E0510_name);
    if (options && options->clause.source != 0) diag_edit(fix, options->clause, "    encoding \"cp1252\"\n");
}

static bool starts(const char *bytes, size_t n, const char *mark, size_t length)
{
    return n >= length && memcmp(bytes, mark, length) == 0;
}

bool csv_text(Arena *arena, const char *path, const char *bytes, size_t n, const CsvOptions *options, Span place, Diags *diags,
              CsvText *text)
{
    const char *given = options ? options->encoding : NULL;
    *text = (CsvText){.text = bytes, .n = n, .encoding = "UTF-8"};
    if (given && !encoding_is_utf8(given)) {
        text->text = encoding_decode(arena, path, bytes, n, given, options->encoding_span, diags, &text->n);
        if (!text->text) return false;
        text->encoding = given;
    } else if (!given && (starts(bytes, n, "\xFF\xFE", 2) || starts(bytes, n, "\xFE\xFF", 2))) {
        text->text = encoding_decode(arena, path, bytes, n, "utf-16", place, diags, &text->n);
        if (!text->text) return false;
        text->encoding = "utf-16";
        text->encoding_found = true;
    }
    if (starts(text->text, text->n, "\xEF\xBB\xBF", 3)) {
        text->text += 3;
        text->n -= 3;
    }
    Survey s = survey(text->text, text->n);
    if (s.zeros) {
        report_binary(path, bytes, n, place, diags);
        return false;
    }
    size_t bad;
    if (s.high && !str_utf8_valid(text->text, text->n, &bad)) {
        size_t decoded;
        char *korean = given ? NULL : try_korean(arena, path, text->text, text->n, &decoded);
        if (!korean && given) {
            encoding_report_byte(arena, path, text->text, text->n, bad, given, options->encoding_span, diags);
            return false;
        }
        if (!korean) {
            report_encoding(arena, path, text->text, text->n, bad, options, place, diags);
            return false;
        }
        *text = (CsvText){.text = korean, .n = decoded, .encoding = "cp949", .encoding_found = true};
        s = survey(text->text, text->n);
    }
    if (s.line_feeds == 0 && memchr(text->text, '\r', text->n)) {
        /* Lines that end in CR alone, as old Macs wrote them. */
        char *lines = arena_alloc(arena, text->n + CSV_PAD);
        for (size_t i = 0; i < text->n; i++) lines[i] = text->text[i] == '\r' ? '\n' : text->text[i];
        text->text = lines;
        s = survey(text->text, text->n);
    }
    text->line_feeds = s.line_feeds;
    text->quotes = s.quotes;
    text->source = sources_add(diags_sources(diags), path, text->text, text->n);
    return true;
}
