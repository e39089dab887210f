/* Texts in other encodings to UTF-8, by glibc's iconv, whose tables are files of the C library (a stripped container may lack them). */
#include "runtime/table/csv_inside.h"

#include <errno.h>
#include <iconv.h>

typedef struct {
    const char *name;   /* as we show it and as people write it, without regard to case, `-` and `_` */
    const char *iconv;
} Encoding;

static const Encoding encodings[] = {
    {"utf-8", "UTF-8"},          {"utf8", "UTF-8"},           {"utf-8-sig", "UTF-8"},      {"ascii", "ASCII"},
    {"cp949", "CP949"},          {"ms949", "CP949"},          {"uhc", "CP949"},            {"euc-kr", "EUC-KR"},
    {"johab", "JOHAB"},          {"utf-16", "UTF-16"},        {"utf-16le", "UTF-16LE"},    {"utf-16be", "UTF-16BE"},
    {"utf-32", "UTF-32"},        {"latin1", "ISO-8859-1"},    {"iso-8859-1", "ISO-8859-1"}, {"iso-8859-2", "ISO-8859-2"},
    {"iso-8859-15", "ISO-8859-15"}, {"cp1250", "CP1250"},     {"cp1251", "CP1251"},        {"cp1252", "CP1252"},
    {"windows-1252", "CP1252"},  {"cp437", "CP437"},          {"cp850", "CP850"},          {"shift_jis", "SHIFT_JIS"},
    {"sjis", "SHIFT_JIS"},       {"cp932", "CP932"},          {"euc-jp", "EUC-JP"},        {"gbk", "GBK"},
    {"gb2312", "GB2312"},        {"gb18030", "GB18030"},      {"big5", "BIG5"},            {"koi8-r", "KOI8-R"},
    {"hz-gb-2312", "HZ"}, /* not among glibc's own */
};
enum { ENCODINGS = sizeof encodings / sizeof *encodings };

static bool same_name(const char *a, const char *b)
{
    for (;;) {
        while (*a == '-' || *a == '_' || *a == ' ') a++;
        while (*b == '-' || *b == '_' || *b == ' ') b++;
        char x = *a >= 'A' && *a <= 'Z' ? (char)(*a + 32) : *a;
        char y = *b >= 'A' && *b <= 'Z' ? (char)(*b + 32) : *b;
        if (x != y) return false;
        if (x == '\0') return true;
        a++;
        b++;
    }
}

static const char *iconv_name(const char *name)
{
    for (size_t i = 0; i < ENCODINGS; i++)
        if (same_name(name, encodings[i].name)) return encodings[i].iconv;
    return NULL;
}

bool encoding_is_utf8(const char *name)
{
    return str_eq(iconv_name(name), "UTF-8");
}

static void report_unknown(const char *name, const char *known, Span place, Diags *diags)
{
    if (known) {
        Diag *e = diag(diags, E0513, place, A("encoding", name));
        diag_note(e, E0513_note);
        diag_fix(e, E0513_save);
        return;
    }
    const char *names[ENCODINGS];
    for (size_t i = 0; i < ENCODINGS; i++) names[i] = encodings[i].name;
    const char *nearest = str_nearest(name, names, ENCODINGS);
    Diag *e = diag(diags, E0512, place, A("encoding", name));
    diag_note(e, E0512_note);
    if (nearest && place.source != 0) {
        Fix *fix = diag_fix(e, COMMON_did_you_mean, A("nearest", nearest));
        char quoted[64];
        snprintf(quoted, sizeof quoted, "\"%s\"", nearest);
        diag_edit(fix, place, quoted);
    }
}

void encoding_report_byte(Arena *arena, const char *path, const char *bytes, size_t n, size_t at, const char *name, Span place,
                          Diags *diags)
{
    uint32_t source = sources_add(diags_sources(diags), path, bytes, n);
    Diag *e = diag(diags, E0511, ((Span){source, at, at + 1}), A("path", path), A("encoding", name),
                   A("byte", arena_printf(arena, "%02X", (unsigned)(unsigned char)bytes[at])));
    diag_file_fault(e);
    diag_primary(e, E0511_here);
    if (place.source != 0) diag_label(e, place, E0511_given);
    diag_fix(e, E0511_other);
}

char *encoding_decode(Arena *arena, const char *path, const char *bytes, size_t n, const char *name, Span place, Diags *diags,
                      size_t *decoded)
{
    const char *known = iconv_name(name);
    bool plain = strchr(name, '/') == NULL; /* "//TRANSLIT" would change cells in silence */
    iconv_t cd = plain ? iconv_open("UTF-8", known ? known : name) : (iconv_t)-1;
    if (cd == (iconv_t)-1) {
        if (diags) report_unknown(name, known, place, diags);
        return NULL;
    }
    size_t cap = n * 3 / 2 + 64, used = 0;
    char *out = memory_alloc(cap);
    char *in = (char *)(uintptr_t)bytes;
    size_t left = n;
    bool ok = true;
    while (left > 0) {
        char *to = out + used;
        size_t room = cap - used;
        size_t r = iconv(cd, &in, &left, &to, &room);
        used = (size_t)(to - out);
        if (r != (size_t)-1) break;
        if (errno == E2BIG) {
            cap += cap / 2;
            out = memory_resize(out, cap);
            continue;
        }
        ok = false; /* EILSEQ, or EINVAL for a character cut off by the end */
        break;
    }
    iconv_close(cd);
    char *text = NULL;
    if (ok) {
        text = arena_alloc(arena, used + CSV_PAD);
        memcpy(text, out, used);
        *decoded = used;
    } else if (diags) {
        encoding_report_byte(arena, path, bytes, n, n - left, name, place, diags);
    }
    free(out);
    return text;
}
