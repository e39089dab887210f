/* A zip of members as they are, written without looking back: each header already knows its member's checksum, so that a pipe will do and
 * nothing is copied. See zip.h.
 *
 * Format: "APPNOTE.TXT - .ZIP File Format Specification", PKWARE. Behind each local header stand the member's bytes; behind all members
 * the list of them, and its own place at the very end. Sizes and places that do not fit into 32 bits are all ones, and stand in a
 * longer form ("zip64") beside them. */
#include "runtime/file/zip.h"

#include <string.h>
#include <zlib.h>

enum { VERSION = 20, VERSION_64 = 45, UNIX = 3, EXTRA_64 = 1 };
#define ALL_ONES UINT32_MAX
#define FIRST_OF_1980 0x21 /* as MS-DOS counts dates */
#define PLAIN_FILE ((uint64_t)0100644 << 16)

typedef struct {
    const ZipEntry *entry;
    uint64_t size, place;
    uint32_t checksum;
} Member;

static uint64_t short_form(uint64_t value)
{
    return value < ALL_ONES ? value : ALL_ONES;
}

static uint32_t checksum(const Pieces *pieces)
{
    uLong sum = crc32(0, NULL, 0);
    for (size_t i = 0; i < pieces->n; i++) sum = crc32_z(sum, pieces->at[i].bytes, pieces->at[i].n);
    return (uint32_t)sum;
}

/* What both headers of a member have in common, from the version that is needed to the length of the extra fields. */
static void common(Buf *out, const Member *m, uint64_t extra)
{
    buf_little_endian(out, extra ? VERSION_64 : VERSION, 2);
    buf_little_endian(out, 0, 2); /* flags */
    buf_little_endian(out, 0, 2); /* stored */
    buf_little_endian(out, 0, 2); /* midnight */
    buf_little_endian(out, FIRST_OF_1980, 2);
    buf_little_endian(out, m->checksum, 4);
    buf_little_endian(out, short_form(m->size), 4); /* packed */
    buf_little_endian(out, short_form(m->size), 4);
    buf_little_endian(out, strlen(m->entry->name), 2);
    buf_little_endian(out, extra, 2);
}

static void local_header(Buf *out, const Member *m)
{
    bool wide = m->size >= ALL_ONES;
    buf_put_n(out, "PK\3\4", 4);
    common(out, m, wide ? 4 + 16 : 0);
    buf_put(out, m->entry->name);
    if (!wide) return;
    buf_little_endian(out, EXTRA_64, 2);
    buf_little_endian(out, 16, 2);
    buf_little_endian(out, m->size, 8);
    buf_little_endian(out, m->size, 8);
}

static void list_header(Buf *out, const Member *m)
{
    uint64_t wide = (m->size >= ALL_ONES ? 16u : 0u) + (m->place >= ALL_ONES ? 8u : 0u);
    buf_put_n(out, "PK\1\2", 4);
    buf_little_endian(out, UNIX << 8 | VERSION, 2);
    common(out, m, wide ? 4 + wide : 0);
    buf_little_endian(out, 0, 2); /* comment */
    buf_little_endian(out, 0, 2); /* disk */
    buf_little_endian(out, 0, 2);
    buf_little_endian(out, PLAIN_FILE, 4);
    buf_little_endian(out, short_form(m->place), 4);
    buf_put(out, m->entry->name);
    if (!wide) return;
    buf_little_endian(out, EXTRA_64, 2);
    buf_little_endian(out, wide, 2);
    if (m->size >= ALL_ONES) {
        buf_little_endian(out, m->size, 8);
        buf_little_endian(out, m->size, 8);
    }
    if (m->place >= ALL_ONES) buf_little_endian(out, m->place, 8);
}

/* n members, whose list has this size and place. */
static void end(Buf *out, size_t n, uint64_t size, uint64_t place)
{
    if (place + size >= ALL_ONES) {
        buf_put_n(out, "PK\6\6", 4);
        buf_little_endian(out, 44, 8); /* bytes from here on */
        buf_little_endian(out, UNIX << 8 | VERSION_64, 2);
        buf_little_endian(out, VERSION_64, 2);
        buf_little_endian(out, 0, 4); /* disks */
        buf_little_endian(out, 0, 4);
        buf_little_endian(out, n, 8);
        buf_little_endian(out, n, 8);
        buf_little_endian(out, size, 8);
        buf_little_endian(out, place, 8);
        buf_put_n(out, "PK\6\7", 4);
        buf_little_endian(out, 0, 4);
        buf_little_endian(out, place + size, 8);
        buf_little_endian(out, 1, 4);
    }
    buf_put_n(out, "PK\5\6", 4);
    buf_little_endian(out, 0, 2); /* disks */
    buf_little_endian(out, 0, 2);
    buf_little_endian(out, n, 2);
    buf_little_endian(out, n, 2);
    buf_little_endian(out, size, 4);
    buf_little_endian(out, short_form(place), 4);
    buf_little_endian(out, 0, 2); /* comment */
}

void zip_pieces(Arena *arena, const ZipEntry *entries, size_t n, Pieces *out)
{
    Buf list = buf_in(arena);
    uint64_t place = 0;
    for (size_t i = 0; i < n; i++) {
        Member m = {&entries[i], pieces_size(&entries[i].content), place, checksum(&entries[i].content)};
        Buf header = buf_in(arena);
        local_header(&header, &m);
        pieces_add(arena, out, header.at, header.n);
        for (size_t k = 0; k < m.entry->content.n; k++) pieces_add(arena, out, m.entry->content.at[k].bytes, m.entry->content.at[k].n);
        place += header.n + m.size;
        list_header(&list, &m);
    }
    end(&list, n, list.n, place);
    pieces_add(arena, out, list.at, list.n);
}
