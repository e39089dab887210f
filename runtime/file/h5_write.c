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
    uint64_t size;
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

/* Places for everything; where the structures end. */
static uint64_t lay_out(H5Out *out)
{
    uint64_t most = most_children(out->root), per_tree = 2 * TREE_K;
    out->leaf_k = 4;
    while (2 * out->leaf_k * per_tree < most) out->leaf_k *= 2;
    ENSURE(out->leaf_k < 32768);
    uint64_t at = 96;
    place_structures(out, out->root, &at);
    uint64_t end = at;
    place_data(out->root, &at);
    out->size = at;
    return end;
}

/* ---- Putting out ---------------------------------------------------------------------------------------------------------------- */

static void zeros(Buf *b, uint64_t n)
{
    for (; n > 0; n--) buf_char(b, 0);
}

static void superblock(Buf *b, const H5Out *out)
{
    buf_put_n(b, "\x89HDF\r\n\x1a\n", 8);
    buf_little_endian(b, 0, 4); /* versions */
    buf_little_endian(b, 0, 1);
    buf_little_endian(b, 8, 1); /* offsets and lengths */
    buf_little_endian(b, 8, 1);
    buf_little_endian(b, 0, 1);
    buf_little_endian(b, out->leaf_k, 2);
    buf_little_endian(b, TREE_K, 2);
    buf_little_endian(b, 0, 4);
    buf_little_endian(b, 0, 8);
    buf_little_endian(b, UNDEFINED, 8);
    buf_little_endian(b, out->size, 8);
    buf_little_endian(b, UNDEFINED, 8);
    buf_little_endian(b, 0, 8); /* the root: no name, its header, its tree and heap */
    buf_little_endian(b, out->root->header, 8);
    buf_little_endian(b, 1, 4);
    buf_little_endian(b, 0, 4);
    buf_little_endian(b, out->root->tree, 8);
    buf_little_endian(b, out->root->heap, 8);
}

static void header(Buf *b, int n_messages, uint64_t size)
{
    buf_little_endian(b, 1, 2);
    buf_little_endian(b, (uint64_t)n_messages, 2);
    buf_little_endian(b, 1, 4);
    buf_little_endian(b, size, 4);
    buf_little_endian(b, 0, 4);
}

static void message(Buf *b, int type, uint64_t size, int flags)
{
    buf_little_endian(b, (uint64_t)type, 2);
    buf_little_endian(b, size, 2);
    buf_little_endian(b, (uint64_t)flags, 1);
    buf_little_endian(b, 0, 3);
}

static void set(Buf *b, const Node *node)
{
    header(b, 4, set_header_size(node));
    message(b, 0x01, space_size(node), 0);
    buf_little_endian(b, 1, 1);
    buf_little_endian(b, (uint64_t)node->rank, 1);
    buf_little_endian(b, 0, 6);
    for (int i = 0; i < node->rank; i++) buf_little_endian(b, (uint64_t)node->dim[i], 8);
    message(b, 0x03, type_size(node), 1);
    if (node->type == H5_INT) {
        static const uint8_t int32[16] = {0x10, 8, 0, 0, 4, 0, 0, 0, 0, 0, 32, 0};
        buf_put_n(b, (const char *)int32, sizeof int32);
    } else {
        static const uint8_t float32[24] = {0x11, 0x20, 31, 0, 4, 0, 0, 0, 0, 0, 32, 0, 23, 8, 0, 23, 127, 0, 0, 0};
        buf_put_n(b, (const char *)float32, sizeof float32);
    }
    message(b, 0x05, MESSAGE_FILL, 1);
    static const uint8_t fill[MESSAGE_FILL] = {2, 2, 2, 1};
    buf_put_n(b, (const char *)fill, sizeof fill);
    message(b, 0x08, MESSAGE_LAYOUT, 0);
    buf_little_endian(b, 3, 1);
    buf_little_endian(b, 1, 1);
    buf_little_endian(b, node->bytes ? node->place : UNDEFINED, 8);
    buf_little_endian(b, node->bytes, 8);
    zeros(b, 6);
}

static void group(Buf *b, const H5Out *out, const Node *node)
{
    header(b, 1, 8 + 16);
    message(b, 0x11, 16, 0);
    buf_little_endian(b, node->tree, 8);
    buf_little_endian(b, node->heap, 8);

    buf_put_n(b, "HEAP", 4);
    buf_little_endian(b, 0, 4);
    buf_little_endian(b, node->heap_size, 8);
    buf_little_endian(b, 1, 8); /* no free block */
    buf_little_endian(b, node->heap_data, 8);
    zeros(b, 8);
    for (size_t i = 0; i < node->children.n; i++) {
        size_t n = strlen(node->children.at[i]->name) + 1;
        buf_put_n(b, node->children.at[i]->name, n);
        zeros(b, align8(n) - n);
    }

    uint64_t leaves = n_leaves(out, node), per_leaf = 2 * out->leaf_k, begin = b->n;
    buf_put_n(b, "TREE", 4);
    buf_little_endian(b, 0, 2);
    buf_little_endian(b, leaves, 2);
    buf_little_endian(b, UNDEFINED, 8);
    buf_little_endian(b, UNDEFINED, 8);
    buf_little_endian(b, 0, 8); /* the first key: the empty name */
    uint64_t name = 8;
    for (uint64_t l = 0; l < leaves; l++) {
        buf_little_endian(b, node->leaves + l * leaf_size(out), 8);
        uint64_t last = 0;
        for (uint64_t i = l * per_leaf; i < (l + 1) * per_leaf && i < node->children.n; i++) {
            last = name;
            name += align8(strlen(node->children.at[i]->name) + 1);
        }
        buf_little_endian(b, last, 8);
    }
    zeros(b, TREE_SIZE - (b->n - begin));

    name = 8;
    for (uint64_t l = 0; l < leaves; l++) {
        uint64_t left = node->children.n - l * per_leaf, count = left < per_leaf ? left : per_leaf;
        begin = b->n;
        buf_put_n(b, "SNOD", 4);
        buf_little_endian(b, 1, 2);
        buf_little_endian(b, count, 2);
        for (uint64_t i = 0; i < count; i++) {
            const Node *entry = node->children.at[l * per_leaf + i];
            buf_little_endian(b, name, 8);
            buf_little_endian(b, entry->header, 8);
            buf_little_endian(b, entry->is_set ? 0 : 1, 4);
            buf_little_endian(b, 0, 4);
            buf_little_endian(b, entry->is_set ? 0 : entry->tree, 8);
            buf_little_endian(b, entry->is_set ? 0 : entry->heap, 8);
            name += align8(strlen(entry->name) + 1);
        }
        zeros(b, leaf_size(out) - (b->n - begin));
    }
}

static void structures(Buf *b, const H5Out *out, const Node *node)
{
    ENSURE(b->n == node->header);
    if (node->is_set) set(b, node);
    else group(b, out, node);
    for (size_t i = 0; i < node->children.n; i++) structures(b, out, node->children.at[i]);
}

static void arrays(Pieces *pieces, const H5Out *out, const Node *node)
{
    static const uint8_t padding[8];
    if (node->is_set) {
        pieces_add(out->arena, pieces, node->data, node->bytes);
        pieces_add(out->arena, pieces, padding, align8(node->bytes) - node->bytes);
    }
    for (size_t i = 0; i < node->children.n; i++) arrays(pieces, out, node->children.at[i]);
}

Pieces h5_out_pieces(H5Out *out)
{
    uint64_t end = lay_out(out);
    Buf b = {.arena = out->arena, .at = arena_alloc(out->arena, (size_t)end + 1), .cap = (size_t)end + 1};
    superblock(&b, out);
    structures(&b, out, out->root);
    ENSURE(b.n == end);
    Pieces pieces = {0};
    pieces_add(out->arena, &pieces, b.at, b.n);
    arrays(&pieces, out, out->root);
    ENSURE(pieces_size(&pieces) == out->size);
    return pieces;
}
