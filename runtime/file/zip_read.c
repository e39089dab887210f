/* Reading zip files through libzip; see zip.h. */
#include "runtime/file/zip.h"

#include <string.h>
#include <zip.h>

#include "runtime/base/vec.h"

typedef struct {
    const char *shown;
    Span span;
    Diags *diags;
} Where;

static bool damaged(const Where *w, const char *what)
{
    diag_file_fault(diag(w->diags, E0812, w->span, A("file", w->shown), A("what", what)));
    return false;
}

static bool plain_name(const char *name)
{
    if (!name[0] || name[0] == '/' || strchr(name, '\\')) return false;
    for (const char *part = name; part; part = strchr(part, '/')) {
        if (*part == '/') part++;
        if (strncmp(part, "..", 2) == 0 && (part[2] == '/' || part[2] == 0)) return false;
    }
    return true;
}

static bool read_member(Arena *arena, zip_t *zip, zip_uint64_t index, const zip_stat_t *st, const Where *w, ZipMember *member)
{
    if (st->encryption_method != ZIP_EM_NONE) return damaged(w, arena_printf(arena, "its member `%s` is encrypted", st->name));
    if (st->comp_method != ZIP_CM_STORE && st->comp_method != ZIP_CM_DEFLATE)
        return damaged(w, arena_printf(arena, "its member `%s` is packed in an unknown way", st->name));
    if (st->size > ZIP_MOST || (st->size > ZIP_HARMLESS && st->size / ZIP_RATIO_MOST > st->comp_size))
        return damaged(w, arena_printf(arena, "its member `%s` would unpack to far more than it is", st->name));
    zip_file_t *file = zip_fopen_index(zip, index, 0);
    if (!file) return damaged(w, arena_printf(arena, "its member `%s` cannot be opened", st->name));
    uint8_t *bytes = arena_alloc(arena, (size_t)st->size + 1);
    size_t n = 0;
    zip_int64_t got = 0;
    while (n < st->size && (got = zip_fread(file, bytes + n, st->size - n)) > 0) n += (size_t)got;
    /* The end must come now: a member may deliver more than it declares, and its checksum is judged at its end. */
    uint8_t more;
    bool whole = n == st->size && got >= 0 && zip_fread(file, &more, 1) == 0;
    zip_fclose(file);
    if (!whole) return damaged(w, arena_printf(arena, "its member `%s` is broken", st->name));
    *member = (ZipMember){member->name, bytes, n};
    return true;
}

static bool read_all(Arena *arena, zip_t *zip, const Where *w, ZipMember *members, size_t n, const char **other)
{
    zip_int64_t count = zip_get_num_entries(zip, 0);
    if (count < 0 || count > ZIP_MEMBERS_MOST) return damaged(w, "it has too many members");
    Buf names = buf_in(arena);
    size_t unknown = 0;
    for (zip_uint64_t i = 0; i < (zip_uint64_t)count; i++) {
        zip_stat_t st;
        const zip_uint64_t needed = ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
        if (zip_stat_index(zip, i, 0, &st) != 0 || (st.valid & needed) != needed) return damaged(w, "its list of members is broken");
        if (!plain_name(st.name)) return damaged(w, arena_printf(arena, "its member `%s` has a name that leads elsewhere", st.name));
        bool wanted = false;
        for (size_t k = 0; k < n; k++) {
            if (!str_eq(members[k].name, st.name)) continue;
            if (members[k].bytes) return damaged(w, arena_printf(arena, "its member `%s` stands twice", st.name));
            if (!read_member(arena, zip, i, &st, w, &members[k])) return false;
            wanted = true;
        }
        if (!wanted && ++unknown <= 6) buf_printf(&names, "%s`%s`", names.n ? ", " : "", st.name);
    }
    *other = names.n ? names.at : "";
    return true;
}

/* Why libzip does not open a file. */
static const char *fault_words(Arena *arena, int code)
{
    switch (code) {
    case ZIP_ER_EXISTS: return "two of its members have the same name";
    case ZIP_ER_NOZIP: return "it is no zip, or its end is missing";
    case ZIP_ER_INCONS: return "its list of members does not agree with the members";
    case ZIP_ER_MULTIDISK: return "it is one part of several";
    default: break;
    }
    zip_error_t error;
    zip_error_init_with_code(&error, code);
    const char *text = arena_copy(arena, zip_error_strerror(&error));
    zip_error_fini(&error);
    return text;
}

bool zip_read(Arena *arena, const char *path, const char *shown, Span span, ZipMember *members, size_t n, const char **other, Diags *diags)
{
    Where w = {shown, span, diags};
    for (size_t i = 0; i < n; i++) members[i].bytes = NULL;
    int code = 0;
    zip_t *zip = zip_open(path, ZIP_RDONLY | ZIP_CHECKCONS, &code);
    if (!zip) {
        const char *text = fault_words(arena, code);
        if (code == ZIP_ER_NOZIP) diag_file_fault(diag(diags, E0813, span, A("file", shown), A("reason", text)));
        else damaged(&w, text);
        return false;
    }
    bool ok = read_all(arena, zip, &w, members, n, other);
    zip_discard(zip);
    return ok;
}
