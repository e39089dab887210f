/* From bytes to text in UTF-8: byte order marks, encodings found or given, bytes that no text has. */
#include "runtime/table/csv_inside.h"

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

bool csv_text(Arena *arena, Par *par, const char *path, const char *bytes, size_t n, const CsvOptions *options, Span place, Diags *diags,
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
    csv_survey(arena, par, text);
    if (text->zeros) {
        report_binary(path, bytes, n, place, diags);
        return false;
    }
    size_t bad;
    if (text->high && !str_utf8_valid(text->text, text->n, &bad)) {
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
        csv_survey(arena, par, text);
    }
    if (text->line_feeds == 0 && memchr(text->text, '\r', text->n)) {
        /* Lines that end in CR alone, as old Macs wrote them. */
        char *lines = arena_alloc(arena, text->n + CSV_PAD);
        for (size_t i = 0; i < text->n; i++) lines[i] = text->text[i] == '\r' ? '\n' : text->text[i];
        text->text = lines;
        csv_survey(arena, par, text);
    }
    text->source = sources_add(diags_sources(diags), path, text->text, text->n);
    return true;
}
