/* Writing the HDF5 subset; see h5.h. First every structure gets its place, then all is put out in order of places: structures, then
 * the arrays. Groups hold their entries sorted by name, in leaves under a tree of one level. */
#include "runtime/base/bug.h"
#include "runtime/file/h5.h"

#include <stdlib.h>
#include <string.h>

#define UNDEFINED UINT64_MAX
#define TREE_K 16 /* a tree holds up to 2 K leaves */

typedef struct Node Node;
struct Node {
    const char *name;
    bool is_set;
    VEC(Node *) children; /* of a group */
    H5Type type;
    int rank;
    int64_t dim[H5_MAX_RANK];
    size_t bytes;
    const void *data;
    int32_t integer;
    uint64_t header, heap, heap_data, heap_size, tree, leaves, place; /* where its parts lie */
};

struct H5Out {
    Arena *arena;
    Node *root;
    uint64_t leaf_k; /* a leaf holds up to 2 leaf_k entries */
    uint64_t size;   /* 0: not laid out yet */
};

H5Out *h5_out_new(Arena *arena)
{
    H5Out *out = ARENA_NEW(arena, H5Out);
    out->arena = arena;
    out->root = ARENA_NEW(arena, Node);
    out->root->name = "";
    return out;
}

static Node *child(H5Out *out, Node *group, const char *name, size_t n)
{
    for (size_t i = 0; i < group->children.n; i++)
        if (strlen(group->children.at[i]->name) == n && memcmp(group->children.at[i]->name, name, n) == 0) return group->children.at[i];
    Node *node = ARENA_NEW(out->arena, Node);
    node->name = arena_text(out->arena, name, n);
    VEC_PUSH(out->arena, group->children, node);
    return node;
}

static Node *walk(H5Out *out, const char *path)
{
    Node *node = out->root;
    while (*path) {
        size_t n = strcspn(path, "/");
        if (n) node = child(out, node, path, n);
        path += n + (path[n] == '/');
    }
    out->size = 0;
    return node;
}

void h5_out_group(H5Out *out, const char *path)
{
    ENSURE(!walk(out, path)->is_set);
}

void h5_out_floats(H5Out *out, const char *path, int rank, const int64_t *dim, const float *data)
{
    Node *node = walk(out, path);
    ENSURE(!node->is_set && !node->children.n && rank <= H5_MAX_RANK);
    node->is_set = true;
    node->type = H5_FLOAT32;
    node->rank = rank;
    node->bytes = sizeof(float);
    for (int i = 0; i < rank; i++) {
        node->dim[i] = dim[i];
        node->bytes = memory_product(node->bytes, (size_t)dim[i]);
    }
    node->data = data;
}

void h5_out_int(H5Out *out, const char *path, int32_t value)
{
    Node *node = walk(out, path);
    ENSURE(!node->is_set && !node->children.n);
    node->is_set = true;
    node->type = H5_INT;
    node->bytes = sizeof value;
    node->integer = value;
    node->data = &node->integer;
}

/* ---- Places --------------------------------------------------------------------------------------------------------------------- */

static uint64_t align8(uint64_t n)
{
    return (n + 7) & ~(uint64_t)7;
}

static int by_name(const void *a, const void *b)
{
    return strcmp((*(Node *const *)a)->name, (*(Node *const *)b)->name);
}

static size_t most_children(const Node *node)
{
    size_t most = node->children.n;
    for (size_t i = 0; i < node->children.n; i++) {
        size_t below = most_children(node->children.at[i]);
        if (below > most) most = below;
    }
    return most;
}

enum { GROUP_HEADER = 16 + 8 + 16, HEAP_HEADER = 32, TREE_SIZE = 24 + (2 * TREE_K + 1) * 8 + 2 * TREE_K * 8 };
enum { MESSAGE_FILL = 8, MESSAGE_LAYOUT = 24 };

static uint64_t space_size(const Node *node) { return 8 + 8 * (uint64_t)node->rank; }
static uint64_t type_size(const Node *node) { return node->type == H5_INT ? 16 : 24; }
static uint64_t set_header_size(const Node *node) { return 4 * 8 + space_size(node) + type_size(node) + MESSAGE_FILL + MESSAGE_LAYOUT; }
static uint64_t leaf_size(const H5Out *out) { return 8 + 2 * out->leaf_k * 40; }

static uint64_t n_leaves(const H5Out *out, const Node *node)
{
    uint64_t per_leaf = 2 * out->leaf_k;
    return ((uint64_t)node->children.n + per_leaf - 1) / per_leaf;
}

static void place_structures(H5Out *out, Node *node, uint64_t *at)
{
    node->header = *at;
    if (node->is_set) {
        *at += 16 + set_header_size(node);
        return;
    }
    if (node->children.n) qsort(node->children.at, node->children.n, sizeof *node->children.at, by_name);
    *at += GROUP_HEADER;
    node->heap = *at;
    node->heap_data = node->heap + HEAP_HEADER;
    node->heap_size = 8;
    for (size_t i = 0; i < node->children.n; i++) node->heap_size += align8(strlen(node->children.at[i]->name) + 1);
    node->tree = node->heap_data + node->heap_size;
    node->leaves = node->tree + TREE_SIZE;
    *at = node->leaves + n_leaves(out, node) * leaf_size(out);
    for (size_t i = 0; i < node->children.n; i++) place_structures(out, node->children.at[i], at);
}

static void place_data(Node *node, uint64_t *at)
{
    if (node->is_set) {
        node->place = *at;
        *at = align8(*at + node->bytes);
    }
    for (size_t i = 0; i < node->children.n; i++) place_data(node->children.at[i], at);
}

static void lay_out(H5Out *out)
{
    if (out->size) return;
    uint64_t most = most_children(out->root), per_tree = 2 * TREE_K;
    out->leaf_k = 4;
    while (2 * out->leaf_k * per_tree < most) out->leaf_k *= 2;
    ENSURE(out->leaf_k < 32768);
    uint64_t at = 96;
    place_structures(out, out->root, &at);
    place_data(out->root, &at);
    out->size = at;
}

size_t h5_out_size(H5Out *out)
{
    lay_out(out);
    return (size_t)out->size;
}

/* ---- Putting out ---------------------------------------------------------------------------------------------------------------- */

typedef struct {
    bool (*put)(void *ctx, const void *bytes, size_t n);
    void *ctx;
    Buf buf;
    uint64_t at;
    bool ok;
} Sink;

static void flush(Sink *s)
{
    if (s->ok && s->buf.n) s->ok = s->put(s->ctx, s->buf.at, s->buf.n);
    s->buf.n = 0;
}

static void bytes(Sink *s, const void *data, size_t n)
{
    s->at += n;
    if (n >= 65536) {
        flush(s);
        if (s->ok) s->ok = s->put(s->ctx, data, n);
        return;
    }
    buf_put_n(&s->buf, data, n);
    if (s->buf.n >= 65536) flush(s);
}

static void number(Sink *s, uint64_t value, int size)
{
    uint8_t text[8];
    for (int i = 0; i < size; i++) text[i] = (uint8_t)(value >> (8 * i));
    bytes(s, text, (size_t)size);
}

static void zeros(Sink *s, uint64_t n)
{
    static const uint8_t nothing[64];
    for (; n > 0; n -= n < 64 ? n : 64) bytes(s, nothing, n < 64 ? n : 64);
}

static void superblock(Sink *s, const H5Out *out)
{
    bytes(s, "\x89HDF\r\n\x1a\n", 8);
    number(s, 0, 4); /* versions */
    number(s, 0, 1);
    number(s, 8, 1); /* offsets and lengths */
    number(s, 8, 1);
    number(s, 0, 1);
    number(s, out->leaf_k, 2);
    number(s, TREE_K, 2);
    number(s, 0, 4);
    number(s, 0, 8);
    number(s, UNDEFINED, 8);
    number(s, out->size, 8);
    number(s, UNDEFINED, 8);
    number(s, 0, 8); /* the root: no name, its header, its tree and heap */
    number(s, out->root->header, 8);
    number(s, 1, 4);
    number(s, 0, 4);
    number(s, out->root->tree, 8);
    number(s, out->root->heap, 8);
}

static void header(Sink *s, int n_messages, uint64_t size)
{
    number(s, 1, 2);
    number(s, (uint64_t)n_messages, 2);
    number(s, 1, 4);
    number(s, size, 4);
    number(s, 0, 4);
}

static void message(Sink *s, int type, uint64_t size, int flags)
{
    number(s, (uint64_t)type, 2);
    number(s, size, 2);
    number(s, (uint64_t)flags, 1);
    number(s, 0, 3);
}

static void set(Sink *s, const Node *node)
{
    header(s, 4, set_header_size(node));
    message(s, 0x01, space_size(node), 0);
    number(s, 1, 1);
    number(s, (uint64_t)node->rank, 1);
    number(s, 0, 6);
    for (int i = 0; i < node->rank; i++) number(s, (uint64_t)node->dim[i], 8);
    message(s, 0x03, type_size(node), 1);
    if (node->type == H5_INT) {
        static const uint8_t int32[16] = {0x10, 8, 0, 0, 4, 0, 0, 0, 0, 0, 32, 0};
        bytes(s, int32, sizeof int32);
    } else {
        static const uint8_t float32[24] = {0x11, 0x20, 31, 0, 4, 0, 0, 0, 0, 0, 32, 0, 23, 8, 0, 23, 127, 0, 0, 0};
        bytes(s, float32, sizeof float32);
    }
    message(s, 0x05, MESSAGE_FILL, 1);
    static const uint8_t fill[MESSAGE_FILL] = {2, 2, 2, 1};
    bytes(s, fill, sizeof fill);
    message(s, 0x08, MESSAGE_LAYOUT, 0);
    number(s, 3, 1);
    number(s, 1, 1);
    number(s, node->bytes ? node->place : UNDEFINED, 8);
    number(s, node->bytes, 8);
    zeros(s, 6);
}

static void group(Sink *s, const H5Out *out, const Node *node)
{
    header(s, 1, 8 + 16);
    message(s, 0x11, 16, 0);
    number(s, node->tree, 8);
    number(s, node->heap, 8);

    bytes(s, "HEAP", 4);
    number(s, 0, 4);
    number(s, node->heap_size, 8);
    number(s, 1, 8); /* no free block */
    number(s, node->heap_data, 8);
    zeros(s, 8);
    for (size_t i = 0; i < node->children.n; i++) {
        size_t n = strlen(node->children.at[i]->name) + 1;
        bytes(s, node->children.at[i]->name, n);
        zeros(s, align8(n) - n);
    }

    uint64_t leaves = n_leaves(out, node), per_leaf = 2 * out->leaf_k, begin = s->at;
    bytes(s, "TREE", 4);
    number(s, 0, 2);
    number(s, leaves, 2);
    number(s, UNDEFINED, 8);
    number(s, UNDEFINED, 8);
    number(s, 0, 8); /* the first key: the empty name */
    uint64_t name = 8;
    for (uint64_t l = 0; l < leaves; l++) {
        number(s, node->leaves + l * leaf_size(out), 8);
        uint64_t last = 0;
        for (uint64_t i = l * per_leaf; i < (l + 1) * per_leaf && i < node->children.n; i++) {
            last = name;
            name += align8(strlen(node->children.at[i]->name) + 1);
        }
        number(s, last, 8);
    }
    zeros(s, TREE_SIZE - (s->at - begin));

    name = 8;
    for (uint64_t l = 0; l < leaves; l++) {
        uint64_t left = node->children.n - l * per_leaf, count = left < per_leaf ? left : per_leaf;
        begin = s->at;
        bytes(s, "SNOD", 4);
        number(s, 1, 2);
        number(s, count, 2);
        for (uint64_t i = 0; i < count; i++) {
            const Node *entry = node->children.at[l * per_leaf + i];
            number(s, name, 8);
            number(s, entry->header, 8);
            number(s, entry->is_set ? 0 : 1, 4);
            number(s, 0, 4);
            number(s, entry->is_set ? 0 : entry->tree, 8);
            number(s, entry->is_set ? 0 : entry->heap, 8);
            name += align8(strlen(entry->name) + 1);
        }
        zeros(s, leaf_size(out) - (s->at - begin));
    }
}

static void structures(Sink *s, const H5Out *out, const Node *node)
{
    ENSURE(s->at == node->header);
    if (node->is_set) set(s, node);
    else group(s, out, node);
    for (size_t i = 0; i < node->children.n; i++) structures(s, out, node->children.at[i]);
}

static void arrays(Sink *s, const Node *node)
{
    if (node->is_set) {
        ENSURE(s->at == node->place);
        bytes(s, node->data, node->bytes);
        zeros(s, align8(node->bytes) - node->bytes);
    }
    for (size_t i = 0; i < node->children.n; i++) arrays(s, node->children.at[i]);
}

bool h5_out_write(H5Out *out, bool (*put)(void *ctx, const void *bytes, size_t n), void *ctx)
{
    lay_out(out);
    Sink s = {.put = put, .ctx = ctx, .buf = buf_in(out->arena), .ok = true};
    superblock(&s, out);
    structures(&s, out, out->root);
    arrays(&s, out->root);
    ENSURE(s.at == out->size);
    flush(&s);
    return s.ok;
}
