/* Reading the HDF5 subset; see h5.h. One cursor with bounds, and a table of what was visited. */
#include "runtime/file/h5.h"

#include <math.h>
#include <string.h>

#define MAX_DEPTH 32
#define MAX_LEVEL 8 /* of a tree whose nodes hold 32 others */
#define MAX_OBJECTS 2000000
#define PATHS_MOST 8 /* times the file's bytes */
#define UNDEFINED UINT64_MAX

static const uint8_t signature[8] = {0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};

typedef struct {
    Arena *arena;
    const uint8_t *bytes;
    uint64_t n;
    const char *file;
    Span span;
    Diags *diags;
    H5File *out;
    bool failed;
    VEC(uint64_t) visited; /* open hash of object headers */
    size_t n_objects;
    uint64_t path_bytes; /* of all paths together: names count again in each path below them */
} Reader;

bool h5_is(const uint8_t *bytes, size_t n)
{
    return n >= sizeof signature && memcmp(bytes, signature, sizeof signature) == 0;
}

static bool damaged(Reader *r, const char *what)
{
    if (!r->failed) diag_file_fault(diag(r->diags, E0810, r->span, A("file", r->file), A("what", what)));
    r->failed = true;
    return false;
}

static bool foreign_but(Reader *r, const char *where, const char *what, DiagText remedy)
{
    if (r->failed) return false;
    Diag *e = diag(r->diags, E0811, r->span, A("file", r->file), A("where", where[0] ? where : "/"), A("what", what));
    diag_fix(e, remedy);
    diag_file_fault(e);
    r->failed = true;
    return false;
}

static bool foreign(Reader *r, const char *where, const char *what)
{
    return foreign_but(r, where, what, E0811_help);
}

/* What h5py writes with libver="latest". */
static bool newer(Reader *r, const char *where, const char *what)
{
    return foreign_but(r, where, what, E0811_newer);
}

/* Whether n bytes at `at` lie in the file. */
static bool inside(const Reader *r, uint64_t at, uint64_t n)
{
    return at <= r->n && n <= r->n - at;
}

static uint64_t number(const Reader *r, uint64_t at, int size)
{
    uint64_t value = 0;
    for (int i = size - 1; i >= 0; i--) value = value << 8 | r->bytes[at + (uint64_t)i];
    return value;
}

/* Marks an object as visited; false where it was, or where there are too many. */
static bool visit(Reader *r, uint64_t address)
{
    if (++r->n_objects > MAX_OBJECTS) return damaged(r, "it has too many parts");
    if (r->n_objects * 2 > r->visited.cap) {
        size_t cap = r->visited.cap ? r->visited.cap * 4 : 1024;
        uint64_t *at = ARENA_ARRAY(r->arena, uint64_t, cap);
        for (size_t i = 0; i < r->visited.cap; i++) {
            if (!r->visited.at[i]) continue;
            size_t k = (size_t)(r->visited.at[i] * 0x9e3779b97f4a7c15u % cap);
            while (at[k]) k = (k + 1) % cap;
            at[k] = r->visited.at[i];
        }
        r->visited.at = at;
        r->visited.cap = cap;
    }
    size_t k = (size_t)((address + 1) * 0x9e3779b97f4a7c15u % r->visited.cap);
    for (; r->visited.at[k]; k = (k + 1) % r->visited.cap)
        if (r->visited.at[k] == address + 1) return damaged(r, "a part of it stands in two places");
    r->visited.at[k] = address + 1;
    return true;
}

/* ---- Messages of an object header ------------------------------------------------------------------------------------------ */

typedef struct {
    bool has_group, has_space, has_type, has_layout;
    uint64_t tree, heap;
    int rank;
    int64_t dim[H5_MAX_RANK];
    H5Type type;
    size_t size;
    bool is_signed;
    bool compact;
    uint64_t data, data_size;
} Object;

static bool read_space(Reader *r, uint64_t at, uint64_t n, const char *path, Object *o)
{
    if (n < 4) return damaged(r, "a shape is cut short");
    int version = r->bytes[at], rank = r->bytes[at + 1];
    uint64_t dims = version == 1 ? at + 8 : at + 4;
    if (version != 1 && version != 2) return foreign(r, path, "a shape of another version");
    if (rank > H5_MAX_RANK) return foreign(r, path, "an array of too many axes");
    if (n < dims - at + 8u * (uint64_t)rank) return damaged(r, "a shape is cut short");
    if (version == 2 && r->bytes[at + 3] == 2) return foreign(r, path, "an empty array");
    o->rank = rank;
    for (int i = 0; i < rank; i++) {
        uint64_t dim = number(r, dims + 8u * (uint64_t)i, 8);
        if (dim > INT64_MAX / 16) return damaged(r, "a shape is absurdly large");
        o->dim[i] = (int64_t)dim;
    }
    o->has_space = true;
    return true;
}

static bool read_type(Reader *r, uint64_t at, uint64_t n, const char *path, Object *o)
{
    if (n < 8) return damaged(r, "a type is cut short");
    int class = r->bytes[at] & 15, bits = r->bytes[at + 1];
    uint64_t size = number(r, at + 4, 4);
    static const char *const names[] = {"", "", "times", "texts", "bit fields", "opaque bytes", "compound records", "references", "enumerations",
                                        "texts of varying length", "nested arrays"};
    if (class > 1) return foreign(r, path, class <= 10 ? names[class] : "numbers of an unknown sort");
    if (bits & 1) return foreign(r, path, "big-endian numbers");
    if (n < (class == 1 ? 20u : 12u)) return damaged(r, "a type is cut short");
    uint64_t offset = number(r, at + 8, 2), precision = number(r, at + 10, 2);
    if (offset != 0 || precision != size * 8) return foreign(r, path, "numbers of an unusual layout");
    o->size = (size_t)size;
    if (class == 0) {
        if (size != 1 && size != 2 && size != 4 && size != 8) return foreign(r, path, "whole numbers of an unusual size");
        o->type = H5_INT;
        o->is_signed = bits & 8;
    } else {
        /* exponent location and size, mantissa location and size: IEEE half, single, double */
        static const uint8_t ieee[3][4] = {{10, 5, 0, 10}, {23, 8, 0, 23}, {52, 11, 0, 52}};
        int which = size == 2 ? 0 : size == 4 ? 1 : size == 8 ? 2 : -1;
        if (which < 0 || memcmp(r->bytes + at + 12, ieee[which], 4) != 0) return foreign(r, path, "numbers that are no IEEE floats");
        o->type = which == 0 ? H5_FLOAT16 : which == 1 ? H5_FLOAT32 : H5_FLOAT64;
    }
    o->has_type = true;
    return true;
}

static bool read_layout(Reader *r, uint64_t at, uint64_t n, const char *path, Object *o)
{
    if (n < 2) return damaged(r, "a layout is cut short");
    if (r->bytes[at] != 3) return foreign(r, path, "an array of another version");
    switch (r->bytes[at + 1]) {
    case 0:
        if (n < 4 || number(r, at + 2, 2) > n - 4) return damaged(r, "a layout is cut short");
        o->compact = true;
        o->data = at + 4;
        o->data_size = number(r, at + 2, 2);
        break;
    case 1:
        if (n < 18) return damaged(r, "a layout is cut short");
        o->data = number(r, at + 2, 8);
        o->data_size = number(r, at + 10, 8);
        break;
    case 2: return foreign(r, path, "an array in chunks");
    default: return foreign(r, path, "an array that lies elsewhere");
    }
    o->has_layout = true;
    return true;
}

static bool read_attribute(Reader *r, uint64_t at, uint64_t n, const char *path)
{
    if (path[0]) return true; /* only the root's tell anything */
    if (n < 8) return damaged(r, "an attribute is cut short");
    int version = r->bytes[at];
    uint64_t name_size = number(r, at + 2, 2), begin = version == 3 ? 9 : 8;
    if (n < begin || name_size > n - begin) return damaged(r, "an attribute is cut short");
    const char *name = (const char *)r->bytes + at + begin;
    size_t length = strnlen(name, (size_t)name_size);
    VEC_PUSH(r->arena, r->out->attributes, arena_text(r->arena, name, length));
    return true;
}

static bool read_message(Reader *r, int type, uint64_t at, uint64_t n, const char *path, Object *o)
{
    switch (type) {
    case 0x01: return read_space(r, at, n, path, o);
    case 0x03: return read_type(r, at, n, path, o);
    case 0x08: return read_layout(r, at, n, path, o);
    case 0x0C: return read_attribute(r, at, n, path);
    case 0x11:
        if (n < 16) return damaged(r, "a group is cut short");
        o->tree = number(r, at, 8);
        o->heap = number(r, at + 8, 8);
        o->has_group = true;
        return true;
    case 0x00: /* nothing */
    case 0x04: /* fill values, old and new */
    case 0x05:
    case 0x0D: /* comment */
    case 0x0E: /* times, old and new */
    case 0x12:
    case 0x10: /* continuation: the caller's */ return true;
    case 0x02:
    case 0x06:
    case 0x0A: return newer(r, path, "groups of the newer form");
    case 0x07: return foreign(r, path, "an array that lies in another file");
    case 0x0B: return foreign(r, path, "a filter (compression)");
    case 0x0F: return foreign(r, path, "shared messages");
    default: return foreign(r, path, arena_printf(r->arena, "a message of type %d", type));
    }
}

typedef struct {
    uint64_t at, n;
} Block;

/* All messages of an object header, in its continuation blocks too. */
static bool read_object(Reader *r, uint64_t address, const char *path, Object *o)
{
    if (!inside(r, address, 16)) return damaged(r, "an object lies outside the file");
    if (memcmp(r->bytes + address, "OHDR", 4) == 0) return newer(r, path, "objects of the newer form");
    if (r->bytes[address] != 1) return damaged(r, "an object has no header");
    uint64_t messages = number(r, address + 2, 2), size = number(r, address + 8, 4);
    VEC(Block) blocks = {0};
    Block first = {address + 16, size};
    VEC_PUSH(r->arena, blocks, first);
    uint64_t total = 0;
    for (size_t b = 0; b < blocks.n; b++) {
        Block block = blocks.at[b];
        if (!inside(r, block.at, block.n)) return damaged(r, "an object lies outside the file");
        total += block.n;
        if (b > 1024 || total > r->n) return damaged(r, "an object goes round in circles");
        for (uint64_t at = block.at, end = block.at + block.n; end - at >= 8 && messages > 0; messages--) {
            int type = (int)number(r, at, 2);
            uint64_t n = number(r, at + 2, 2);
            if (n > end - at - 8) return damaged(r, "a message is cut short");
            if (r->bytes[at + 4] & 2) return foreign(r, path, "shared messages");
            if (type == 0x10) {
                if (n < 16) return damaged(r, "a message is cut short");
                Block next = {number(r, at + 8, 8), number(r, at + 16, 8)};
                VEC_PUSH(r->arena, blocks, next);
            } else if (!read_message(r, type, at + 8, n, path, o)) {
                return false;
            }
            at += 8 + n;
        }
    }
    return true;
}

/* ---- Groups and arrays -------------------------------------------------------------------------------------------------------- */

static bool read_node(Reader *r, uint64_t address, const char *path, int depth);

static bool add_set(Reader *r, const Object *o, const char *path)
{
    H5Set set = {.path = path, .type = o->type, .size = o->size, .is_signed = o->is_signed, .rank = o->rank, .n = 1};
    if (!o->has_space || !o->has_type || !o->has_layout) return damaged(r, "an array lacks its shape, type or place");
    for (int i = 0; i < o->rank; i++) {
        set.dim[i] = o->dim[i];
        if (o->dim[i] && set.n > SIZE_MAX / 16 / (size_t)o->dim[i]) return damaged(r, "a shape is absurdly large");
        set.n *= (size_t)o->dim[i];
    }
    uint64_t bytes = (uint64_t)set.n * o->size;
    if (o->data == UNDEFINED && bytes > 0) return foreign(r, path, "an array that was never written");
    if (o->data_size < bytes || (bytes && !inside(r, o->data, bytes))) return damaged(r, "an array is cut short");
    set.data = bytes ? r->bytes + o->data : r->bytes;
    VEC_PUSH(r->arena, r->out->sets, set);
    name_index_add(r->out->paths, path);
    return true;
}

/* One leaf of names: each entry is a place in the heap and an object. */
static bool read_leaf(Reader *r, uint64_t at, uint64_t heap, uint64_t heap_size, const char *path, int depth)
{
    if (!inside(r, at, 8) || memcmp(r->bytes + at, "SNOD", 4) != 0) return damaged(r, "a group's list is broken");
    uint64_t count = number(r, at + 6, 2);
    if (!inside(r, at + 8, count * 40)) return damaged(r, "a group's list is cut short");
    for (uint64_t i = 0; i < count; i++) {
        uint64_t entry = at + 8 + i * 40, name = number(r, entry, 8);
        if (name >= heap_size) return damaged(r, "a name lies outside its list");
        const char *text = (const char *)r->bytes + heap + name;
        size_t length = strnlen(text, (size_t)(heap_size - name)), bad;
        if (length == heap_size - name || length == 0 || length > 4096) return damaged(r, "a name is broken");
        if (!str_utf8_valid(text, length, &bad)) return damaged(r, "a name is no UTF-8 text");
        r->path_bytes += strlen(path) + length;
        if (r->path_bytes > PATHS_MOST * r->n) return damaged(r, "its names are too long");
        const char *child = arena_printf(r->arena, "%s%s%.*s", path, path[0] ? "/" : "", (int)length, text);
        if (number(r, entry + 16, 4) == 2) return foreign(r, child, "a soft link");
        if (!read_node(r, number(r, entry + 8, 8), child, depth + 1)) return false;
    }
    return true;
}

/* A node of the tree over a group's leaves; level: how far above them it stands. */
static bool read_tree(Reader *r, uint64_t tree, int level, uint64_t heap, uint64_t heap_size, const char *path, int depth)
{
    if (!inside(r, tree, 24) || memcmp(r->bytes + tree, "TREE", 4) != 0) return damaged(r, "a group has no list");
    if (r->bytes[tree + 4] != 0 || r->bytes[tree + 5] != level) return damaged(r, "a group's list is broken");
    uint64_t entries = number(r, tree + 6, 2);
    if (!inside(r, tree + 24, 8 + entries * 16)) return damaged(r, "a group's list is cut short");
    for (uint64_t i = 0; i < entries; i++) {
        uint64_t below = number(r, tree + 24 + 8 + i * 16, 8);
        if (!visit(r, below)) return false;
        if (level ? !read_tree(r, below, level - 1, heap, heap_size, path, depth) : !read_leaf(r, below, heap, heap_size, path, depth)) return false;
    }
    return true;
}

static bool read_group(Reader *r, uint64_t tree, uint64_t heap, const char *path, int depth)
{
    if (!inside(r, heap, 32) || memcmp(r->bytes + heap, "HEAP", 4) != 0) return damaged(r, "a group has no names");
    uint64_t size = number(r, heap + 8, 8), data = number(r, heap + 24, 8);
    if (!inside(r, data, size)) return damaged(r, "a group's names lie outside the file");
    if (!inside(r, tree, 24)) return damaged(r, "a group has no list");
    int level = r->bytes[tree + 5];
    if (level > MAX_LEVEL) return damaged(r, "a group's list is broken");
    return read_tree(r, tree, level, data, size, path, depth);
}

static bool read_node(Reader *r, uint64_t address, const char *path, int depth)
{
    if (depth > MAX_DEPTH) return damaged(r, "groups are nested too deeply");
    if (!visit(r, address)) return false;
    Object object = {.data = UNDEFINED};
    if (!read_object(r, address, path, &object)) return false;
    if (!object.has_group) return add_set(r, &object, path);
    VEC_PUSH(r->arena, r->out->groups, path);
    return read_group(r, object.tree, object.heap, path, depth);
}

bool h5_read(Arena *arena, const uint8_t *bytes, size_t n, const char *file, Span span, Diags *diags, H5File *out)
{
    *out = (H5File){.file = file, .paths = name_index_new(arena)};
    Reader r = {.arena = arena, .bytes = bytes, .n = n, .file = file, .span = span, .diags = diags, .out = out};
    if (!h5_is(bytes, n)) return damaged(&r, "it does not begin like an HDF5 file");
    if (n < 96) return damaged(&r, "it is cut short");
    if (bytes[8] != 0) return newer(&r, "", "the newer form of HDF5");
    if (bytes[13] != 8 || bytes[14] != 8) return foreign(&r, "", "offsets that are not 8 bytes long");
    if (number(&r, 24, 8) != 0) return foreign(&r, "", "a block before its beginning");
    if (number(&r, 40, 8) > n) return damaged(&r, "it is cut short");
    return read_node(&r, number(&r, 64, 8), "", 0);
}

/* ---- Access ------------------------------------------------------------------------------------------------------------------- */

const H5Set *h5_find(const H5File *file, const char *path)
{
    size_t at = name_index_find(file->paths, path);
    return at == NO_NAME ? NULL : &file->sets.at[at];
}

bool h5_has_group(const H5File *file, const char *path)
{
    for (size_t i = 0; i < file->groups.n; i++)
        if (str_eq(file->groups.at[i], path)) return true;
    return false;
}

static float half(uint16_t bits)
{
    int exponent = bits >> 10 & 31, mantissa = bits & 1023;
    double sign = bits & 0x8000 ? -1.0 : 1.0;
    if (exponent == 31) return mantissa ? NAN : (float)(sign * (double)INFINITY);
    return (float)(sign * (exponent ? ldexp(1024 + mantissa, exponent - 25) : ldexp(mantissa, -24)));
}

static int64_t whole(const H5Set *set, size_t i)
{
    uint64_t value = 0;
    for (size_t b = set->size; b-- > 0;) value = value << 8 | set->data[i * set->size + b];
    if (set->is_signed && set->size < 8 && value >> (8 * set->size - 1)) value |= UINT64_MAX << (8 * set->size);
    return (int64_t)value;
}

void h5_floats(const H5Set *set, float *out)
{
    switch (set->type) {
    case H5_FLOAT32: memcpy(out, set->data, set->n * sizeof(float)); break;
    case H5_FLOAT64:
        for (size_t i = 0; i < set->n; i++) {
            double value;
            memcpy(&value, set->data + 8 * i, 8);
            out[i] = (float)value;
        }
        break;
    case H5_FLOAT16:
        for (size_t i = 0; i < set->n; i++) out[i] = half((uint16_t)(set->data[2 * i] | set->data[2 * i + 1] << 8));
        break;
    case H5_INT:
        for (size_t i = 0; i < set->n; i++) out[i] = (float)whole(set, i);
        break;
    }
}

int64_t h5_integer(const H5Set *set)
{
    if (set->n == 0) return 0;
    if (set->type == H5_INT) return whole(set, 0);
    H5Set first = *set;
    first.n = 1;
    float value;
    h5_floats(&first, &value);
    return value > -9e18f && value < 9e18f ? (int64_t)value : 0;
}
